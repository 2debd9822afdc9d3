//! Limits over time, by the generic cell rate algorithm (GCRA): one number for each account, in a table of bounded size.

use super::Limit;
use moka::sync::Cache;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

/// The maximum number of accounts.
const ACCOUNTS: u64 = 100_000;
/// The longest period of a limit. An account that was idle for so long is full again.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// The number of microseconds in a millisecond. Time is counted in microseconds, since a limit of 10,000 an hour regains
/// one in 0.36 seconds.
const MICROSECONDS: i64 = 1000;

/// The accounts of limits over time.
pub(super) struct Budgets {
    /// The time at which each account will be full again, in microseconds since `start`.
    accounts: Cache<(Limit, Box<str>), Arc<AtomicI64>>,
    start: Instant,
}

impl Default for Budgets {
    fn default() -> Self {
        Budgets {
            accounts: Cache::builder()
                .max_capacity(ACCOUNTS)
                .time_to_idle(LONGEST)
                .build(),
            start: Instant::now(),
        }
    }
}

impl Budgets {
    /// Charges an account with `amount`. It regains `size` in each of the limit's periods.
    ///
    /// # Errors
    /// The time until the account has enough.
    pub(super) fn charge(
        &self,
        limit: Limit,
        key: &str,
        amount: u64,
        size: u64,
    ) -> Result<(), Duration> {
        let account = self.accounts.get_with((limit, key.into()), Arc::default);
        self.charge_at(self.now(), limit, &account, amount, size)
    }

    /// Returns whether an account could be charged with `amount`, without a charge.
    ///
    /// # Errors
    /// The time until the account has enough.
    pub(super) fn check(
        &self,
        limit: Limit,
        key: &str,
        amount: u64,
        size: u64,
    ) -> Result<(), Duration> {
        let account = self.accounts.get(&(limit, key.into()));
        let full_at = account.map_or(0, |account| account.load(Ordering::Relaxed));
        self.charge_at(self.now(), limit, &AtomicI64::new(full_at), amount, size)
    }

    /// Refunds a charge.
    pub(super) fn refund(&self, limit: Limit, key: &str, amount: u64, size: u64) {
        if let Some(account) = self.accounts.get(&(limit, key.into())) {
            account.fetch_sub(cost(limit, amount, size), Ordering::Relaxed);
        }
    }

    fn charge_at(
        &self,
        now: i64,
        limit: Limit,
        account: &AtomicI64,
        amount: u64,
        size: u64,
    ) -> Result<(), Duration> {
        let cost = cost(limit, amount, size);
        let latest = now.saturating_add(period(limit));
        let charged = |full_at: i64| {
            let full_at = full_at.max(now).saturating_add(cost);
            (full_at <= latest).then_some(full_at)
        };
        match account.fetch_update(Ordering::Relaxed, Ordering::Relaxed, charged) {
            Ok(_) => Ok(()),
            Err(full_at) => {
                let wait = full_at.max(now).saturating_add(cost) - latest;
                Err(Duration::from_micros(wait.unsigned_abs()))
            }
        }
    }

    fn now(&self) -> i64 {
        i64::try_from(self.start.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

/// Returns the time in which an account regains an amount, in microseconds.
fn cost(limit: Limit, amount: u64, size: u64) -> i64 {
    let cost = period(limit) as i128 * i128::from(amount) / i128::from(size.max(1));
    i64::try_from(cost).unwrap_or(i64::MAX)
}

/// Returns the limit's period in microseconds. Other limits are never charged here.
fn period(limit: Limit) -> i64 {
    debug_assert!(limit.rule().period.milliseconds().is_some(), "{limit:?}");
    limit.rule().period.milliseconds().unwrap_or(0) * MICROSECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit::CommentsOfActor;
    const HOUR: i64 = 3_600_000_000;

    fn charge(
        budgets: &Budgets,
        account: &AtomicI64,
        now: i64,
        amount: u64,
    ) -> Result<(), Duration> {
        budgets.charge_at(now, LIMIT, account, amount, 60)
    }

    #[test]
    fn an_account_is_regained_over_its_period() {
        let (budgets, account) = (Budgets::default(), AtomicI64::new(0));
        let taken = (0..100).filter(|_| charge(&budgets, &account, HOUR, 1).is_ok());
        assert_eq!(taken.count(), 60);
        assert_eq!(
            charge(&budgets, &account, HOUR, 1),
            Err(Duration::from_secs(60))
        );
        let minute = HOUR / 60;
        assert_eq!(charge(&budgets, &account, HOUR + minute, 1), Ok(()));
        assert!(charge(&budgets, &account, HOUR + minute, 1).is_err());
        assert_eq!(charge(&budgets, &account, 3 * HOUR, 60), Ok(()));
    }

    #[test]
    fn more_than_the_limit_is_never_allowed() {
        let (budgets, account) = (Budgets::default(), AtomicI64::new(0));
        assert!(charge(&budgets, &account, HOUR, 61).is_err());
        assert_eq!(charge(&budgets, &account, HOUR, 60), Ok(()));
    }

    #[test]
    fn accounts_are_independent() {
        let budgets = Budgets::default();
        for _ in 0..60 {
            budgets.charge(LIMIT, "one", 1, 60).unwrap();
        }
        assert!(budgets.charge(LIMIT, "one", 1, 60).is_err());
        budgets.charge(LIMIT, "two", 1, 60).unwrap();
        budgets.refund(LIMIT, "one", 1, 60);
        budgets.charge(LIMIT, "one", 1, 60).unwrap();
    }
}
