//! The way out of mails and calls of the webhook: claimed by lease, sent, and tried again while that may
//! help. At least once: a killed node's messages go out again when their lease is over.

use super::{Failure, smtp::Mailer, webhook::Webhook};
use crate::{
    node::{Node, NodeError},
    store::{self, Channel, Message},
};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Messages of a channel on their way at once.
const AT_ONCE: i64 = 4;
/// Longest time for one, and of a node that stops.
const TIME: Duration = Duration::from_secs(60);
const LAST_TIME: Duration = Duration::from_secs(8);
/// After which a killed node's messages are taken up again, in milliseconds; more than [`TIME`].
const LEASE: i64 = 2 * 60 * 1000;
/// Waits between tries, in milliseconds: from a minute to four hours, so that the last try is after three days.
const FIRST_WAIT: i64 = 60 * 1000;
const WAIT_GROWTH: i64 = 3;
const LONGEST_WAIT: i64 = 4 * 60 * 60 * 1000;
const TRIES: i64 = 23;
/// Longest sleep between two looks.
const PATIENCE: Duration = Duration::from_secs(2);

/// What carries the messages of a channel.
pub enum Carrier {
    Mail(Box<Mailer>),
    Webhook(Box<Webhook>),
}

impl Carrier {
    fn channel(&self) -> Channel {
        match self {
            Carrier::Mail(_) => Channel::Mail,
            Carrier::Webhook(_) => Channel::Webhook,
        }
    }

    async fn carry(&self, message: &Message) -> Result<String, Failure> {
        let carried = async {
            match self {
                Carrier::Mail(mailer) => mailer.send(message).await,
                Carrier::Webhook(webhook) => webhook.call(message).await,
            }
        };
        tokio::time::timeout(TIME, carried)
            .await
            .unwrap_or_else(|_| Err(Failure::Passing("it took too long".into())))
    }
}

/// Carries what is due, until `stop`.
pub async fn run(node: Node, carrier: Carrier, stop: CancellationToken) {
    let carrier = Arc::new(carrier);
    while !stop.is_cancelled() {
        let wake = node.store.woken();
        let woken = wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let sleep = match carry_due(&node, &carrier, &stop).await {
            Ok(None) => continue,
            Ok(Some(wait)) => wait,
            Err(error) => {
                tracing::warn!(%error, "mails and webhooks wait for the database");
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            () = &mut woken => {}
            () = tokio::time::sleep(sleep) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Carries some of what is due; if nothing is, how long to sleep.
async fn carry_due(
    node: &Node,
    carrier: &Arc<Carrier>,
    stop: &CancellationToken,
) -> Result<Option<Duration>, NodeError> {
    let next = node
        .store
        .read()
        .await?
        .next_message(carrier.channel())
        .await?;
    let wait = next.map_or(i64::MAX, |due| due - store::now());
    if wait > 0 {
        return Ok(Some(
            PATIENCE.min(Duration::from_millis(wait.unsigned_abs())),
        ));
    }
    let mut tx = node.store.begin().await?;
    let until = store::now() + LEASE;
    let claimed = tx.claim_messages(carrier.channel(), until, AT_ONCE).await?;
    tx.commit().await?;
    let mut under_way = JoinSet::new();
    for message in claimed {
        let (node, carrier, stop) = (node.clone(), carrier.clone(), stop.clone());
        under_way.spawn(async move {
            let outcome = tokio::select! {
                outcome = carrier.carry(&message) => Some(outcome),
                () = long_after(&stop) => None,
            };
            if let Err(error) = settle(&node, &message, outcome).await {
                // Its lease ends, and it goes out again.
                tracing::warn!(%error, "what became of a message could not be stored");
            }
        });
    }
    while under_way.join_next().await.is_some() {}
    Ok(None)
}

/// When a node that stops waits no longer for what is under way.
async fn long_after(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(LAST_TIME).await;
}

/// Writes down what became of a message; of one that was broken off, that it is due.
async fn settle(
    node: &Node,
    message: &Message,
    outcome: Option<Result<String, Failure>>,
) -> Result<(), NodeError> {
    let mut tx = node.store.begin().await?;
    match outcome {
        Some(Ok(_)) => tx.finish_message(message.id).await?,
        Some(Err(failure)) => {
            let until = next_try(message, &failure);
            let (channel, uid) = (&message.channel, &message.uid);
            // Without the reason, which may name an address: `pamphlet mail list` shows it.
            match until {
                Some(_) => tracing::info!(channel, uid, "a message did not arrive, trying again"),
                None => tracing::warn!(channel, uid, "a message was given up"),
            }
            tx.postpone_message(message.id, until, Some(failure.reason()))
                .await?;
        }
        None => {
            tx.postpone_message(message.id, Some(store::now()), None)
                .await?
        }
    }
    Ok(tx.commit().await?)
}

fn next_try(message: &Message, failure: &Failure) -> Option<i64> {
    match failure {
        Failure::Passing(_) if message.attempts < TRIES => {
            Some(store::now() + wait(message.attempts))
        }
        _ => None,
    }
}

/// Milliseconds until the try after this one.
fn wait(attempts: i64) -> i64 {
    // Beyond the tenth, it is the longest anyway.
    let exponent = attempts.clamp(1, 10) as u32 - 1;
    (FIRST_WAIT * WAIT_GROWTH.pow(exponent)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_tried_for_three_days() {
        const HOUR: i64 = 60 * 60 * 1000;
        let all: i64 = (1..TRIES).map(wait).sum();
        assert!(
            (68 * HOUR..76 * HOUR).contains(&all),
            "{} hours",
            all / HOUR
        );
        assert_eq!((wait(1), wait(2)), (60_000, 180_000));
    }
}
