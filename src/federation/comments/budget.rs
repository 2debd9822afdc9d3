//! Charges an author for a comment: for the stored text, and for the number of comments that are shown without
//! approval.

use crate::{
    node::{Node, error::InboxError, remote_actor::RemoteActor, urls::host_of},
    quota::{Exceeded, Limit, Sender},
    store::{CommentState, NewComment},
};
use url::Url;

/// The storage charged for a comment besides its texts, in bytes: the row, its indexes and related rows.
const ROW: usize = 1024;

/// Caches whether an author's domain is known. Called before a transaction that charges the author, so that the
/// transaction does not wait for this query.
///
/// # Errors
/// If the query fails.
pub async fn know(author: &RemoteActor, node: &Node) -> Result<(), InboxError> {
    sender(&author.row.uri, node).await.map(drop)
}

/// Charges an author for a new comment. If the author or their domain exceeds a limit on shown comments, the comment is
/// held for the admin, and its reason names the limit.
///
/// # Errors
/// [`InboxError::Later`] if the storage budget of the author or their domain is spent for now.
pub async fn charge(comment: &mut NewComment, author: &str, node: &Node) -> Result<(), InboxError> {
    let sender = sender(author, node).await?;
    node.quota.charge_stored(&sender, size_of(comment))?;
    if comment.state != CommentState::Visible {
        return Ok(());
    }
    for limit in [Limit::CommentsOfActor, Limit::CommentsOfDomain] {
        if let Err(exceeded) = node.quota.charge(limit, &sender, 1) {
            comment.state = CommentState::Held;
            comment.reason = Some(reason(&exceeded, node));
            break;
        }
    }
    Ok(())
}

/// Charges an author for `bytes` of an edited comment. The former text stays stored too.
///
/// # Errors
/// [`InboxError::Later`] if the storage budget of the author or their domain is spent for now.
pub async fn charge_edit(bytes: usize, author: &str, node: &Node) -> Result<(), InboxError> {
    let sender = sender(author, node).await?;
    Ok(node.quota.charge_stored(&sender, ROW / 2 + bytes)?)
}

async fn sender(author: &str, node: &Node) -> Result<Sender, InboxError> {
    let host = Url::parse(author).ok().and_then(|url| host_of(&url));
    let host = host.unwrap_or_default();
    Ok(node.quota.sender(author, &host, &node.store).await?)
}

/// Returns the storage charged for a comment, in bytes.
fn size_of(comment: &NewComment) -> usize {
    let optional = [
        &comment.url,
        &comment.author_url,
        &comment.content_warning,
        &comment.extras,
    ];
    let optional = optional
        .into_iter()
        .flatten()
        .map(String::len)
        .sum::<usize>();
    let replies = comment.replies.as_ref().map_or(0, |(uri, _)| uri.len());
    ROW + comment.content.len() + comment.uri.len() + optional + replies
}

/// Returns the reason that the admin sees for a held comment.
fn reason(exceeded: &Exceeded, node: &Node) -> String {
    let party = match exceeded.limit {
        Limit::CommentsOfActor => "its author",
        _ => "its author's domain",
    };
    let number = node.quota.value(exceeded.limit);
    let limit = exceeded.limit.key();
    format!("{party} sent more than {number} comments in an hour (limit {limit})")
}
