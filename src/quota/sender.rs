//! The party that a cost is charged to, and the domains that have a share for each of their hosts.

use super::Scope;
use crate::{
    content::registrable_domain,
    store::{Store, StoreError},
};
use moka::sync::Cache;
use std::time::Duration;

/// Domains that are remembered.
const DOMAINS: u64 = 20_000;
/// How long it is remembered that a domain is known, or that it is not: another process may change either.
const KNOWN_FOR: Duration = Duration::from_secs(60);
const UNKNOWN_FOR: Duration = Duration::from_secs(5);

/// An actor of another server with its host, as budgets see it.
#[derive(Debug, Clone)]
pub struct Sender {
    actor: String,
    host: String,
    domain: String,
    is_known: bool,
    factor: f64,
}

impl Sender {
    pub(super) fn new(actor: &str, host: &str, is_known: bool, factor: f64) -> Self {
        Sender {
            actor: actor.to_owned(),
            host: host.to_owned(),
            domain: registrable_domain(host).to_owned(),
            is_known,
            factor,
        }
    }

    /// Returns the registrable domain.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Returns whether the domain has an accepted follower or an approved comment.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Returns the shares of the host and of its whole domain, if one share is `size`.
    pub(super) fn allowance(&self, size: u64, shares: u64) -> (u64, u64) {
        let share = scaled(size, self.factor);
        match self.is_known {
            true => (share, share.saturating_mul(shares)),
            false => (share, share),
        }
    }

    /// Returns the accounts that a cost is charged to, with their sizes, if one share is `size`.
    pub(super) fn accounts(&self, scope: Scope, size: u64, shares: u64) -> Vec<(String, u64)> {
        let share = scaled(size, self.factor);
        match scope {
            Scope::Actor => vec![(self.actor.clone(), share)],
            _ if self.is_known => {
                let all = format!("*.{}", self.domain);
                vec![
                    (self.host.clone(), share),
                    (all, share.saturating_mul(shares)),
                ]
            }
            _ => vec![(self.domain.clone(), share)],
        }
    }
}

/// Returns `size` times `factor`, at least 1.
fn scaled(size: u64, factor: f64) -> u64 {
    // A product above the range saturates.
    ((size as f64 * factor) as u64).max(1)
}

/// Whether domains are known, as the database said lately.
pub struct KnownDomains {
    known: Cache<Box<str>, ()>,
    unknown: Cache<Box<str>, ()>,
}

impl Default for KnownDomains {
    fn default() -> Self {
        let cache = |kept_for| {
            Cache::builder()
                .max_capacity(DOMAINS)
                .time_to_live(kept_for)
                .build()
        };
        KnownDomains {
            known: cache(KNOWN_FOR),
            unknown: cache(UNKNOWN_FOR),
        }
    }
}

impl KnownDomains {
    /// Returns whether a host's domain has an accepted follower or an approved comment.
    pub async fn contains(&self, host: &str, store: &Store) -> Result<bool, StoreError> {
        let domain = registrable_domain(host);
        if self.known.contains_key(domain) {
            return Ok(true);
        }
        if self.unknown.contains_key(domain) {
            return Ok(false);
        }
        let is_known = store.read().await?.is_known_domain(domain).await?;
        match is_known {
            true => self.insert(host),
            false => self.unknown.insert(domain.into(), ()),
        }
        Ok(is_known)
    }

    pub fn insert(&self, host: &str) {
        self.known.insert(registrable_domain(host).into(), ());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subdomains_of_an_unknown_domain_share_one_account() {
        let accounts = |host, is_known| {
            Sender::new("https://a.example/u", host, is_known, 2.0).accounts(Scope::Domain, 10, 4)
        };
        assert_eq!(
            accounts("one.evil.example", false),
            [("evil.example".to_owned(), 20)]
        );
        assert_eq!(
            accounts("one.masto.example", true),
            [
                ("one.masto.example".to_owned(), 20),
                ("*.masto.example".to_owned(), 80)
            ]
        );
    }
}
