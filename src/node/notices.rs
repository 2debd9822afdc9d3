//! Notices to the admin of what strangers do: one for each actor, kind and subject, and so many a day for a domain.

use super::{Node, error::InboxError};
use crate::{
    quota::Limit,
    store::{NewNotice, NoticeKind, RemoteActorRow, Tx},
};

/// Longest text, in characters.
const MAX_TEXT: usize = 4000;

/// What an actor did that the admin may want to know.
#[derive(Debug, Clone, Copy)]
pub struct NoticeEvent<'a> {
    pub kind: NoticeKind,
    /// The object that it is about.
    pub object: Option<&'a str>,
    /// The thing by which a repeat is recognized, if it is not the object.
    pub subject: Option<&'a str>,
    pub text: &'a str,
}

/// Notifies the admin. A repeat is counted in the notice that is there, and nobody is told again. Returns false if the
/// actor's domain has caused enough notices for now, so that this one is not stored.
///
/// # Errors
/// If the database can't be used.
pub async fn add(
    tx: &mut Tx,
    node: &Node,
    actor: &RemoteActorRow,
    event: NoticeEvent<'_>,
) -> Result<bool, InboxError> {
    let text: String = event.text.chars().take(MAX_TEXT).collect();
    let notice = NewNotice {
        kind: event.kind,
        actor_uri: &actor.uri,
        object_uri: event.object,
        subject: event.subject.or(event.object).unwrap_or_default(),
        text: &text,
    };
    if tx.repeat_notice(&notice).await? {
        return Ok(true);
    }
    let sender = node
        .quota
        .sender(&actor.uri, &actor.host, &node.store)
        .await?;
    if node
        .quota
        .spend(Limit::NoticesOfDomain, &sender, 1)
        .is_err()
    {
        return Ok(false);
    }
    tx.add_notice_of_subject(&notice).await?;
    Ok(true)
}
