//! Imported comments and reactions as rows, many at once.

use super::{
    Importer,
    addresses::Former,
    guests::key_of,
    index::{Known, Meeting},
    order::{Placed, in_order},
    origins::{handle_of, reaction_of},
    threads::Waiting,
};
use crate::{
    content::Html,
    importing::{
        ImportError,
        model::{ImportedComment, ImportedCommentState, Located, Place},
        prepare::{Ready, is_web_address, short_hash},
        report::Fate,
    },
    store::{CommentChange, CommentState, ImportKind, ImportRecord, ImportedCommentRow, Tx, now},
};
use std::collections::HashMap;

const COMMENTS: &str = "comments";
const REACTIONS: &str = "reactions";

impl Importer<'_> {
    /// Stores comments that are new, or that have changed in the source only. Nobody is notified, and nothing is scored.
    pub(super) async fn store_comments(
        &mut self,
        tx: &mut Tx,
        comments: Vec<Located<Ready<ImportedComment>>>,
    ) -> Result<(), ImportError> {
        let mut new: Vec<Placed> = Vec::new();
        for located in comments {
            let comment = &located.value.item;
            let Some(article) = self.index.id(ImportKind::Article, &comment.article) else {
                let article = comment.article.clone();
                self.orphans.entry(article).or_default().push(located);
                continue;
            };
            let reaction = reaction_of(comment.kind);
            let (kind, counted) = match reaction {
                Some(_) => (ImportKind::Reaction, REACTIONS),
                None => (ImportKind::Comment, COMMENTS),
            };
            let fate = match (
                self.index.meet(kind, &comment.key, &located.value.hash),
                reaction,
            ) {
                (Meeting::Unchanged, _) | (Meeting::Changed(_), Some(_)) => Some(Fate::Unchanged),
                (Meeting::New, Some(reaction)) => {
                    self.store_reaction(tx, &located, article, reaction).await?
                }
                (Meeting::New, None) => {
                    new.push((located, article));
                    None
                }
                (Meeting::Changed(known), None) => {
                    self.change_comment(tx, &located, article, &known).await?
                }
                (Meeting::Twice, _) => {
                    let message = format!("another comment has the id {}", comment.key);
                    self.report.broken.push(&located.place, message);
                    None
                }
            };
            if let Some(fate) = fate {
                self.report.count(counted, fate);
            }
        }
        self.add_comments(tx, new).await
    }

    async fn add_comments(&mut self, tx: &mut Tx, mut new: Vec<Placed>) -> Result<(), ImportError> {
        self.leave_out_broken(&mut new);
        if new.is_empty() {
            return Ok(());
        }
        // Numbers follow the dates, as the page shows them.
        let new = in_order(new);
        let local: Vec<&ImportedComment> = new
            .iter()
            .map(|(located, _)| &located.value.item)
            .filter(|comment| self.origin_of(comment).is_none())
            .collect();
        self.find_guests(tx, &local).await?;
        let mut articles: Vec<i64> = new.iter().map(|(_, article)| *article).collect();
        articles.dedup();
        let mut numbers: HashMap<i64, i64> = match self.options.is_dry_run {
            true => articles.iter().map(|id| (*id, 0)).collect(),
            false => tx
                .lock_comment_numbers(&articles)
                .await?
                .into_iter()
                .collect(),
        };
        let mut rows = Vec::with_capacity(new.len());
        let mut stored = Vec::with_capacity(new.len());
        for (located, article) in new {
            let Some(number) = numbers.get_mut(&article) else {
                self.warn(
                    &located.place,
                    "its article was deleted here: it is left out",
                );
                continue;
            };
            *number += 1;
            rows.push(self.row_of(tx, &located.value, article, *number).await?);
            stored.push((located, article));
        }
        let ids = self.insert(tx, &rows, &numbers).await?;
        let mut replies = Vec::new();
        let mut records = Vec::new();
        let mut addresses = Vec::new();
        for ((located, article), row) in stored.into_iter().zip(&rows) {
            let Some(id) = ids.get(&row.uri).copied() else {
                continue;
            };
            self.report.count(COMMENTS, Fate::Added);
            self.threads.insert(id, article);
            let Located { place, value } = located;
            let former = value.item.former_path.as_deref();
            if let Some(Former::Path(former) | Former::Query(former)) =
                former.and_then(|former| self.former(former))
            {
                addresses.push((former, id));
            }
            records.push(ImportRecord {
                kind: ImportKind::Comment,
                key: value.item.key.clone(),
                ref_id: id,
                source_hash: value.hash,
                stored_hash: hash_of(
                    &row.author_name,
                    row.author_url.as_deref(),
                    &row.content,
                    row.state,
                ),
                is_open: false,
                address: None,
            });
            if let Some(parent) = value.item.parent.filter(|parent| !parent.is_empty()) {
                replies.push((place, id, article, parent, records.len() - 1));
            }
        }
        for record in &records {
            self.index.note(record.clone());
        }
        if !self.options.is_dry_run {
            tx.add_comment_addresses(&addresses).await?;
        }
        self.link_new(tx, replies, &records).await
    }

    /// Links new comments to their parents. Those whose parents come later are recorded as changed, so that an import that
    /// is repeated after an interruption links them.
    async fn link_new(
        &mut self,
        tx: &mut Tx,
        replies: Vec<(Place, i64, i64, String, usize)>,
        records: &[ImportRecord],
    ) -> Result<(), ImportError> {
        let positions: Vec<usize> = replies.iter().map(|reply| reply.4).collect();
        let replies: Vec<(Place, i64, i64, String)> = replies
            .into_iter()
            .map(|(place, id, article, parent, _)| (place, id, article, parent))
            .collect();
        for missing in self.link_comments(tx, &replies).await? {
            let record = &records[positions[missing]];
            self.index.note(ImportRecord {
                source_hash: String::new(),
                ..record.clone()
            });
            let (place, _, article_id, parent) = replies[missing].clone();
            let waiting = Waiting {
                record: record.clone(),
                article_id,
                parent,
            };
            self.threads.wait(place, waiting);
        }
        Ok(())
    }

    fn leave_out_broken(&mut self, new: &mut Vec<Placed>) {
        let report = &mut self.report;
        new.retain(|(located, _)| {
            let html = Html::unverified(located.value.text.clone());
            let is_blank = html.is_blank() && html.links().is_empty();
            if is_blank {
                report.broken.push(&located.place, "its text is empty");
            }
            !is_blank
        });
    }

    /// Stores rows. Returns the id of each by its uri; one that is here already, from the fediverse, is found.
    async fn insert(
        &mut self,
        tx: &mut Tx,
        rows: &[ImportedCommentRow],
        numbers: &HashMap<i64, i64>,
    ) -> Result<HashMap<String, i64>, ImportError> {
        if self.options.is_dry_run {
            let ids = rows
                .iter()
                .map(|row| (row.uri.clone(), self.index.fake_id()));
            return Ok(ids.collect());
        }
        let added = tx.add_imported_comments(rows).await?;
        let mut ids: HashMap<String, i64> = added.into_iter().map(|(id, uri)| (uri, id)).collect();
        let missing: Vec<String> = rows
            .iter()
            .filter(|row| !ids.contains_key(&row.uri))
            .map(|row| row.uri.clone())
            .collect();
        if !missing.is_empty() {
            let known = tx.comments_with_uris(&missing).await?;
            ids.extend(known.into_iter().map(|(id, uri)| (uri, id)));
        }
        let numbers: Vec<(i64, i64)> = numbers.iter().map(|(id, number)| (*id, *number)).collect();
        tx.set_comment_numbers(&numbers).await?;
        Ok(ids)
    }

    async fn row_of(
        &mut self,
        tx: &mut Tx,
        ready: &Ready<ImportedComment>,
        article_id: i64,
        number: i64,
    ) -> Result<ImportedCommentRow, ImportError> {
        let comment = &ready.item;
        let origin = self.origin_of(comment).cloned();
        let name = match comment.author_name.is_empty() {
            true => "Anonymous".to_owned(),
            false => comment.author_name.clone(),
        };
        let mut row = ImportedCommentRow {
            article_id,
            number,
            uri: self.own_uri(&comment.key),
            url: None,
            actor_id: None,
            guest_id: None,
            author_name: name,
            author_handle: String::new(),
            author_url: comment.author_url.clone(),
            content: ready.text.clone(),
            state: state_of(comment.state),
            reason: (comment.state == ImportedCommentState::Held)
                .then(|| "it waited for a decision on the other site".to_owned()),
            published_at: comment.published_at.unwrap_or_else(now),
        };
        match origin {
            Some(origin) => {
                row.actor_id = self.actor_of(tx, &origin, &row.author_name).await?;
                row.author_handle =
                    handle_of(&origin).map_or_else(String::new, |it| it.to_string());
                row.url = origin.url.filter(|url| is_web_address(url));
                if !self.options.is_dry_run {
                    tx.save_spelling(&origin.uri).await?;
                }
                row.uri = origin.uri;
            }
            None => row.guest_id = self.guest(&key_of(comment)),
        }
        Ok(row)
    }

    /// Returns the id of a comment that was made on the other site. It is the same in every import.
    fn own_uri(&self, key: &str) -> String {
        let uid = self
            .node
            .tokens
            .hash(&format!("import\n{}\n{key}", self.source));
        self.node.urls().note(&uid)
    }

    /// Replaces a comment, unless it was changed here too, and links it to its parent if it was not.
    async fn change_comment(
        &mut self,
        tx: &mut Tx,
        located: &Located<Ready<ImportedComment>>,
        article_id: i64,
        known: &Known,
    ) -> Result<Option<Fate>, ImportError> {
        let Located { place, value } = located;
        let comment = &value.item;
        let Some(old) = tx.comment(known.id).await? else {
            self.report
                .conflicts
                .push(place, "it was deleted here, and stays deleted");
            return Ok(None);
        };
        let url = old.author_url.as_deref();
        if hash_of(&old.author_name, url, &old.content, old.state) != known.stored_hash {
            self.report
                .conflicts
                .push(place, "it was changed here too, and stays as it is");
            return Ok(None);
        }
        let change = CommentChange {
            author_name: match comment.author_name.as_str() {
                "" => "Anonymous",
                name => name,
            },
            author_url: comment.author_url.as_deref(),
            content: &value.text,
            state: state_of(comment.state),
        };
        if !self.options.is_dry_run {
            tx.change_imported_comment(old.id, &change).await?;
        }
        let record = ImportRecord {
            kind: ImportKind::Comment,
            key: comment.key.clone(),
            ref_id: old.id,
            source_hash: value.hash.clone(),
            stored_hash: hash_of(
                change.author_name,
                change.author_url,
                change.content,
                change.state,
            ),
            is_open: false,
            address: None,
        };
        self.index.note(record.clone());
        self.threads.insert_known(old.id, article_id, old.parent_id);
        let parent = comment.parent.clone().filter(|parent| !parent.is_empty());
        if let (Some(parent), None) = (parent, old.parent_id) {
            self.threads.wait(
                place.clone(),
                Waiting {
                    record,
                    article_id,
                    parent,
                },
            );
        }
        Ok(Some(Fate::Changed))
    }

    /// Reports the comments whose articles did not come.
    pub(super) fn finish_orphans(&mut self) {
        for (article, orphans) in std::mem::take(&mut self.orphans) {
            let message = match self.index.id(ImportKind::Note, &article) {
                Some(_) => "notes have no comments here".to_owned(),
                None => format!("its article {article} is not there"),
            };
            for orphan in orphans {
                self.report.broken.push(&orphan.place, message.clone());
            }
        }
    }
}

fn state_of(state: ImportedCommentState) -> CommentState {
    match state {
        ImportedCommentState::Visible => CommentState::Visible,
        ImportedCommentState::Held => CommentState::Held,
        ImportedCommentState::Spam => CommentState::Spam,
        ImportedCommentState::Hidden => CommentState::Hidden,
    }
}

/// Returns the hash of a comment as it is stored, by which changes are detected that were made here.
fn hash_of(name: &str, url: Option<&str>, content: &str, state: CommentState) -> String {
    let url = url.unwrap_or_default();
    short_hash(format!("{name}\n{url}\n{}\n{content}", state.as_str()).as_bytes())
}
