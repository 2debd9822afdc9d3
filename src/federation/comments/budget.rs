//! The cost of a comment to its author: the text that is stored, and the number of comments that are shown without approval.

use crate::{
    node::{Node, error::InboxError, remote_actor::RemoteActor, urls::host_of},
    quota::{Exceeded, Limit, Sender},
    store::{CommentState, NewComment},
};
use url::Url;

/// The size of a comment beside its texts, in bytes: its row with the indexes, and what is noted about it.
const ROW: usize = 1024;

/// Finds out, before a transaction that charges an author, whether its domain is known: it is remembered then.
///
/// # Errors
/// If the database can't say so.
pub async fn know(author: &RemoteActor, node: &Node) -> Result<(), InboxError> {
    sender(&author.row.uri, node).await.map(drop)
}

/// Charges an author for a new comment. Past a limit on comments that are shown, it is held for the admin, who learns
/// which limit it was.
///
/// # Errors
/// [`InboxError::Later`] if its author or their domain has stored enough for now.
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

/// Charges an author for the new text of a comment; the former is kept too.
///
/// # Errors
/// [`InboxError::Later`] if its author or their domain has stored enough for now.
pub async fn charge_edit(bytes: usize, author: &str, node: &Node) -> Result<(), InboxError> {
    let sender = sender(author, node).await?;
    Ok(node.quota.charge_stored(&sender, ROW / 2 + bytes)?)
}

async fn sender(author: &str, node: &Node) -> Result<Sender, InboxError> {
    let host = Url::parse(author).ok().and_then(|url| host_of(&url));
    let host = host.unwrap_or_default();
    Ok(node.quota.sender(author, &host, &node.store).await?)
}

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

fn reason(exceeded: &Exceeded, node: &Node) -> String {
    let of = match exceeded.limit {
        Limit::CommentsOfActor => "its author",
        _ => "its author's domain",
    };
    let number = node.quota.value(exceeded.limit);
    let limit = exceeded.limit.key();
    format!("{of} sent more than {number} comments in an hour (limit {limit})")
}
