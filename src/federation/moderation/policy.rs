//! Which of those who reply from other servers an article lets in.

use crate::{
    content::CommentPolicy,
    federation::{Node, inbox::InboxError},
    store::{ArticleGate, StoreError, Tx},
};

/// How an article takes a comment of this actor.
///
/// # Errors
/// [`InboxError::Dropped`] if it takes none of theirs.
pub async fn let_in(
    tx: &mut Tx,
    node: &Node,
    article: &ArticleGate,
    actor_id: i64,
) -> Result<CommentPolicy, InboxError> {
    let policy = article.comment_policy(node.config.comments.terms());
    match policy {
        CommentPolicy::Closed => Err(InboxError::Dropped("comment where none are taken")),
        CommentPolicy::Followers if !is_follower(tx, node, article, actor_id).await? => Err(
            InboxError::Dropped("comment of somebody who does not follow"),
        ),
        _ => Ok(policy),
    }
}

/// Whether an actor follows the site or the article's author, granted.
async fn is_follower(
    tx: &mut Tx,
    node: &Node,
    article: &ArticleGate,
    actor_id: i64,
) -> Result<bool, StoreError> {
    let told = tx.publication(&article.uid).await?;
    let author = told.map_or(node.site_id(), |told| told.local_actor_id);
    tx.follows_either(actor_id, [author, node.site_id()]).await
}
