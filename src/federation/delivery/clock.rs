//! Adjusts the times of deliveries when the system clock is set back. Otherwise, deliveries that were scheduled by the
//! wrong clock could wait for days.

use crate::{node::Node, store};
use std::time::{Duration, Instant};

/// How often the system clock is compared with the monotonic clock.
const INTERVAL: Duration = Duration::from_secs(5);
/// The smallest step that is corrected, in milliseconds. Time synchronization makes smaller steps.
const STEP: i64 = 10 * 1000;

/// Watches the clock, and sets the times of deliveries back with it. `longest` is the longest delay between two attempts,
/// in milliseconds.
pub(super) async fn watch(node: Node, longest: i64) {
    // The clock may have been set back while no node ran: a time beyond the longest delay comes from a wrong clock.
    set_back(&node, 0, longest).await;
    loop {
        let (begun, before) = (Instant::now(), store::now());
        tokio::time::sleep(INTERVAL).await;
        let lost = begun.elapsed().as_millis() as i64 - (store::now() - before);
        if lost > STEP {
            tracing::warn!(
                seconds = lost / 1000,
                "the clock was set back, so the times of deliveries are set back too"
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
                tracing::warn!(%error, "the times of deliveries could not be set back, retrying");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}
