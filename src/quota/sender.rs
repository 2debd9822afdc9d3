//! The party that a cost is charged to, and the domains that have a share for each of their hosts.

use super::Scope;
use crate::{
    content::registrable_domain,
    store::{Store, StoreError},
};
use moka::sync::Cache;
use std::time::Duration;

/// Domains that are remembered, and for how long.
const DOMAINS: u64 = 20_000;
const REMEMBERED_FOR: Duration = Duration::from_secs(60);

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

/// The domains that are known, for a while.
pub struct KnownDomains(Cache<Box<str>, bool>);

impl Default for KnownDomains {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(DOMAINS)
            .time_to_live(REMEMBERED_FOR);
        KnownDomains(cache.build())
    }
}

impl KnownDomains {
    /// Returns whether a host's domain has an accepted follower or an approved comment.
    pub async fn contains(&self, host: &str, store: &Store) -> Result<bool, StoreError> {
        let domain = registrable_domain(host);
        if let Some(is_known) = self.0.get(domain) {
            return Ok(is_known);
        }
        let is_known = store.read().await?.is_known_domain(domain).await?;
        self.0.insert(domain.into(), is_known);
        Ok(is_known)
    }

    pub fn insert(&self, host: &str) {
        self.0.insert(registrable_domain(host).into(), true);
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
