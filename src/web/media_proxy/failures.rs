//! Remembers copies that could not be made, and hosts that did not respond.

use super::Failure;
use moka::sync::Cache;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// How long an unusable picture is not fetched again.
pub(super) const PERMANENT_FOR: Duration = Duration::from_secs(600);
/// The maximum number of pictures and of hosts that are remembered.
const CAPACITY: u64 = 10_000;
/// The number of failures in a row after which a host is paused.
const MAX_FAILURES: u32 = 3;
/// The first pause of a host. It doubles with each further failure.
pub(super) const PAUSE: Duration = Duration::from_secs(60);
const MAX_PAUSE: Duration = Duration::from_secs(3600);

/// Recent failures of copies and hosts.
pub(super) struct Failures {
    /// By the file name of the copy.
    copies: Cache<String, (Failure, Instant)>,
    hosts: Cache<String, HostFailures>,
}

#[derive(Debug, Clone, Copy)]
struct HostFailures {
    /// In a row.
    count: u32,
    paused_until: Instant,
}

impl Default for Failures {
    fn default() -> Self {
        Failures {
            copies: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(PERMANENT_FOR)
                .build(),
            hosts: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(MAX_PAUSE * 2)
                .build(),
        }
    }
}

impl Failures {
    /// Returns the reason why a copy is not tried again yet.
    pub(super) fn of_copy(&self, path: &Path) -> Option<Failure> {
        let (failure, at) = self.copies.get(&file_name(path))?;
        match failure {
            Failure::Permanent => Some(failure),
            Failure::Temporary(pause) => {
                let left = pause.checked_sub(at.elapsed())?;
                Some(Failure::Temporary(left))
            }
        }
    }

    pub(super) fn add_copy(&self, path: &Path, failure: Failure) {
        let entry = (failure, Instant::now());
        self.copies.insert(file_name(path), entry);
    }

    /// Returns the rest of a host's pause.
    pub(super) fn pause_of_host(&self, host: &str) -> Option<Duration> {
        let known = self.hosts.get(host)?;
        let left = known.paused_until.checked_duration_since(Instant::now());
        left.filter(|left| !left.is_zero())
    }

    /// Counts a failure of a host, which may pause it.
    pub(super) fn add_host(&self, host: &str) {
        let count = self.hosts.get(host).map_or(0, |known| known.count) + 1;
        let pause = match count.checked_sub(MAX_FAILURES) {
            None => Duration::ZERO,
            Some(more) => (PAUSE * 2u32.pow(more.min(10))).min(MAX_PAUSE),
        };
        let failures = HostFailures {
            count,
            paused_until: Instant::now() + pause,
        };
        self.hosts.insert(host.to_owned(), failures);
    }

    pub(super) fn clear_host(&self, host: &str) {
        self.hosts.invalidate(host);
    }
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_of_a_host_grows_with_each_failure() {
        let failures = Failures::default();
        let minutes = || {
            let pause = failures.pause_of_host("a.example");
            pause.map(|pause| pause.as_secs_f64().div_euclid(59.0) as u64)
        };
        for expected in [None, None, Some(1), Some(2), Some(4)] {
            failures.add_host("a.example");
            assert_eq!(minutes(), expected);
        }
        for _ in 0..100 {
            failures.add_host("a.example");
        }
        assert_eq!(minutes(), Some(61), "at most an hour");
        assert_eq!(failures.pause_of_host("b.example"), None);
    }

    #[test]
    fn a_temporary_failure_is_forgotten_after_its_pause() {
        let (failures, path) = (Failures::default(), Path::new("/x/copy"));
        failures.add_copy(path, Failure::Temporary(Duration::ZERO));
        assert_eq!(failures.of_copy(path), None);
        failures.add_copy(path, Failure::Permanent);
        assert_eq!(failures.of_copy(path), Some(Failure::Permanent));
    }
}
