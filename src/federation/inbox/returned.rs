//! Local activities that come back: some servers (Hollo) forward them to everyone in a conversation, us included.
//! They change nothing and are not refused, since the sender would retry for ever.

use super::{drop_verified, forwarded::refuse_blocked, verify};
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
pub fn is_returned(id: &Url, actor: &Url, urls: &Urls) -> bool {
    let id = id.as_str();
    urls.is_ours(actor.as_str())
        && (urls.activity_uid(id).is_some()
            || urls.note_uid(id).is_some()
            || matches!(urls.read(id), Some(Named::Article(_) | Named::Feature(_))))
}

/// Drops a local activity that another server delivered. Nothing in it is believed: the forwarder only needs a
/// success response.
///
/// # Errors
/// [`InboxError::Dropped`], or the error in the forwarder's request.
pub async fn receive(unverified: &Unverified, data: &Context) -> Result<(), InboxError> {
    let mut key = Url::parse(unverified.key_id())
        .map_err(|_| InboxError::malformed("the keyId is not a URL"))?;
    key.set_fragment(None);
    if data.urls().is_ours(key.as_str()) {
        return Err(InboxError::forbidden(
            "an actor of this node acts by itself alone",
        ));
    }
    refuse_blocked(key.as_str(), &key, data).await?;
    let sender = verify(unverified, &key, data).await?;
    refuse_blocked(&sender.owner.row.uri, &key, data).await?;
    let reason = DropReason::OwnActivityReturned;
    drop_verified(reason, &sender.owner, data).await?;
    Err(InboxError::Dropped(reason))
}
