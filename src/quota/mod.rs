//! Bounds the cost that an actor, a domain, a host, an address or all others together may cause.
//!
//! Everything that the node fetches, stores, queues, decodes, shows or reports because of a remote or anonymous request is
//! charged here, to a [`Limit`] of the table in `config/limits.rs`. Accounts are in memory, in tables of bounded size. Hits
//! of limits are counted and written to the database for `pamphlet limits`.

mod budgets;
mod hits;
mod permits;
mod sender;

pub use crate::config::limits::{Limit, Period, Scope};
pub use permits::Permits;
pub use sender::Sender;

use crate::{
    config::{Config, Limits},
    store::{Store, StoreError},
};
use budgets::Budgets;
use hits::Hits;
use permits::Semaphores;
use sender::KnownDomains;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// A limit that was reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{subject} has reached the limit {}", .limit.key())]
pub struct Exceeded {
    pub limit: Limit,
    /// The actor, domain, host or address, for display.
    pub subject: String,
    /// The estimated time until the limit allows more.
    pub retry_after: Duration,
}

/// The estimated time until something in use is released.
const BUSY: Duration = Duration::from_secs(5);

const KIBIBYTE: u64 = 1024;

/// All accounts of a node.
pub struct Quota {
    limits: Limits,
    budgets: Budgets,
    semaphores: Semaphores,
    known: KnownDomains,
    hits: Hits,
}

impl Quota {
    /// Creates the accounts, all unused.
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

    /// Returns the party to charge for an actor on a host, which is in normal form, with or without a port.
    ///
    /// # Errors
    /// If the query for known domains fails.
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

    /// Marks a host's domain as known: it has an accepted follower or an approved comment now.
    pub fn mark_known(&self, host: &str) {
        self.known.insert(host);
    }

    /// Charges a sender for `amount` of a resource that is limited for actors or domains.
    ///
    /// # Errors
    /// If the limit does not allow it. Then nothing is charged.
    pub fn charge(&self, limit: Limit, sender: &Sender, amount: u64) -> Result<(), Exceeded> {
        self.charge_all(&[(limit, self.value(limit), amount)], sender)
    }

    /// Charges a sender and its domain for stored bytes. More than the limit counts as the limit.
    ///
    /// # Errors
    /// If one of the limits does not allow it. Then nothing is charged.
    pub fn charge_stored(&self, sender: &Sender, bytes: usize) -> Result<(), Exceeded> {
        let charge = |limit| {
            let size = self.value(limit).saturating_mul(KIBIBYTE);
            (limit, size, bytes as u64)
        };
        let charges = [Limit::StoredOfActor, Limit::StoredOfDomain].map(charge);
        self.charge_all(&charges, sender)
    }

    /// Charges several limits, given with their sizes and amounts: all of them or none.
    fn charge_all(&self, charges: &[(Limit, u64, u64)], sender: &Sender) -> Result<(), Exceeded> {
        let shares = self.value(Limit::HostsOfDomain);
        let mut charged: Vec<(Limit, String, u64, u64)> = Vec::new();
        for (limit, size, amount) in charges {
            for (key, size) in sender.accounts(limit.rule().scope, *size, shares) {
                let amount = (*amount).min(size);
                if let Err(retry_after) = self.budgets.charge(*limit, &key, amount, size) {
                    for (limit, key, amount, size) in &charged {
                        self.budgets.refund(*limit, key, *amount, *size);
                    }
                    return Err(self.exceeded(*limit, &key, retry_after));
                }
                charged.push((*limit, key, amount, size));
            }
        }
        Ok(())
    }

    /// Returns the value of a limit in seconds.
    pub fn seconds(&self, limit: Limit) -> Duration {
        Duration::from_secs(self.value(limit))
    }

    /// Refunds a charge for something that did not happen.
    pub fn refund(&self, limit: Limit, sender: &Sender, amount: u64) {
        let shares = self.value(Limit::HostsOfDomain);
        for (key, size) in sender.accounts(limit.rule().scope, self.value(limit), shares) {
            self.budgets.refund(limit, &key, amount, size);
        }
    }

    /// Charges an address, a requested host or the node for `amount` of a resource.
    ///
    /// # Errors
    /// If the limit does not allow it. Then nothing is charged.
    pub fn charge_account(&self, limit: Limit, key: &str, amount: u64) -> Result<(), Exceeded> {
        let size = self.value(limit);
        self.budgets
            .charge(limit, key, amount, size)
            .map_err(|retry_after| self.exceeded(limit, key, retry_after))
    }

    /// Checks that an address, a requested host or the node could be charged for one more, without a charge.
    ///
    /// # Errors
    /// If it could not.
    pub fn check_account(&self, limit: Limit, key: &str) -> Result<(), Exceeded> {
        self.budgets
            .check(limit, key, 1, self.value(limit))
            .map_err(|retry_after| self.exceeded(limit, key, retry_after))
    }

    /// Returns the numbers that a sender's host and its whole domain may have of a resource that the database counts.
    pub fn allowance(&self, limit: Limit, sender: &Sender) -> (u64, u64) {
        let shares = self.value(Limit::HostsOfDomain);
        sender.allowance(self.value(limit), shares)
    }

    /// Acquires `amount` of a resource whose concurrent use is limited, until the result is dropped. Waits at most `timeout`.
    /// An amount above the limit counts as the limit.
    ///
    /// # Errors
    /// If the timeout elapses.
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

    /// Acquires one unit as [`Quota::acquire`] does, of a limit on domains. A known domain and each of its hosts have larger
    /// shares, but at most half of the node's limit `whole`, so that the rest is left to others.
    ///
    /// # Errors
    /// If the timeout elapses.
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
        let mut permits = Permits::default();
        for (key, size) in accounts {
            let left = deadline.saturating_duration_since(Instant::now());
            let permit = self
                .acquire_of(limit, &key, 1, size.min(half), left)
                .await?;
            permits.merge(permit);
        }
        Ok(permits)
    }

    /// Acquires `bytes` as [`Quota::acquire`] does, of a limit in MiB.
    ///
    /// # Errors
    /// If the timeout elapses.
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
        let permits = self.semaphores.acquire(limit, key, amount, size, timeout);
        permits.await.ok_or_else(|| self.exceeded(limit, key, BUSY))
    }

    /// Counts a hit of a limit that is checked elsewhere. Returns the error for it.
    pub fn exceeded(&self, limit: Limit, subject: &str, retry_after: Duration) -> Exceeded {
        let subject = if subject.is_empty() {
            "the node"
        } else {
            subject
        };
        self.hits.record(limit, subject);
        Exceeded {
            limit,
            subject: subject.to_owned(),
            retry_after,
        }
    }

    /// Writes the counted hits to the database every few seconds, until `stop` is cancelled.
    pub async fn report(&self, store: &Store, stop: CancellationToken) {
        self.hits.report(store, stop).await;
    }
}
