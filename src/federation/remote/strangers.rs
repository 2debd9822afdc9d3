//! What a stranger pays for its row, and what follows once it is stored.

use super::webfinger;
use crate::{
    node::{Context, error::InboxError, remote_actor::RemoteActor},
    quota::Limit,
};

/// Processes something that stores its actor if that is a stranger, who pays for the row if it is stored.
///
/// # Errors
/// Those of `process`; [`InboxError::Later`] if the stranger or its domain may not store anything now.
pub async fn charged<T>(
    actor: &RemoteActor,
    data: &Context,
    process: impl Future<Output = Result<T, InboxError>>,
) -> Result<T, InboxError> {
    const LIMITS: [Limit; 2] = [Limit::StoredOfActor, Limit::StoredOfDomain];
    let Some(stranger) = actor.stranger() else {
        return process.await;
    };
    let (row, quota) = (&actor.row, &data.quota);
    let sender = quota.sender(&row.uri, &row.host, &data.store).await?;
    let kilobytes = (stranger.actor.size() as u64).div_ceil(1024);
    quota.spend(LIMITS[0], &sender, kilobytes)?;
    if let Err(exceeded) = quota.spend(LIMITS[1], &sender, kilobytes) {
        quota.refund(LIMITS[0], &sender, kilobytes);
        return Err(exceeded.into());
    }
    let outcome = process.await;
    match &outcome {
        Ok(_) => settled(actor, data).await,
        Err(_) => {
            for limit in LIMITS {
                quota.refund(limit, &sender, kilobytes);
            }
        }
    }
    outcome
}

/// Notes that a stranger may be stored now. Its entry stays: the database is asked first, but others may have asked it
/// just before.
pub async fn settled(actor: &RemoteActor, data: &Context) {
    if let Some(stranger) = actor.stranger() {
        webfinger::confirm_later(actor, stranger.claim.as_deref(), data).await;
    }
}
