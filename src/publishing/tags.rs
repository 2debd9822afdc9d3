//! Renames and merges tags in all articles.

use crate::{
    content::{Announcement, hashtag},
    node::Node,
    store::{StoreError, TaggedArticle},
};

/// Returns a tag as it is stored: in one line, without `#`.
pub(crate) fn normalize(tag: &str) -> String {
    hashtag::spelled(tag)
}

/// Replaces tags by one in all articles, all at once; `keys` are the forms in which tags are compared. Returns the changed
/// articles.
///
/// # Errors
/// If the database fails. Then nothing is changed.
pub(crate) async fn replace(
    node: &Node,
    keys: &[String],
    by: &str,
    announcement: Announcement,
) -> Result<Vec<TaggedArticle>, StoreError> {
    let mut tx = node.store.begin().await?;
    let mark = tx.mark_changes().await?;
    let changed = tx.replace_tags(keys, by).await?;
    if announcement.is_silent() {
        tx.silence_changes(mark).await?;
    }
    tx.commit().await?;
    Ok(changed)
}
