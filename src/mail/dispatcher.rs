//! Sends queued emails and webhook calls, and retries them while that can help.
//!
//! Messages are claimed with a lease. If the node is killed, its messages are sent again when their leases expire, so each
//! message is sent at least once.

use super::{Failure, smtp::Mailer, webhook::Webhook};
use crate::{
    base::{backoff::Backoff, wait::WakeUp},
    node::{Node, NodeError},
    store::{self, Channel, Message},
};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The number of messages of a channel that are sent at the same time.
const CONCURRENCY: i64 = 4;
/// The time limit for sending a message.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// The time that a stopping node gives to messages in flight.
const SHUTDOWN_TIME: Duration = Duration::from_secs(8);
/// The time after which a killed node's messages are sent again, in milliseconds. It exceeds [`TIME_LIMIT`].
const LEASE: i64 = 2 * 60 * 1000;
/// The waits between attempts: from a minute to four hours.
const BACKOFF: Backoff = Backoff {
    first: 60 * 1000,
    growth: 3.0,
    longest: 4 * 60 * 60 * 1000,
};
/// The number of attempts. The last one is made after three days.
const MAX_ATTEMPTS: i64 = 23;
/// The longest time between two checks for due messages.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// The transport for the messages of a channel.
pub(super) enum Transport {
    Mail(Box<Mailer>),
    Webhook(Box<Webhook>),
}

impl Transport {
    fn channel(&self) -> Channel {
        match self {
            Transport::Mail(_) => Channel::Mail,
            Transport::Webhook(_) => Channel::Webhook,
        }
    }

    async fn send(&self, message: &Message) -> Result<String, Failure> {
        let sent = async {
            match self {
                Transport::Mail(mailer) => mailer.send(message).await,
                Transport::Webhook(webhook) => webhook.call(message).await,
            }
        };
        tokio::time::timeout(TIME_LIMIT, sent)
            .await
            .unwrap_or_else(|_| Err(Failure::Transient("timed out".into())))
    }
}

/// Sends due messages until `stop`.
pub(super) async fn run(node: Node, transport: Transport, stop: CancellationToken) {
    let transport = Arc::new(transport);
    while !stop.is_cancelled() {
        let wake_up = WakeUp::listen(node.store.woken());
        let sleep = match send_due(&node, &transport, &stop).await {
            Ok(None) => continue,
            Ok(Some(wait)) => wait,
            Err(error) => {
                tracing::warn!(%error, "cannot read due messages from the database, retrying");
                Duration::from_secs(1)
            }
        };
        wake_up.wait(sleep, &stop).await;
    }
}

/// Sends some due messages. If none is due, returns the time until the next check.
async fn send_due(
    node: &Node,
    transport: &Arc<Transport>,
    stop: &CancellationToken,
) -> Result<Option<Duration>, NodeError> {
    let next = node
        .store
        .read()
        .await?
        .next_message(transport.channel())
        .await?;
    let wait = next.map_or(i64::MAX, |due| due - store::now());
    if wait > 0 {
        return Ok(Some(
            POLL_INTERVAL.min(Duration::from_millis(wait.unsigned_abs())),
        ));
    }
    let mut tx = node.store.begin().await?;
    let until = store::now() + LEASE;
    let claimed = tx
        .claim_messages(transport.channel(), until, CONCURRENCY)
        .await?;
    tx.commit().await?;
    let mut in_flight = JoinSet::new();
    for message in claimed {
        let (node, transport, stop) = (node.clone(), transport.clone(), stop.clone());
        in_flight.spawn(async move {
            let outcome = tokio::select! {
                outcome = transport.send(&message) => Some(outcome),
                () = shutdown_deadline(&stop) => None,
            };
            if let Err(error) = store_outcome(&node, &message, outcome).await {
                // The message is sent again when its lease expires.
                tracing::warn!(%error, "cannot store the outcome of a message");
            }
        });
    }
    while in_flight.join_next().await.is_some() {}
    Ok(None)
}

/// Waits until a stopping node gives up messages in flight.
async fn shutdown_deadline(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(SHUTDOWN_TIME).await;
}

/// Stores the outcome of a message. Without one, because the node stops, the message is due again.
async fn store_outcome(
    node: &Node,
    message: &Message,
    outcome: Option<Result<String, Failure>>,
) -> Result<(), NodeError> {
    let mut tx = node.store.begin().await?;
    match outcome {
        Some(Ok(_)) => tx.finish_message(message.id).await?,
        Some(Err(failure)) => {
            let retry_at = retry_time(message, &failure);
            let (channel, uid) = (&message.channel, &message.uid);
            // The reason may contain an address, so only `pamphlet mail list` shows it.
            match retry_at {
                Some(_) => tracing::info!(channel, uid, "cannot send a message, will retry"),
                None => tracing::warn!(channel, uid, "cannot send a message, giving up"),
            }
            tx.postpone_message(message.id, retry_at, Some(failure.reason()))
                .await?;
        }
        None => {
            tx.postpone_message(message.id, Some(store::now()), None)
                .await?
        }
    }
    Ok(tx.commit().await?)
}

/// Returns the time of the next attempt; `None` if the message failed permanently.
fn retry_time(message: &Message, failure: &Failure) -> Option<i64> {
    match failure {
        Failure::Transient(_) if message.attempts < MAX_ATTEMPTS => {
            Some(store::now() + wait_after(message.attempts))
        }
        _ => None,
    }
}

/// Returns the milliseconds between an attempt and the next one; the first attempt is number 1.
fn wait_after(attempt: i64) -> i64 {
    BACKOFF.wait(attempt - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_retried_for_three_days() {
        const HOUR: i64 = 60 * 60 * 1000;
        let all: i64 = (1..MAX_ATTEMPTS).map(wait_after).sum();
        assert!(
            (68 * HOUR..76 * HOUR).contains(&all),
            "{} hours",
            all / HOUR
        );
        assert_eq!((wait_after(1), wait_after(2)), (60_000, 180_000));
    }
}
