//! Budgets over time, by the generic cell rate algorithm: one number for each account, in a table of bounded size.

use super::Limit;
use moka::sync::Cache;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

/// Accounts that are kept.
const ACCOUNTS: u64 = 100_000;
/// Longest period of a limit: an account that was idle for so long is full again.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Time is counted in microseconds: an hour's budget of 10,000 regains one in 0.36 seconds.
const MICROS: i64 = 1000;

/// The accounts.
pub struct Budgets {
    /// For each account the time at which its budget will be full again, in microseconds since `start`.
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
    /// Takes `amount` from an account that holds `size` for each of the limit's periods.
    ///
    /// # Errors
    /// The time until the account has that much again.
    pub fn spend(&self, limit: Limit, key: &str, amount: u64, size: u64) -> Result<(), Duration> {
        let account = self.accounts.get_with((limit, key.into()), Arc::default);
        self.spend_at(self.now(), limit, &account, amount, size)
    }

    /// Returns what was taken and not used.
    pub fn refund(&self, limit: Limit, key: &str, amount: u64, size: u64) {
        if let Some(account) = self.accounts.get(&(limit, key.into())) {
            account.fetch_sub(cost(limit, amount, size), Ordering::Relaxed);
        }
    }

    fn spend_at(
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

/// Returns the limit's period in microseconds. Limits that do not count over time are never charged here.
fn period(limit: Limit) -> i64 {
    debug_assert!(limit.rule().period.milliseconds().is_some(), "{limit:?}");
    limit.rule().period.milliseconds().unwrap_or(0) * MICROS
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit::CommentsOfActor;
    const HOUR: i64 = 3_600_000_000;

    fn spend(
        budgets: &Budgets,
        account: &AtomicI64,
        now: i64,
        amount: u64,
    ) -> Result<(), Duration> {
        budgets.spend_at(now, LIMIT, account, amount, 60)
    }

    #[test]
    fn a_budget_is_spent_at_once_and_regained_over_its_period() {
        let (budgets, account) = (Budgets::default(), AtomicI64::new(0));
        let taken = (0..100).filter(|_| spend(&budgets, &account, HOUR, 1).is_ok());
        assert_eq!(taken.count(), 60);
        assert_eq!(
            spend(&budgets, &account, HOUR, 1),
            Err(Duration::from_secs(60))
        );
        let minute = HOUR / 60;
        assert_eq!(spend(&budgets, &account, HOUR + minute, 1), Ok(()));
        assert!(spend(&budgets, &account, HOUR + minute, 1).is_err());
        assert_eq!(spend(&budgets, &account, 3 * HOUR, 60), Ok(()));
    }

    #[test]
    fn more_than_the_whole_budget_is_never_allowed() {
        let (budgets, account) = (Budgets::default(), AtomicI64::new(0));
        assert!(spend(&budgets, &account, HOUR, 61).is_err());
        assert_eq!(spend(&budgets, &account, HOUR, 60), Ok(()));
    }

    #[test]
    fn accounts_do_not_share() {
        let budgets = Budgets::default();
        for _ in 0..60 {
            budgets.spend(LIMIT, "one", 1, 60).unwrap();
        }
        assert!(budgets.spend(LIMIT, "one", 1, 60).is_err());
        budgets.spend(LIMIT, "two", 1, 60).unwrap();
        budgets.refund(LIMIT, "one", 1, 60);
        budgets.spend(LIMIT, "one", 1, 60).unwrap();
    }
}
