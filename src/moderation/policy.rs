//! Checks an article's comment policy for replies and reactions from other servers.

use crate::{
    base::steps,
    content::CommentPolicy,
    node::{Node, drop_reason::DropReason, error::InboxError},
    store::{ArticleHeader, StoreError, Tx},
};

/// Returns the policy under which an article accepts a comment of this actor.
///
/// # Errors
/// [`InboxError::Dropped`] if it does not accept any.
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

/// Returns the policy under which an article accepts an emoji reaction or quote of this actor. The comment policy also
/// applies to these.
///
/// # Errors
/// [`InboxError::Dropped`] if it does not accept any.
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

/// Returns the article's policy, as an `Err` if it excludes this actor.
async fn policy_for(
    tx: &mut Tx,
    node: &Node,
    article: &ArticleHeader,
    actor_id: i64,
) -> Result<Result<CommentPolicy, CommentPolicy>, StoreError> {
    let policy = article.comment_policy(node.config.comments.terms());
    steps::note("policy", || {
        format!("the comment policy of the article is {policy:?}").to_lowercase()
    });
    Ok(match policy {
        CommentPolicy::Closed => Err(policy),
        CommentPolicy::Followers if !is_follower(tx, node, article, actor_id).await? => Err(policy),
        _ => Ok(policy),
    })
}

/// Returns whether an actor is an accepted follower of the site or of the article's author.
async fn is_follower(
    tx: &mut Tx,
    node: &Node,
    article: &ArticleHeader,
    actor_id: i64,
) -> Result<bool, StoreError> {
    let publication = tx.publication(&article.uid).await?;
    let author = publication.map_or(node.site_id(), |publication| publication.local_actor_id);
    tx.follows_any_of(actor_id, [author, node.site_id()]).await
}
