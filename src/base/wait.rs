//! Waiting in background loops: for a wake-up, a time or the end of the program.

use std::{pin::Pin, sync::Arc, time::Duration};
use tokio::sync::{Notify, futures::OwnedNotified};
use tokio_util::sync::CancellationToken;

/// The next wake-up of a loop. It is listened for while the loop looks for work, so that none is missed.
#[must_use]
pub(crate) struct WakeUp(Pin<Box<OwnedNotified>>);

impl WakeUp {
    /// Listens for wake-ups from now on. A loop calls it before it looks for work.
    pub(crate) fn listen(signal: Arc<Notify>) -> Self {
        let mut notified = Box::pin(signal.notified_owned());
        notified.as_mut().enable();
        WakeUp(notified)
    }

    /// Waits for the wake-up, but at most `longest` and not beyond `stop`.
    pub(crate) async fn wait(self, longest: Duration, stop: &CancellationToken) {
        tokio::select! {
            () = self.0 => {}
            () = sleep(longest, stop) => {}
        }
    }
}

/// Sleeps for `time`, but not beyond `stop`.
pub(crate) async fn sleep(time: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = stop.cancelled() => {}
    }
}

/// Returns how long to sleep until `due`, at most `longest`. Both times are in milliseconds since 1970.
pub(crate) fn until(due: Option<i64>, now: i64, longest: Duration) -> Duration {
    /// Keeps a loop from spinning on work that another worker has just taken.
    const SHORTEST: i64 = 20;
    due.map_or(longest, |due| {
        let wait = due.saturating_sub(now).max(SHORTEST);
        Duration::from_millis(wait.unsigned_abs()).min(longest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wake_up_before_the_wait_is_not_missed() {
        let (signal, stop) = (Arc::new(Notify::new()), CancellationToken::new());
        let wake_up = WakeUp::listen(signal.clone());
        signal.notify_waiters();
        let waited = wake_up.wait(Duration::from_secs(3600), &stop);
        tokio::time::timeout(Duration::from_secs(5), waited)
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn the_end_of_the_program_ends_a_wait() {
        let stop = CancellationToken::new();
        stop.cancel();
        let wake_up = WakeUp::listen(Arc::new(Notify::new()));
        wake_up.wait(Duration::from_secs(3600), &stop).await;
        sleep(Duration::from_secs(3600), &stop).await;
    }

    #[test]
    fn a_sleep_is_neither_empty_nor_too_long() {
        let longest = Duration::from_secs(2);
        assert_eq!(until(None, 1_000, longest), longest);
        assert_eq!(
            until(Some(1_500), 1_000, longest),
            Duration::from_millis(500)
        );
        assert_eq!(until(Some(0), 1_000, longest), Duration::from_millis(20));
        assert_eq!(until(Some(i64::MAX), 1_000, longest), longest);
    }
}
