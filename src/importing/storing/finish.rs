//! The end of an import: threads, pictures and links, which need what comes later in the source.

use super::{Importer, articles, links::Completed, pages};
use crate::{
    content::clean_line,
    importing::{ImportError, Report, Step, model::Place},
    node::media::Claims,
    publishing::{Announced, Announcement},
    store::{
        Article, ArticleFields, AuthorFields, ImportKind, ImportRecord, PageFields, StaticPage, Tx,
    },
};
use std::collections::{BTreeMap, HashSet};

/// The number of texts that are completed in one transaction.
const BATCH: i64 = 100;
/// The maximum length of an alternative text, in characters.
const MAX_ALT: usize = 1500;

/// A text that is looked after.
struct Finished {
    record: ImportRecord,
    claims: Vec<Claims>,
    change: Option<Change>,
}

/// A text with other addresses.
enum Change {
    Article(Box<(Article, ArticleFields)>),
    Page(Box<(StaticPage, PageFields)>),
}

impl Importer<'_> {
    /// Stores what is left, and completes the texts.
    pub(in crate::importing) async fn finish(
        mut self,
        on_step: &(dyn Fn(Step) + Sync),
    ) -> Result<Report, ImportError> {
        self.flush().await?;
        self.finish_orphans();
        self.finish_threads().await?;
        if !self.options.is_dry_run {
            self.node.store.wake();
            let mut conn = self.node.store.read().await?;
            let count = conn.count_open_imports(&self.source).await?;
            drop(conn);
            on_step(Step::Stored(count.unsigned_abs()));
            for kind in [ImportKind::Article, ImportKind::Page] {
                self.complete_texts(kind, on_step).await?;
            }
            self.add_author_pictures(on_step).await?;
            self.node.store.wake();
        }
        Ok(self.report)
    }

    /// Takes in the files of texts, and lets their links lead here.
    async fn complete_texts(
        &mut self,
        kind: ImportKind,
        on_step: &(dyn Fn(Step) + Sync),
    ) -> Result<(), ImportError> {
        let mut after = String::new();
        loop {
            let mut conn = self.node.store.read().await?;
            let open = conn.open_imports(&self.source, kind, &after, BATCH).await?;
            let ids: Vec<i64> = open.iter().map(|record| record.ref_id).collect();
            let articles = match kind {
                ImportKind::Article => conn.articles_by_ids(&ids).await?,
                _ => Vec::new(),
            };
            drop(conn);
            let Some(last) = open.last() else {
                return Ok(());
            };
            after.clone_from(&last.key);
            let mut finished = Vec::with_capacity(open.len());
            for record in open {
                finished.push(match kind {
                    ImportKind::Article => {
                        let article = articles.iter().find(|article| article.id == record.ref_id);
                        self.complete_article(record, article).await?
                    }
                    _ => self.complete_page(record).await?,
                });
                on_step(Step::Text);
            }
            self.store_finished(finished).await?;
        }
    }

    /// Completes an article. One that was changed here in the meantime is left alone.
    async fn complete_article(
        &mut self,
        record: ImportRecord,
        article: Option<&Article>,
    ) -> Result<Finished, ImportError> {
        let Some(article) = article.filter(|article| {
            let fields = ArticleFields::from(*article);
            articles::stored_hash(&fields, article.status) == record.stored_hash
        }) else {
            return Ok(Finished::closed(record));
        };
        let place = Place {
            item: format!("article {}", article.slug),
            ..Place::default()
        };
        let image = article.image_url.as_deref();
        let completed = self
            .complete(&place, &article.markdown, image, true)
            .await?;
        let mut fields = ArticleFields::from(article);
        let mut is_changed = completed.apply(&mut fields.markdown, &mut fields.image_url);
        if let Some(alt) = image.and_then(|image| self.alts.get(image))
            && fields.image_alt.is_none()
        {
            fields.image_alt = Some(clean_line(alt, MAX_ALT));
            is_changed = true;
        }
        let stored_hash = articles::stored_hash(&fields, article.status);
        let change = is_changed.then(|| Change::Article(Box::new((article.clone(), fields))));
        Ok(completed.finished(record, stored_hash, change))
    }

    async fn complete_page(&mut self, record: ImportRecord) -> Result<Finished, ImportError> {
        let mut conn = self.node.store.read().await?;
        let page = pages::by_id(&mut conn, record.ref_id).await?;
        drop(conn);
        let Some(page) =
            page.filter(|page| pages::stored_hash(&PageFields::from(page)) == record.stored_hash)
        else {
            return Ok(Finished::closed(record));
        };
        let place = Place {
            item: format!("page {}", page.slug),
            ..Place::default()
        };
        let image = page.image_url.as_deref();
        let completed = self.complete(&place, &page.markdown, image, true).await?;
        let mut fields = PageFields::from(&page);
        let is_changed = completed.apply(&mut fields.markdown, &mut fields.image_url);
        let stored_hash = pages::stored_hash(&fields);
        let change = is_changed.then(|| Change::Page(Box::new((page, fields))));
        Ok(completed.finished(record, stored_hash, change))
    }

    /// Stores texts in one transaction. One that was changed here in the meantime stays as it is.
    async fn store_finished(&mut self, finished: Vec<Finished>) -> Result<(), ImportError> {
        let mut tx = self.node.store.begin().await?;
        let announced = Announced::begin(&mut tx, Announcement::Silent).await?;
        let unchanged = lock_unchanged(&mut tx, &finished).await?;
        for text in finished {
            match text.change {
                Some(Change::Article(article)) if unchanged.contains(&article.0.id) => {
                    tx.update_article(article.0.id, &article.1).await?;
                }
                Some(Change::Article(_)) => {}
                Some(Change::Page(page)) => tx.update_page(page.0.id, &page.1).await?,
                None => {}
            }
            for claims in text.claims {
                claims.release(&mut tx).await?;
            }
            self.index.note(text.record);
        }
        announced.end(&mut tx).await?;
        self.end(tx).await
    }

    /// Takes in the pictures of authors who have none. The next import tries again to have those that can't be had.
    async fn add_author_pictures(
        &mut self,
        on_step: &(dyn Fn(Step) + Sync),
    ) -> Result<(), ImportError> {
        for (place, record, picture) in std::mem::take(&mut self.authors.pictures) {
            on_step(Step::Text);
            let completed = self.complete(&place, "", Some(&picture), false).await?;
            if completed.lacks_files {
                continue;
            }
            let mut tx = self.node.store.begin().await?;
            let authors = tx.authors().await?;
            let author = authors
                .into_iter()
                .find(|author| author.id == record.ref_id && author.picture_url.is_none());
            if let (Some(author), Some(address)) = (author, completed.image) {
                let announced = Announced::begin(&mut tx, Announcement::Silent).await?;
                let fields = AuthorFields {
                    picture_url: Some(address),
                    picture_alt: author.picture_alt.clone(),
                    links: author.links(),
                    name: author.name,
                    bio: author.bio,
                    federated: author.federated,
                };
                tx.update_author(author.id, &fields).await?;
                announced.end(&mut tx).await?;
            }
            for claims in completed.claims {
                claims.release(&mut tx).await?;
            }
            self.index.note(ImportRecord {
                is_open: false,
                ..record
            });
            self.end(tx).await?;
        }
        Ok(())
    }
}

/// Locks the articles whose texts change. Returns the ids of those that are still as they were.
async fn lock_unchanged(tx: &mut Tx, finished: &[Finished]) -> Result<HashSet<i64>, ImportError> {
    let changes = finished.iter().filter_map(|text| match &text.change {
        Some(Change::Article(article)) => Some(&article.0),
        _ => None,
    });
    // In order, so that two imports never wait for each other.
    let old: BTreeMap<i64, &Article> = changes.map(|article| (article.id, article)).collect();
    for id in old.keys() {
        tx.lock_article(*id).await?;
    }
    let ids: Vec<i64> = old.keys().copied().collect();
    let now = tx.articles_by_ids(&ids).await?;
    Ok(now
        .iter()
        .filter(|now| old.get(&now.id).is_some_and(|old| now.is_same_as(old)))
        .map(|now| now.id)
        .collect())
}

impl Finished {
    /// Returns the record of a text in which nothing is replaced.
    fn closed(record: ImportRecord) -> Finished {
        Finished {
            record: ImportRecord {
                is_open: false,
                ..record
            },
            claims: Vec::new(),
            change: None,
        }
    }
}

impl Completed {
    /// Writes replaced addresses. Returns whether there are any.
    fn apply(&self, markdown: &mut String, image_url: &mut Option<String>) -> bool {
        if let Some(text) = &self.text {
            markdown.clone_from(text);
        }
        if self.image.is_some() {
            image_url.clone_from(&self.image);
        }
        self.text.is_some() || self.image.is_some()
    }

    fn finished(
        self,
        record: ImportRecord,
        stored_hash: String,
        change: Option<Change>,
    ) -> Finished {
        Finished {
            record: ImportRecord {
                stored_hash,
                is_open: self.lacks_files,
                ..record
            },
            claims: self.claims,
            change,
        }
    }
}
