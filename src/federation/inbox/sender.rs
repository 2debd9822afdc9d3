//! Checks on the sender of an activity, and the refresh of what is stored about it.

use super::verify::key_document;
use crate::{
    crypto::signatures::Unverified,
    federation::remote::{
        actors,
        keys::{self, REFETCH_PAUSE},
        requests::{self, permits},
    },
    node::{
        Context,
        error::InboxError,
        remote_actor::RemoteActor,
        urls::{host_of, same_origin},
    },
    protocol::{Activity, same_id},
    store,
};
use url::Url;

const DAY: i64 = 24 * 3600 * 1000;

/// Checks that a sender is on another node, and its key on the same host.
///
/// # Errors
/// [`InboxError::Forbidden`] if not.
pub(super) fn check_origin(
    actor: &Url,
    unverified: &Unverified,
    ctx: &Context,
) -> Result<(), InboxError> {
    let key = key_document(unverified)?;
    if ctx.urls().is_ours(actor.as_str()) {
        return Err(InboxError::forbidden(
            "an actor of this node acts by itself alone",
        ));
    }
    if !same_origin(&key, actor) {
        return Err(InboxError::forbidden(
            "the key is on another host than the activity's actor",
        ));
    }
    Ok(())
}

/// Checks that an actor is not blocked, by its id or by the host of `url`.
///
/// # Errors
/// [`InboxError::Forbidden`] if it is.
pub(super) async fn refuse_blocked(uri: &str, url: &Url, ctx: &Context) -> Result<(), InboxError> {
    let host = host_of(url).unwrap_or_default();
    let mut conn = ctx.store.read().await?;
    if ctx.is_blocked(&mut conn, uri, &host).await? {
        return Err(InboxError::forbidden("this sender is blocked"));
    }
    Ok(())
}

/// Returns whether an activity deletes an account that is not stored here. Its server sends that to everyone, when the
/// key can no longer be fetched.
pub(super) async fn is_deletion_of_unknown_actor(
    activity: &Activity,
    actor_uri: &str,
    key_id: &str,
    ctx: &Context,
) -> Result<bool, InboxError> {
    let object = activity.object.id();
    let is_account_deletion =
        activity.kind() == "Delete" && object.is_some_and(|id| same_id(&id, actor_uri));
    if !is_account_deletion {
        return Ok(false);
    }
    let stored = keys::stored(key_id, ctx).await?;
    Ok(stored.is_none_or(|stored| stored.owner.stranger().is_some()))
}

/// Fetches an actor again in the background if its name and picture may have changed, so that its activity does not
/// wait.
pub(super) fn refresh_if_old(actor: &RemoteActor, ctx: &Context) {
    let age = store::now() - actor.row.fetched_at;
    if age < i64::from(ctx.config.federation.actor_days.max(1)) * DAY {
        return;
    }
    let (ctx, row) = (ctx.reset_request_count(), actor.row.clone());
    // The fetch counts as if the sender waited for it, so that a flood of activities does not pile up fetches.
    let network = permits::network();
    tokio::spawn(requests::inherit(async move {
        let refreshed = async {
            if claim_refetch(row.id, &ctx).await? {
                actors::refetch(&row.uri, &ctx).await.map(drop)
            } else {
                Ok(())
            }
        };
        if let Err(error) = permits::responding(network, refreshed).await {
            tracing::debug!(actor = row.uri, %error, "could not refresh an actor");
        }
    }));
}

/// Claims the next fetch of an actor. Returns false if another process or request has fetched it a short time ago.
pub(super) async fn claim_refetch(actor_id: i64, ctx: &Context) -> Result<bool, InboxError> {
    let mut tx = ctx.store.begin().await?;
    let is_claimed = tx.claim_refetch(actor_id, REFETCH_PAUSE).await?;
    tx.commit().await?;
    Ok(is_claimed)
}
