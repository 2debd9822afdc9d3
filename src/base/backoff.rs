//! Exponential back-off, and the `Retry-After` by which a server asks for a wait.

use chrono::{DateTime, Utc};
use http::{HeaderMap, header::RETRY_AFTER};

/// Waits that grow with each failure in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Backoff {
    /// The wait after the first failure, in milliseconds.
    pub first: i64,
    /// The factor by which each wait is longer than the one before.
    pub growth: f64,
    /// The longest wait, in milliseconds.
    pub longest: i64,
}

impl Backoff {
    /// Returns the wait in milliseconds after one more failure, by the number of failures in a row before it.
    pub(crate) fn wait(&self, failures: i64) -> i64 {
        self.stretched(failures, 1.0)
    }

    /// Returns that wait, up to 30 % longer, so that destinations which failed together are not retried together.
    pub(crate) fn wait_with_jitter(&self, failures: i64) -> i64 {
        self.stretched(failures, jitter())
    }

    fn stretched(&self, failures: i64, factor: f64) -> i64 {
        let exponent = failures.clamp(0, 1000) as i32;
        let longest = self.longest as f64;
        let wait = (self.first as f64 * self.growth.powi(exponent)).min(longest);
        (wait * factor).min(longest) as i64
    }
}

/// Returns a random factor from 1 to 1.3.
fn jitter() -> f64 {
    let mut bytes = [0u8; 2];
    // Without randomness there is no jitter, which does no harm.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    1.0 + 0.3 * f64::from(u16::from_be_bytes(bytes)) / f64::from(u16::MAX)
}

/// Returns the wait that `Retry-After` asks for, in milliseconds (RFC 9110 10.2.3): a number of seconds, or a date. It is
/// negative for a date that has passed. Returns `None` for a missing or invalid header.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<i64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(seconds.saturating_mul(1000));
    }
    let date = DateTime::<Utc>::from(httpdate::parse_http_date(text).ok()?);
    Some((date - Utc::now()).num_milliseconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff {
        first: 60_000,
        growth: 4.0,
        longest: 24 * 3_600_000,
    };

    #[test]
    fn waits_grow_to_the_longest() {
        for (failures, minutes) in [
            (0, 1),
            (1, 4),
            (2, 16),
            (5, 1024),
            (6, 1440),
            (i64::MAX, 1440),
        ] {
            assert_eq!(BACKOFF.wait(failures), minutes * 60_000, "{failures}");
        }
    }

    #[test]
    fn jitter_only_lengthens_and_respects_the_longest() {
        for _ in 0..100 {
            assert!((60_000..=78_000).contains(&BACKOFF.wait_with_jitter(0)));
            assert_eq!(BACKOFF.wait_with_jitter(100), BACKOFF.longest);
        }
    }

    #[test]
    fn retry_after_has_seconds_or_a_date() {
        let soon = std::time::SystemTime::now() + std::time::Duration::from_secs(90);
        for (text, range) in [
            ("120", Some(120_000..=120_000)),
            (" 120 ", Some(120_000..=120_000)),
            (
                httpdate::fmt_http_date(soon).as_str(),
                Some(88_000..=90_000),
            ),
            ("Mon, 02 Jan 2006 15:04:05 GMT", Some(i64::MIN..=0)),
            ("-1", Some(-1000..=-1000)),
            ("soon", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            let wait = retry_after(&headers);
            match range {
                Some(range) => assert!(range.contains(&wait.unwrap()), "{text}: {wait:?}"),
                None => assert_eq!(wait, None, "{text}"),
            }
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
