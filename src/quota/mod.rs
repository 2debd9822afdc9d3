//! Budgets: the cost that an actor, a domain, a host, an address or all strangers together may cause.
//!
//! Whatever a remote or anonymous request makes the node fetch, store, queue, decode, show or tell is charged here, to
//! a [`Limit`] of the table in `config/limits.rs`. Budgets are in memory, in tables of bounded size; the occasions on
//! which a limit was reached are counted and written to the database for `pamphlet limits`.

mod budgets;
mod held;
mod hits;
mod sender;

pub use crate::config::limits::{Limit, Period, Scope};
pub use held::Permits;
pub use sender::Sender;

use crate::{
    config::{Config, Limits},
    store::{Store, StoreError},
};
use budgets::Budgets;
use held::Semaphores;
use hits::Hits;
use sender::KnownDomains;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// A limit that was reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{subject} has reached the limit {}", .limit.key())]
pub struct Exceeded {
    pub limit: Limit,
    /// The actor, domain, host or address, for people.
    pub subject: String,
    /// The time until there is room again, as far as it is known.
    pub retry_after: Duration,
}

/// The pause after a limit on things at once was reached.
const BUSY: Duration = Duration::from_secs(5);

const KIBIBYTE: u64 = 1024;

/// All budgets of a node.
pub struct Quota {
    limits: Limits,
    budgets: Budgets,
    semaphores: Semaphores,
    known: KnownDomains,
    hits: Hits,
}

impl Quota {
    pub fn new(config: &Config) -> Self {
        Quota {
            limits: config.limits.clone(),
            budgets: Budgets::default(),
            semaphores: Semaphores::default(),
            known: KnownDomains::default(),
            hits: Hits::default(),
        }
    }

    /// Returns the configured value of a limit, in its unit.
    pub fn value(&self, limit: Limit) -> u64 {
        self.limits.value(limit)
    }

    /// Identifies who causes a cost: an actor on a host (normalized, with or without a port).
    ///
    /// # Errors
    /// If the database can't say whether the domain is known.
    pub async fn sender(
        &self,
        actor: &str,
        host: &str,
        store: &Store,
    ) -> Result<Sender, StoreError> {
        let is_known = self.known.contains(host, store).await?;
        let factor = self.limits.factor(host);
        Ok(Sender::new(actor, host, is_known, factor))
    }

    /// Notes that a host's domain has an accepted follower or an approved comment now.
    pub fn mark_known(&self, host: &str) {
        self.known.insert(host);
    }

    /// Charges a sender for `amount` of something that is limited for actors or domains.
    ///
    /// # Errors
    /// If the budget does not allow it. Nothing is charged then.
    pub fn charge(&self, limit: Limit, sender: &Sender, amount: u64) -> Result<(), Exceeded> {
        self.charge_all(&[(limit, self.value(limit), amount)], sender)
    }

    /// Charges a sender for bytes that are stored: its own budget and its domain's. More than a whole budget takes the
    /// whole of it.
    ///
    /// # Errors
    /// If one of the budgets does not allow it. Nothing is charged then.
    pub fn charge_stored(&self, sender: &Sender, bytes: usize) -> Result<(), Exceeded> {
        let charge = |limit| {
            let size = self.value(limit).saturating_mul(KIBIBYTE);
            (limit, size, bytes as u64)
        };
        let charges = [Limit::StoredOfActor, Limit::StoredOfDomain].map(charge);
        self.charge_all(&charges, sender)
    }

    /// Charges several limits with their sizes and amounts, all or none.
    fn charge_all(&self, charges: &[(Limit, u64, u64)], sender: &Sender) -> Result<(), Exceeded> {
        let shares = self.value(Limit::HostsOfDomain);
        let mut spent: Vec<(Limit, String, u64, u64)> = Vec::new();
        for (limit, size, amount) in charges {
            for (key, size) in sender.accounts(limit.rule().scope, *size, shares) {
                let amount = (*amount).min(size);
                if let Err(retry_after) = self.budgets.spend(*limit, &key, amount, size) {
                    for (limit, key, amount, size) in &spent {
                        self.budgets.refund(*limit, key, *amount, *size);
                    }
                    return Err(self.exceeded(*limit, &key, retry_after));
                }
                spent.push((*limit, key, amount, size));
            }
        }
        Ok(())
    }

    /// Returns a limit that is a number of seconds.
    pub fn seconds(&self, limit: Limit) -> Duration {
        Duration::from_secs(self.value(limit))
    }

    /// Returns what a sender was charged for something that did not happen.
    pub fn refund(&self, limit: Limit, sender: &Sender, amount: u64) {
        let shares = self.value(Limit::HostsOfDomain);
        for (key, size) in sender.accounts(limit.rule().scope, self.value(limit), shares) {
            self.budgets.refund(limit, &key, amount, size);
        }
    }

    /// Charges an address, an asked host or the node for `amount` of something.
    ///
    /// # Errors
    /// If the budget does not allow it. Nothing is charged then.
    pub fn charge_account(&self, limit: Limit, key: &str, amount: u64) -> Result<(), Exceeded> {
        let size = self.value(limit);
        self.budgets
            .spend(limit, key, amount, size)
            .map_err(|retry_after| self.exceeded(limit, key, retry_after))
    }

    /// Returns how many a sender's host and its whole domain may have of something that the database counts.
    pub fn allowance(&self, limit: Limit, sender: &Sender) -> (u64, u64) {
        let shares = self.value(Limit::HostsOfDomain);
        sender.allowance(self.value(limit), shares)
    }

    /// Waits at most `timeout` for `amount` of something that is limited at once, and holds it until the result is
    /// dropped. An amount above the limit takes the whole of it.
    ///
    /// # Errors
    /// If there is no room in time.
    pub async fn acquire(
        &self,
        limit: Limit,
        key: &str,
        amount: u64,
        timeout: Duration,
    ) -> Result<Permits, Exceeded> {
        let size = self.value(limit);
        self.acquire_of(limit, key, amount, size, timeout).await
    }

    /// As [`Quota::acquire`], for a limit on domains, of which a known domain and each of its hosts have larger shares: at
    /// most half of the node's limit `whole`, so that others always find room.
    ///
    /// # Errors
    /// If there is no room in time.
    pub async fn acquire_share(
        &self,
        limit: Limit,
        whole: Limit,
        sender: &Sender,
        timeout: Duration,
    ) -> Result<Permits, Exceeded> {
        let shares = self.value(Limit::HostsOfDomain);
        let accounts = sender.accounts(limit.rule().scope, self.value(limit), shares);
        let half = (self.value(whole) / 2).max(1);
        let deadline = Instant::now() + timeout;
        let mut all = Permits::default();
        for (key, size) in accounts {
            let left = deadline.saturating_duration_since(Instant::now());
            let held = self.acquire_of(limit, &key, 1, size.min(half), left).await?;
            all.add(held);
        }
        Ok(all)
    }

    /// As [`Quota::acquire`], for `bytes` of a limit that is stated in MiB.
    ///
    /// # Errors
    /// If there is no room in time.
    pub async fn acquire_memory(
        &self,
        limit: Limit,
        key: &str,
        bytes: u64,
        timeout: Duration,
    ) -> Result<Permits, Exceeded> {
        let size = self.value(limit).saturating_mul(1024);
        let kilobytes = bytes.div_ceil(1024);
        self.acquire_of(limit, key, kilobytes, size, timeout).await
    }

    async fn acquire_of(
        &self,
        limit: Limit,
        key: &str,
        amount: u64,
        size: u64,
        timeout: Duration,
    ) -> Result<Permits, Exceeded> {
        let held = self.semaphores.acquire(limit, key, amount, size, timeout);
        held.await.ok_or_else(|| self.exceeded(limit, key, BUSY))
    }

    /// Counts that somebody has reached a limit, for limits that are checked elsewhere. Returns the error for it.
    pub fn exceeded(&self, limit: Limit, subject: &str, retry_after: Duration) -> Exceeded {
        let subject = match subject {
            "" => "the node",
            subject => subject,
        };
        self.hits.record(limit, subject);
        Exceeded {
            limit,
            subject: subject.to_owned(),
            retry_after,
        }
    }

    /// Writes the counted occasions to the database every few seconds, until `stop`.
    pub async fn report(&self, store: &Store, stop: CancellationToken) {
        self.hits.report(store, stop).await;
    }
}
