//! Queues posts for backfill, within the share of the actor or host that referred to them.

use super::requests;
use crate::{
    node::{Context, error::InboxError, remote_actor::RemoteActor, urls::host_of},
    quota::{Limit, Sender},
    store::{self, LookupLimits, LookupPriority, NewLookup, QueueOutcome, StoreError, Tx},
};
use std::time::Duration;
use url::Url;

/// The pause for senders after the queue was full.
const PAUSE: Duration = Duration::from_secs(60);

/// The actor or host that referred to a post.
#[derive(Debug, Clone)]
pub struct Referrer {
    host: String,
    sender: Sender,
}

impl Referrer {
    /// Identifies an actor or host.
    ///
    /// # Errors
    /// If the database can't say whether its domain is known.
    pub async fn of(actor: &str, host: &str, ctx: &Context) -> Result<Referrer, StoreError> {
        Ok(Referrer {
            host: host.to_owned(),
            sender: ctx.quota.sender(actor, host, &ctx.store).await?,
        })
    }

    /// Identifies an actor.
    ///
    /// # Errors
    /// As [`Referrer::of`].
    pub async fn of_actor(actor: &RemoteActor, ctx: &Context) -> Result<Referrer, StoreError> {
        Referrer::of(&actor.row.uri, &actor.row.host, ctx).await
    }
}

/// Queues a post that an activity names. Returns false if it is queued already.
///
/// # Errors
/// [`InboxError::Later`] if the queue, or the referrer's share of it, is full.
pub async fn add(
    tx: &mut Tx,
    uri: &str,
    priority: LookupPriority,
    root: Option<&str>,
    referrer: &Referrer,
    ctx: &Context,
) -> Result<bool, InboxError> {
    let root = root.map(str::to_owned).or_else(requests::root);
    let asked = host_at(uri);
    let priority = match priority {
        LookupPriority::Named if referrer.sender.is_known() => LookupPriority::NamedByKnown,
        other => other,
    };
    let new = NewLookup {
        uri,
        host: &referrer.host,
        asked: &asked,
        root: root.as_deref().unwrap_or(uri),
        found_below: None,
        priority,
        due_at: store::now(),
    };
    let (host, domain) = ctx
        .quota
        .allowance(Limit::LookupsOfDomain, &referrer.sender);
    let queued = tx.add_lookup(&new, room(host, domain, ctx)).await?;
    let full = match queued {
        QueueOutcome::New => {
            requests::write(requests::current().as_deref(), tx).await?;
            return Ok(true);
        }
        QueueOutcome::Already => return Ok(false),
        QueueOutcome::DomainFull => (Limit::LookupsOfDomain, referrer.sender.domain()),
        QueueOutcome::QueueFull => (Limit::Lookups, referrer.sender.domain()),
    };
    Err(ctx.quota.exceeded(full.0, full.1, PAUSE).into())
}

/// Queues a post that a comment's `replies` collection lists, `place` posts after the first. These take at most half
/// of their domain's share, so that posts that activities name find room. Returns false if that half is full.
///
/// # Errors
/// If a statement fails.
pub async fn add_listed(
    tx: &mut Tx,
    uri: &str,
    comment: &str,
    root: &str,
    place: i64,
    referrer: &Referrer,
    ctx: &Context,
) -> Result<bool, StoreError> {
    let asked = host_at(uri);
    let new = NewLookup {
        uri,
        host: &referrer.host,
        asked: &asked,
        root,
        found_below: Some(comment),
        priority: LookupPriority::Listed,
        // Backfill fetches them in the order of the collection.
        due_at: store::now() + place,
    };
    let (host, domain) = ctx
        .quota
        .allowance(Limit::LookupsOfDomain, &referrer.sender);
    let queued = tx
        .add_lookup(&new, room(half(host), half(domain), ctx))
        .await?;
    Ok(matches!(queued, QueueOutcome::New | QueueOutcome::Already))
}

fn half(share: u64) -> u64 {
    (share / 2).max(1)
}

fn room(of_host: u64, of_domain: u64, ctx: &Context) -> LookupLimits {
    let count = |share: u64| i64::try_from(share).unwrap_or(i64::MAX);
    LookupLimits {
        of_host: count(of_host),
        of_domain: count(of_domain),
        in_all: count(ctx.quota.value(Limit::Lookups)),
    }
}

/// Returns the host of an id.
pub fn host_at(uri: &str) -> String {
    let url = Url::parse(uri).ok();
    url.and_then(|url| host_of(&url)).unwrap_or_default()
}
