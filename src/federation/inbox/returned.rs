//! Local activities that return: some servers (Hollo) forward them to everyone in a conversation, including us. They
//! change nothing, and are not refused because the sender would retry for ever.

use super::{record_drop, sender::refuse_blocked, verify};
use crate::{
    crypto::signatures::Unverified,
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        urls::{Named, Urls},
    },
};
use url::Url;

/// Returns whether an activity is a local one: it has a local actor and an id of this node's form. A bare object has
/// its own id.
pub(super) fn is_returned(id: &Url, actor: &Url, urls: &Urls) -> bool {
    let id = id.as_str();
    urls.is_ours(actor.as_str())
        && (urls.activity_uid(id).is_some()
            || urls.note_uid(id).is_some()
            || matches!(urls.read(id), Some(Named::Article(_) | Named::Feature(_))))
}

/// Drops a local activity that another server delivered. Nothing in it is trusted: its forwarder only needs a success
/// response.
///
/// # Errors
/// [`InboxError::Dropped`], or the error in the forwarder's request.
pub(super) async fn receive(unverified: &Unverified, ctx: &Context) -> Result<(), InboxError> {
    let key = verify::key_document(unverified)?;
    if ctx.urls().is_ours(key.as_str()) {
        return Err(InboxError::forbidden(
            "an actor of this node acts by itself alone",
        ));
    }
    refuse_blocked(key.as_str(), &key, ctx).await?;
    let sender = verify::verify(unverified, &key, ctx).await?;
    refuse_blocked(&sender.owner.row.uri, &key, ctx).await?;
    let reason = DropReason::OwnActivityReturned;
    record_drop(reason, &sender.owner, ctx).await?;
    Err(InboxError::Dropped(reason))
}
