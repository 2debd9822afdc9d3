//! A clock that was set back: what was to be done soon by the wrong time would wait for days.

use crate::{node::Node, store};
use std::time::{Duration, Instant};

/// How often the clock is compared with the time that has passed.
const INTERVAL: Duration = Duration::from_secs(5);
/// A step that matters, in milliseconds: clocks that are kept right move by less.
const STEP: i64 = 10 * 1000;

/// Watches the clock, and sets the times of deliveries back with it. `longest` is the longest wait between two
/// tries, in milliseconds.
pub(super) async fn watch(node: Node, longest: i64) {
    // It may have been set back while no node ran: a time so far ahead is of a wrong clock.
    set_back(&node, 0, longest).await;
    loop {
        let (begun, before) = (Instant::now(), store::now());
        tokio::time::sleep(INTERVAL).await;
        let lost = begun.elapsed().as_millis() as i64 - (store::now() - before);
        if lost > STEP {
            tracing::warn!(
                seconds = lost / 1000,
                "the clock was set back, and with it the times of deliveries"
            );
            set_back(&node, lost, longest).await;
        }
    }
}

async fn set_back(node: &Node, by: i64, longest: i64) {
    loop {
        let done = async {
            let mut tx = node.store.begin().await?;
            tx.adjust_to_clock_change(by, longest, super::leases::LEASE)
                .await?;
            tx.commit().await
        };
        match done.await {
            Ok(()) => return node.store.wake(),
            Err(error) => {
                tracing::warn!(%error, "the times of deliveries could not be set back, trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}
