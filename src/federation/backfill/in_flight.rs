//! The backfill tasks in flight. Limits per host, domain and root activity keep slow hosts and busy domains from taking
//! all permits.

use crate::{
    content::registrable_domain,
    store::{BusyLookups, Crawl, Lookup},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The maximum number of concurrent lookups that fetch from one host, and that fetch from or were caused by one domain.
pub(super) const OF_HOST: i64 = 2;
pub(super) const OF_DOMAIN: i64 = 4;
/// The maximum number of concurrent fetches of `replies`.
pub(super) const REPLY_FETCHES: usize = 4;

/// A task in flight.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    is_reply_fetch: bool,
    asked: String,
    asked_domain: String,
    domain: String,
    root: String,
}

/// All tasks in flight.
#[derive(Debug, Default)]
pub(super) struct InFlight(Mutex<Vec<Entry>>);

/// A task's share of the limits, released when it is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    all: Arc<InFlight>,
    entry: Entry,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut entries = self.all.lock();
        if let Some(index) = entries.iter().position(|entry| *entry == self.entry) {
            entries.swap_remove(index);
        }
    }
}

impl InFlight {
    /// Reserves a lookup. Returns `None` if its host, domain or root has too many.
    pub(super) fn reserve_lookup(self: &Arc<Self>, lookup: &Lookup) -> Option<Reservation> {
        let busy = self.busy();
        let has = |busy: &[String], name: &String| busy.contains(name);
        let is_busy = has(&busy.asked, &lookup.asked)
            || has(&busy.asked_domains, &lookup.asked_domain)
            || has(&busy.domains, &lookup.domain)
            || has(&busy.roots, &lookup.root);
        (!is_busy).then(|| {
            self.reserve(Entry {
                is_reply_fetch: false,
                asked: lookup.asked.clone(),
                asked_domain: lookup.asked_domain.clone(),
                domain: lookup.domain.clone(),
                root: lookup.root.clone(),
            })
        })
    }

    /// Reserves a fetch of `replies`. Returns `None` if there is one of the same domain.
    pub(super) fn reserve_replies(
        self: &Arc<Self>,
        crawl: &Crawl,
        host: &str,
    ) -> Option<Reservation> {
        let domain = registrable_domain(host);
        let is_busy = self
            .lock()
            .iter()
            .any(|entry| entry.is_reply_fetch && entry.asked_domain == domain);
        (!is_busy).then(|| {
            self.reserve(Entry {
                is_reply_fetch: true,
                asked: host.to_owned(),
                asked_domain: domain.to_owned(),
                domain: String::new(),
                root: crawl.caused_by.as_ref().unwrap_or(&crawl.uri).clone(),
            })
        })
    }

    fn reserve(self: &Arc<Self>, entry: Entry) -> Reservation {
        self.lock().push(entry.clone());
        Reservation {
            all: self.clone(),
            entry,
        }
    }

    /// Returns the number of fetches of `replies` that may start.
    pub(super) fn free_reply_fetches(&self) -> usize {
        let fetches = self
            .lock()
            .iter()
            .filter(|entry| entry.is_reply_fetch)
            .count();
        REPLY_FETCHES.saturating_sub(fetches)
    }

    /// Returns the hosts, domains and roots for which no more lookups may start.
    pub(super) fn busy(&self) -> BusyLookups {
        let entries = self.lock();
        let lookups: Vec<&Entry> = entries
            .iter()
            .filter(|entry| !entry.is_reply_fetch)
            .collect();
        BusyLookups {
            asked: full(lookups.iter().map(|entry| &entry.asked), OF_HOST),
            asked_domains: full(lookups.iter().map(|entry| &entry.asked_domain), OF_DOMAIN),
            domains: full(lookups.iter().map(|entry| &entry.domain), OF_DOMAIN),
            roots: full(entries.iter().map(|entry| &entry.root), 1),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        // No code under the lock can leave the list half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the names that occur `limit` times or more.
fn full<'a>(names: impl Iterator<Item = &'a String>, limit: i64) -> Vec<String> {
    let mut counts: HashMap<&String, i64> = HashMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let full = counts.into_iter().filter(|(_, count)| *count >= limit);
    full.map(|(name, _)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(asked: &str, domain: &str, root: &str) -> Lookup {
        Lookup {
            uri: String::new(),
            domain: domain.to_owned(),
            asked: asked.to_owned(),
            asked_domain: registrable_domain(asked).to_owned(),
            root: root.to_owned(),
            found_below: None,
            attempts: 0,
        }
    }

    #[test]
    fn no_host_domain_or_root_takes_all_slots() {
        let all = Arc::new(InFlight::default());
        let take = |asked: &str, domain: &str, root: &str| {
            all.reserve_lookup(&lookup(asked, domain, root))
        };
        let first = take("a.example.org", "one.example", "1").unwrap();
        assert!(
            take("b.example.net", "two.example", "1").is_none(),
            "the root"
        );
        let mut held = vec![take("a.example.org", "one.example", "2").unwrap()];
        assert!(
            take("a.example.org", "two.example", "3").is_none(),
            "the host"
        );
        held.extend([3, 4].map(|root| {
            take(
                &format!("h{root}.example.org"),
                "two.example",
                &root.to_string(),
            )
            .unwrap()
        }));
        assert!(
            take("z.example.org", "three.example", "5").is_none(),
            "the domain that is asked"
        );
        held.extend([6, 7].map(|root| {
            take(
                &format!("h{root}.example"),
                "one.example",
                &root.to_string(),
            )
            .unwrap()
        }));
        assert!(
            take("h8.example", "one.example", "8").is_none(),
            "the domain that tells"
        );
        drop(first);
        assert!(take("a.example.org", "one.example", "1").is_some());
    }
}
