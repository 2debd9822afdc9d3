//! Works off lookups: posts that were queued because a reply, a list of replies or a report named them.

use super::{BUSY_PAUSE, TIMEOUT, Worker, ancestors, recheck, refresh};
use crate::{
    base::backoff::Backoff,
    federation::remote::requests::{Cause, Obstacle},
    node::{Context, NodeError, drop_reason::DropReason, error::InboxError},
    store::{self, Lookup, Tx},
};

/// The maximum number of attempts of a lookup.
const MAX_ATTEMPTS: i64 = 8;
/// The delays between attempts: days in all.
const BACKOFF: Backoff = Backoff {
    first: 60 * 1000,
    growth: 4.0,
    longest: 3 * 24 * 60 * 60 * 1000,
};
/// The delay of a lookup whose ancestor is on a busy host, in milliseconds.
const BUSY_ANCESTOR_PAUSE: i64 = 60 * 1000;

impl Worker {
    /// Fetches the post of a lookup, and finishes or postpones the lookup.
    ///
    /// # Errors
    /// If a query fails.
    pub(super) async fn look_up(&self, lookup: &Lookup, ctx: &Context) -> Result<(), NodeError> {
        let is_awaited = lookup.attempts > 0;
        let awaited = is_awaited.then_some(lookup.asked.as_str());
        let cause = Cause::of_background(Some(&lookup.root), awaited);
        let mut stored = 0;
        let work = cause
            .clone()
            .scope(Box::pin(self.fetch(lookup, &mut stored, ctx)));
        let outcome = tokio::time::timeout(TIMEOUT, work)
            .await
            .unwrap_or_else(|_| Err(InboxError::Later("the conversation took too long".into())));
        let outcome = match outcome {
            Err(InboxError::Store(error)) => return Err(error.into()),
            Err(InboxError::Busy(reason)) => Err(InboxError::Later(reason)),
            other => other,
        };
        let mut tx = ctx.store.begin().await?;
        if lookup.found_below.is_some() && tx.was_named_by_activity(&lookup.uri).await? {
            return Ok(());
        }
        match (outcome, cause.obstacle()) {
            (Err(InboxError::Later(_)), Some(obstacle)) => {
                postpone(lookup, &obstacle, &mut tx).await?;
            }
            // The next attempt continues from what was stored.
            (Err(InboxError::Later(_)), None) if stored > 0 => {
                tx.postpone_lookup(&lookup.uri, store::now() + 1000).await?;
            }
            (Err(InboxError::Later(_)), None) if lookup.attempts + 1 < MAX_ATTEMPTS => {
                tx.postpone_lookup(&lookup.uri, store::now() + BACKOFF.wait(lookup.attempts))
                    .await?;
            }
            (Err(InboxError::Dropped(reason)), _) => {
                tx.finish_lookup(&lookup.uri).await?;
                tx.count_dropped(reason.code()).await?;
            }
            (Err(_), _) => {
                tx.finish_lookup(&lookup.uri).await?;
                tx.count_dropped(DropReason::ReplyUnavailable.code())
                    .await?;
            }
            (Ok(()), _) => tx.finish_lookup(&lookup.uri).await?,
        }
        tx.commit().await?;
        ctx.store.wake();
        Ok(())
    }

    /// Fetches a listed reply, a changed post, or a post with its ancestors.
    async fn fetch(
        &self,
        lookup: &Lookup,
        stored: &mut usize,
        ctx: &Context,
    ) -> Result<(), InboxError> {
        let mut conn = ctx.store.read().await?;
        let known = conn.comment_by_uri(&lookup.uri).await?;
        if lookup.found_below.is_some() {
            drop(conn);
            return match known {
                Some(_) => Ok(()),
                None => {
                    ancestors::store_listed_reply(&lookup.uri, &self.unrelated_replies, ctx).await
                }
            };
        }
        if let Some(comment) = known {
            drop(conn);
            return refresh::refresh(comment, ctx).await;
        }
        let author = conn.author_of_public_post(&lookup.uri).await?;
        drop(conn);
        if let Some(author) = author
            && !refresh::still_exists(&lookup.uri, &author, ctx).await?
        {
            return Ok(());
        }
        ancestors::fetch_ancestors(&lookup.uri, &self.unrelated_ancestors, stored, ctx).await
    }
}

/// Postpones a lookup until its obstacle is gone, and with it all lookups that have the same obstacle.
async fn postpone(lookup: &Lookup, obstacle: &Obstacle, tx: &mut Tx) -> Result<(), NodeError> {
    let uri = &lookup.uri;
    match obstacle {
        Obstacle::UsedUp { until } => tx.postpone_root(uri, &lookup.root, *until).await?,
        Obstacle::Busy { host, until } => {
            let pause = if *host == lookup.asked {
                BUSY_PAUSE
            } else {
                // Each attempt costs requests before it reaches that host.
                BUSY_ANCESTOR_PAUSE
            };
            let until = (*until).max(store::now() + pause) + recheck::random_below(pause / 2);
            tx.postpone_for_host(uri, host, until).await?;
        }
        Obstacle::Down { host, until } => {
            tx.postpone_host(uri, host, *until, MAX_ATTEMPTS).await?;
            if lookup.attempts + 1 >= MAX_ATTEMPTS {
                tx.count_dropped(DropReason::ReplyUnavailable.code())
                    .await?;
            }
        }
    }
    Ok(())
}
