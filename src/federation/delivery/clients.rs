//! HTTP clients: connections are kept alive for a limited number of hosts and closed soon for all others.
//!
//! An idle TLS connection takes tens of kilobytes. With followers on 20,000 servers, kept connections would take a
//! gigabyte after each article.

use crate::{
    config::Config,
    node::{NodeError, http},
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The maximum number of hosts with kept connections.
const KEPT_HOSTS: usize = 1000;
/// How long an idle connection to these hosts is kept.
const KEPT_FOR: Duration = Duration::from_secs(90);
/// How long other idle connections are kept: long enough for the current batch.
pub(super) const BRIEFLY: Duration = Duration::from_millis(500);

pub(super) struct Clients {
    kept: reqwest::Client,
    brief: reqwest::Client,
    hosts: Mutex<Hosts>,
}

impl Clients {
    pub(super) fn new(config: &Config) -> Result<Self, NodeError> {
        let timeout = config.delivery.timeout.duration();
        Ok(Clients {
            kept: http::guarded_client(config, timeout, KEPT_FOR)?,
            brief: http::guarded_client(config, timeout, BRIEFLY)?,
            hosts: Mutex::default(),
        })
    }

    /// Returns the client for deliveries to this host.
    pub(super) fn of(&self, host: &str) -> &reqwest::Client {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.keeps(host, Instant::now()) {
            &self.kept
        } else {
            &self.brief
        }
    }
}

/// The hosts with kept connections, and the time of the last use of each.
#[derive(Default)]
struct Hosts {
    used: HashMap<String, Instant>,
    swept: Option<Instant>,
}

impl Hosts {
    fn keeps(&mut self, host: &str, now: Instant) -> bool {
        if let Some(used) = self.used.get_mut(host) {
            *used = now;
            return true;
        }
        if self.used.len() >= KEPT_HOSTS {
            self.sweep(now);
        }
        let has_room = self.used.len() < KEPT_HOSTS;
        if has_room {
            self.used.insert(host.to_owned(), now);
        }
        has_room
    }

    /// Removes the hosts whose connections have been closed by now, at most once a second.
    fn sweep(&mut self, now: Instant) {
        let is_recent = |swept: Instant| now.duration_since(swept) < Duration::from_secs(1);
        if !self.swept.is_some_and(is_recent) {
            self.swept = Some(now);
            self.used
                .retain(|_, used| now.duration_since(*used) < KEPT_FOR);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_kept_for_a_limited_number_of_hosts() {
        let (mut hosts, start) = (Hosts::default(), Instant::now());
        let kept = (0..5000).filter(|number| hosts.keeps(&format!("h{number}.example"), start));
        assert_eq!(kept.count(), KEPT_HOSTS);
        assert!(hosts.keeps("h0.example", start + KEPT_FOR / 2));
        assert!(!hosts.keeps("late.example", start + KEPT_FOR / 2));
        // By then all but one were closed.
        assert!(hosts.keeps("late.example", start + KEPT_FOR));
        assert!(hosts.keeps("h0.example", start + KEPT_FOR));
        assert_eq!(hosts.used.len(), 2);
    }
}
