//! Connections: kept open for as many hosts as memory allows, and closed soon for all others.
//!
//! An idle TLS connection takes some tens of kilobytes. A publication whose followers are on 20,000 servers
//! would hold a gigabyte of them after each article.

use crate::{
    config::Config,
    node::{NodeError, http},
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Hosts whose connections are kept for what comes next.
const KEPT_HOSTS: usize = 1000;
/// How long they are kept.
const KEPT_FOR: Duration = Duration::from_secs(90);
/// How long the others are: enough for what waits for a host now.
pub(super) const BRIEFLY: Duration = Duration::from_millis(500);

pub(super) struct Clients {
    kept: reqwest::Client,
    brief: reqwest::Client,
    hosts: Mutex<Hosts>,
}

impl Clients {
    pub fn new(config: &Config) -> Result<Self, NodeError> {
        let timeout = config.delivery.timeout.duration();
        Ok(Clients {
            kept: http::guarded_client(config, timeout, KEPT_FOR)?,
            brief: http::guarded_client(config, timeout, BRIEFLY)?,
            hosts: Mutex::default(),
        })
    }

    /// The client that delivers to this host now.
    pub fn of(&self, host: &str) -> &reqwest::Client {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        match hosts.keeps(host, Instant::now()) {
            true => &self.kept,
            false => &self.brief,
        }
    }
}

/// The hosts whose connections are kept, and when each was last used.
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

    /// Forgets those whose connections are closed by now; at most once a second.
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
