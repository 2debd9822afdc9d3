//! Notices for the admin about what remote actors do: one for each actor, kind and subject, within a daily limit for
//! each domain.

use super::{Node, error::InboxError};
use crate::{
    quota::Limit,
    store::{NewNotice, NoticeKind, RemoteActorRow, Tx},
};

/// The maximum length of a text, in characters.
const MAX_TEXT: usize = 4000;

/// An action of a remote actor that the admin is notified of.
#[derive(Debug, Clone, Copy)]
pub struct NoticeEvent<'a> {
    pub kind: NoticeKind,
    /// The object that the action is about.
    pub object: Option<&'a str>,
    /// The key that identifies a repeat, if it is not the object.
    pub subject: Option<&'a str>,
    pub text: &'a str,
}

/// Stores a notice. A repeat increments the count of the existing notice and notifies nobody. Returns false if the
/// actor's domain has reached its limit, so that nothing is stored.
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
        .charge(Limit::NoticesOfDomain, &sender, 1)
        .is_err()
    {
        return Ok(false);
    }
    tx.add_or_repeat_notice(&notice).await?;
    Ok(true)
}
