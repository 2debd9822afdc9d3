//! The party that is charged, and the known domains, whose hosts have shares of their own.

use super::Scope;
use crate::{
    content::registrable_domain,
    store::{Store, StoreError},
};
use moka::sync::Cache;
use std::time::Duration;

/// The maximum number of cached domains.
const MAX_DOMAINS: u64 = 20_000;
/// The time for which a known domain is cached. Another process may make it unknown.
const KNOWN_FOR: Duration = Duration::from_secs(60);
/// The time for which an unknown domain is cached. Another process may make it known.
const UNKNOWN_FOR: Duration = Duration::from_secs(5);

/// A remote actor with its host and domain.
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

    /// Returns the shares of the host and of its whole domain, for shares of `size`.
    pub(super) fn allowance(&self, size: u64, shares: u64) -> (u64, u64) {
        let share = scaled(size, self.factor);
        if self.is_known {
            (share, share.saturating_mul(shares))
        } else {
            (share, share)
        }
    }

    /// Returns the accounts to charge with their sizes, for shares of `size`.
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
    // The conversion saturates.
    ((size as f64 * factor) as u64).max(1)
}

/// A cache of known and unknown domains.
pub(super) struct KnownDomains {
    known: Cache<Box<str>, ()>,
    unknown: Cache<Box<str>, ()>,
}

impl Default for KnownDomains {
    fn default() -> Self {
        let cache = |kept_for| {
            Cache::builder()
                .max_capacity(MAX_DOMAINS)
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
    pub(super) async fn contains(&self, host: &str, store: &Store) -> Result<bool, StoreError> {
        let domain = registrable_domain(host);
        if self.known.contains_key(domain) {
            return Ok(true);
        }
        if self.unknown.contains_key(domain) {
            return Ok(false);
        }
        let is_known = store.read().await?.is_known_domain(domain).await?;
        if is_known {
            self.insert(host);
        } else {
            self.unknown.insert(domain.into(), ());
        }
        Ok(is_known)
    }

    /// Caches that a host's domain is known.
    pub(super) fn insert(&self, host: &str) {
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
