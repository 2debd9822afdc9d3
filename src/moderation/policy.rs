//! Which of those who reply or react from other servers an article lets in.

use crate::{
    content::CommentPolicy,
    node::{Node, drop_reason::DropReason, error::InboxError},
    store::{ArticleHeader, StoreError, Tx},
};

/// How an article takes a comment of this actor.
///
/// # Errors
/// [`InboxError::Dropped`] if it takes none of theirs.
pub async fn check_comment_policy(
    tx: &mut Tx,
    node: &Node,
    article: &ArticleHeader,
    actor_id: i64,
) -> Result<CommentPolicy, InboxError> {
    match policy_for(tx, node, article, actor_id).await? {
        Ok(policy) => Ok(policy),
        Err(CommentPolicy::Followers) => Err(InboxError::Dropped(DropReason::CommentByNonFollower)),
        Err(_) => Err(InboxError::Dropped(DropReason::CommentsClosed)),
    }
}

/// How an article takes an emoji reaction or quote of this actor: as it takes comments.
///
/// # Errors
/// [`InboxError::Dropped`] if it takes none of theirs.
pub async fn check_reaction_policy(
    tx: &mut Tx,
    node: &Node,
    article: &ArticleHeader,
    actor_id: i64,
) -> Result<CommentPolicy, InboxError> {
    match policy_for(tx, node, article, actor_id).await? {
        Ok(policy) => Ok(policy),
        Err(CommentPolicy::Followers) => {
            Err(InboxError::Dropped(DropReason::ReactionByNonFollower))
        }
        Err(_) => Err(InboxError::Dropped(DropReason::ReactionsClosed)),
    }
}

/// The article's policy: as an error if it keeps this actor out.
async fn policy_for(
    tx: &mut Tx,
    node: &Node,
    article: &ArticleHeader,
    actor_id: i64,
) -> Result<Result<CommentPolicy, CommentPolicy>, StoreError> {
    let policy = article.comment_policy(node.config.comments.terms());
    Ok(match policy {
        CommentPolicy::Closed => Err(policy),
        CommentPolicy::Followers if !is_follower(tx, node, article, actor_id).await? => Err(policy),
        _ => Ok(policy),
    })
}

/// Whether an actor follows the site or the article's author, granted.
async fn is_follower(
    tx: &mut Tx,
    node: &Node,
    article: &ArticleHeader,
    actor_id: i64,
) -> Result<bool, StoreError> {
    let told = tx.publication(&article.uid).await?;
    let author = told.map_or(node.site_id(), |told| told.local_actor_id);
    tx.follows_any_of(actor_id, [author, node.site_id()]).await
}
