//! Whether other servers are told of a change.

pub(crate) use crate::content::Announcement;
use crate::store::{ChangeMark, StoreError, Tx, now};

/// The age from which an article counts as old: a day.
const OLD: i64 = 24 * 60 * 60 * 1000;

/// Returns whether an article with this date is too old to be announced without a question: older than a day.
pub(crate) fn is_old(published_at: i64) -> bool {
    published_at < now() - OLD
}

/// The part of a transaction whose changes are announced, or not. It begins before the first write.
pub(crate) struct Announced {
    announcement: Announcement,
    mark: ChangeMark,
}

impl Announced {
    /// Begins it.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn begin(
        tx: &mut Tx,
        announcement: Announcement,
    ) -> Result<Announced, StoreError> {
        Ok(Announced {
            announcement,
            mark: tx.mark_changes().await?,
        })
    }

    /// Ends it: everything that the transaction wrote since it began is silent, if that was decided. What others announced
    /// stays announced.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn end(&self, tx: &mut Tx) -> Result<(), StoreError> {
        if self.announcement.is_silent() {
            tx.silence_changes(self.mark).await?;
        }
        Ok(())
    }

    /// Ends the publication of an article: the decision counts for it as a whole, whatever was decided before it was
    /// public. An article that is public already gets a change like any other.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn end_publication(
        &self,
        tx: &mut Tx,
        article_uid: &str,
    ) -> Result<(), StoreError> {
        tx.set_publication_silent(article_uid, self.announcement.is_silent())
            .await?;
        self.end(tx).await
    }
}
