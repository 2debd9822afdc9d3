//! Keeps writers from overwriting what others wrote meanwhile.

use super::PublishError;
use crate::store::{Article, Tx};

/// Checks that nobody changed an article since it was read, so that of two editors none overwrites the other.
///
/// # Errors
/// If somebody did, or the database fails.
pub(super) async fn check(tx: &mut Tx, old: &Article) -> Result<(), PublishError> {
    tx.lock_article(old.id).await?;
    let present = tx.article_by_id(old.id).await?;
    match present.is_some_and(|present| present.is_same_as(old)) {
        true => Ok(()),
        false => Err(PublishError::Changed(old.slug.clone())),
    }
}
