//! The threads of imported comments. A parent may come after its replies, in another batch too.

use super::Importer;
use crate::{
    importing::{
        ImportError,
        model::{Located, Place},
    },
    store::{ImportKind, ImportRecord, Tx},
};
use std::collections::{HashMap, HashSet};

/// The number of comments that are looked after in one transaction.
const BATCH: usize = 1000;

/// The comments that this import stored, with their parents.
#[derive(Default)]
pub(super) struct Threads {
    /// The article and the parent of each comment.
    comments: HashMap<i64, (i64, Option<i64>)>,
    /// Comments that have replies, or may have some of an earlier import.
    with_replies: HashSet<i64>,
    /// Comments whose parents did not come yet.
    waiting: Vec<Located<Waiting>>,
}

/// A comment whose parent did not come yet.
pub(super) struct Waiting {
    pub(super) record: ImportRecord,
    pub(super) article_id: i64,
    /// The key of its parent.
    pub(super) parent: String,
}

impl Threads {
    /// Notes a comment that is new.
    pub(super) fn insert(&mut self, id: i64, article_id: i64) {
        self.comments.insert(id, (article_id, None));
    }

    /// Notes a comment that an earlier import stored.
    pub(super) fn insert_known(&mut self, id: i64, article_id: i64, parent: Option<i64>) {
        self.comments.insert(id, (article_id, parent));
        self.with_replies.insert(id);
    }

    pub(super) fn wait(&mut self, place: Place, waiting: Waiting) {
        self.waiting.push(Located {
            place,
            value: waiting,
        });
    }

    fn link(&mut self, id: i64, parent: i64) {
        self.with_replies.insert(parent);
        if let Some(comment) = self.comments.get_mut(&id) {
            comment.1 = Some(parent);
        }
    }
}

impl Importer<'_> {
    /// Returns the article and the parent of a comment.
    async fn thread_of(
        &self,
        tx: &mut Tx,
        id: i64,
    ) -> Result<Option<(i64, Option<i64>)>, ImportError> {
        if let Some(known) = self.threads.comments.get(&id) {
            return Ok(Some(*known));
        }
        if id < 0 {
            return Ok(None);
        }
        let comment = tx.comment(id).await?;
        Ok(comment.map(|comment| (comment.article_id, comment.parent_id)))
    }

    /// Returns whether a comment can reply to another one: not to itself, and not to a reply of its own.
    async fn may_reply(&self, tx: &mut Tx, id: i64, parent: i64) -> Result<bool, ImportError> {
        if !self.threads.with_replies.contains(&id) {
            return Ok(id != parent);
        }
        let mut seen = HashSet::new();
        let mut above = Some(parent);
        while let Some(current) = above {
            // A circle that was stored before is not joined either.
            if current == id || !seen.insert(current) {
                return Ok(false);
            }
            let thread = self.thread_of(tx, current).await?;
            above = thread.and_then(|(_, parent)| parent);
        }
        Ok(true)
    }

    /// Finds the parents of comments, and links those that have one: id, article, and key of the parent. Returns the
    /// positions of those whose parents did not come yet.
    pub(super) async fn link_comments(
        &mut self,
        tx: &mut Tx,
        replies: &[(Place, i64, i64, String)],
    ) -> Result<Vec<usize>, ImportError> {
        let (mut links, mut missing) = (Vec::new(), Vec::new());
        for (position, (place, id, article, parent)) in replies.iter().enumerate() {
            let Some(parent) = self.index.id(ImportKind::Comment, parent) else {
                missing.push(position);
                continue;
            };
            let thread = self.thread_of(tx, parent).await?;
            if thread.map(|(above, _)| above) != Some(*article) {
                self.warn(place, "the comment that it replies to is not under the same article: it begins a thread");
            } else if !self.may_reply(tx, *id, parent).await? {
                self.warn(
                    place,
                    "it replies to itself by way of others: it begins a thread",
                );
            } else {
                self.threads.link(*id, parent);
                links.push((*id, parent));
            }
        }
        if !self.options.is_dry_run {
            tx.set_comment_parents(&links).await?;
        }
        Ok(missing)
    }

    /// Links the comments whose parents came later. Those without a parent begin threads.
    pub(super) async fn finish_threads(&mut self) -> Result<(), ImportError> {
        let mut waiting = std::mem::take(&mut self.threads.waiting);
        while !waiting.is_empty() {
            let rest = waiting.split_off(waiting.len().min(BATCH));
            let mut tx = self.node.store.begin().await?;
            let replies: Vec<(Place, i64, i64, String)> = waiting
                .iter()
                .map(|Located { place, value }| {
                    let id = value.record.ref_id;
                    (place.clone(), id, value.article_id, value.parent.clone())
                })
                .collect();
            for position in self.link_comments(&mut tx, &replies).await? {
                let (place, _, _, parent) = &replies[position];
                self.warn(
                    place,
                    format!(
                        "it replies to the comment {parent}, which is not there: it begins a thread"
                    ),
                );
            }
            for Located { value, .. } in waiting {
                self.index.note(value.record);
            }
            self.end(tx).await?;
            waiting = rest;
        }
        Ok(())
    }
}
