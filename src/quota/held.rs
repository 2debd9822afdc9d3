//! Limits on things at once: slots and memory that are held while they are used.

use super::Limit;
use moka::sync::Cache;
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Accounts that are kept.
const ACCOUNTS: u64 = 20_000;
/// The time after which an unused account is forgotten.
const IDLE: Duration = Duration::from_secs(600);

/// Slots or memory in use, free again when this is dropped.
#[derive(Debug, Default)]
pub struct Permits(Vec<OwnedSemaphorePermit>);

impl Permits {
    /// Joins what another holds.
    pub fn add(&mut self, mut other: Permits) {
        self.0.append(&mut other.0);
    }
}

/// The accounts.
pub struct Semaphores(Cache<(Limit, Box<str>), Arc<Semaphore>>);

impl Default for Semaphores {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(ACCOUNTS).time_to_idle(IDLE);
        Semaphores(cache.build())
    }
}

impl Semaphores {
    /// Waits at most `timeout` for `amount` of an account of `size`; `None` if there is no room in time.
    pub async fn acquire(
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
        let taken = match timeout.is_zero() {
            true => account.try_acquire_many_owned(amount).ok(),
            false => tokio::time::timeout(timeout, account.acquire_many_owned(amount))
                .await
                .ok()?
                .ok(),
        };
        taken.map(|permit| Permits(vec![permit]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_held_is_free_again_when_it_is_dropped() {
        let semaphores = Semaphores::default();
        let hold = |amount| semaphores.acquire(Limit::Pictures, "", amount, 8, Duration::ZERO);
        let all = hold(8).await;
        assert!(all.is_some());
        assert!(hold(1).await.is_none());
        drop(all);
        assert!(
            hold(100).await.is_some(),
            "an amount above the limit takes all"
        );
    }
}
