//! Limits on concurrent use: semaphores for slots and memory.

use super::Limit;
use moka::sync::Cache;
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The maximum number of accounts.
const ACCOUNTS: u64 = 20_000;
/// The time after which an unused account is forgotten.
const IDLE: Duration = Duration::from_secs(600);

/// Slots or memory in use. They are released when this is dropped.
#[derive(Debug, Default)]
pub struct Permits(Vec<OwnedSemaphorePermit>);

impl Permits {
    /// Merges the permits of another value into this one.
    pub fn merge(&mut self, mut other: Permits) {
        self.0.append(&mut other.0);
    }
}

/// The accounts of limits on concurrent use.
pub(super) struct Semaphores(Cache<(Limit, Box<str>), Arc<Semaphore>>);

impl Default for Semaphores {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(ACCOUNTS).time_to_idle(IDLE);
        Semaphores(cache.build())
    }
}

impl Semaphores {
    /// Acquires `amount` of an account of `size`. Returns `None` if the timeout elapses.
    pub(super) async fn acquire(
        &self,
        limit: Limit,
        key: &str,
        amount: u64,
        size: u64,
        timeout: Duration,
    ) -> Option<Permits> {
        let size = usize::try_from(size)
            .unwrap_or(usize::MAX)
            .clamp(1, u32::MAX as usize);
        let account = self
            .0
            .get_with((limit, key.into()), || Arc::new(Semaphore::new(size)));
        let amount = u32::try_from(amount.min(size as u64)).unwrap_or(u32::MAX);
        let acquired = if timeout.is_zero() {
            account.try_acquire_many_owned(amount).ok()
        } else {
            let waiting = account.acquire_many_owned(amount);
            tokio::time::timeout(timeout, waiting).await.ok()?.ok()
        };
        acquired.map(|permit| Permits(vec![permit]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn dropped_permits_are_released() {
        let semaphores = Semaphores::default();
        let acquire = |amount| semaphores.acquire(Limit::Pictures, "", amount, 8, Duration::ZERO);
        let all = acquire(8).await;
        assert!(all.is_some());
        assert!(acquire(1).await.is_none());
        drop(all);
        assert!(
            acquire(100).await.is_some(),
            "an amount above the limit counts as the limit"
        );
    }
}
