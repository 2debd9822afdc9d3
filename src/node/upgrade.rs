//! Changes that a new version makes once in an existing database.

use crate::{
    content::markdown,
    store::{StoreError, Tx},
};

/// Parses the hashtags of all our posts again, once: the former parser truncated them in many scripts.
pub(super) async fn refresh_hashtags(tx: &mut Tx) -> Result<(), StoreError> {
    const DONE: &str = "hashtags are whole words";
    if tx.setting(DONE).await?.is_some() {
        return Ok(());
    }
    for uid in tx.post_uids().await? {
        let text = match tx.article_by_uid(&uid).await? {
            Some(article) => Some(article.markdown),
            None => tx.note_by_uid(&uid).await?.map(|note| note.markdown),
        };
        let tags = markdown::mentions(&text.unwrap_or_default()).hashtags;
        tx.set_hashtags(&uid, &tags).await?;
    }
    tx.fold_tag_spellings().await?;
    tx.set_setting(DONE, "1").await
}
