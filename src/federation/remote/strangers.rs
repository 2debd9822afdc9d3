//! Charges strangers for their rows, and confirms their handles once they are stored.

use super::webfinger;
use crate::{
    node::{Context, error::InboxError, remote_actor::RemoteActor},
    quota::Limit,
};

/// Runs work that may store its actor. A stranger is charged for its row unless the work fails.
///
/// # Errors
/// Those of `process`; [`InboxError::Later`] if the stranger or its domain has reached a limit on storage.
pub async fn charged<T>(
    actor: &RemoteActor,
    ctx: &Context,
    process: impl Future<Output = Result<T, InboxError>>,
) -> Result<T, InboxError> {
    const LIMITS: [Limit; 2] = [Limit::StoredOfActor, Limit::StoredOfDomain];
    let Some(stranger) = actor.stranger() else {
        return process.await;
    };
    let (row, quota) = (&actor.row, &ctx.quota);
    let sender = quota.sender(&row.uri, &row.host, &ctx.store).await?;
    let kilobytes = (stranger.actor.size() as u64).div_ceil(1024);
    quota.charge(LIMITS[0], &sender, kilobytes)?;
    if let Err(exceeded) = quota.charge(LIMITS[1], &sender, kilobytes) {
        quota.refund(LIMITS[0], &sender, kilobytes);
        return Err(exceeded.into());
    }
    let outcome = process.await;
    match &outcome {
        Ok(_) => settled(actor, ctx).await,
        Err(_) => {
            for limit in LIMITS {
                quota.refund(limit, &sender, kilobytes);
            }
        }
    }
    outcome
}

/// Confirms the handle of a stranger that may be stored now. Its entry stays in memory, because concurrent requests may
/// have queried the database just before.
pub async fn settled(actor: &RemoteActor, ctx: &Context) {
    if let Some(stranger) = actor.stranger() {
        webfinger::confirm_later(actor, stranger.claim.as_deref(), ctx).await;
    }
}
