//! The outcome of a delivery attempt by the server's response, and the schedule of retries.

use crate::{
    base::backoff::{Backoff, retry_after},
    config,
    store::{self, Destination, DestinationHealth, DestinationState},
};
use http::{HeaderMap, StatusCode};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// The number of attempts for a delivery whose response may come from an intermediary, before it counts as refused.
pub(super) const MAX_ATTEMPTS: i64 = 5;

/// The outcome of a delivery attempt.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    Delivered,
    /// 401, 403: another key or signature style may work.
    Unauthorized(u16),
    /// A temporary refusal, or one that may come from an intermediary: this message is retried a few times and does
    /// not delay any other.
    Doubtful(u16),
    /// 421: the connection leads to another server than the one requested; a new connection may work.
    Misdirected,
    /// 413: a smaller form may work.
    TooLarge,
    /// Not sent, because this host answered 413 to a smaller body.
    KnownTooLarge,
    /// This message is refused and never retried.
    Refused(u16),
    /// 404, 410: the inbox does not exist.
    Gone(u16),
    /// 429 or 503 with `Retry-After`: the status and the requested wait in milliseconds.
    RetryAfter(u16, i64),
    /// The destination failed; a retry may succeed.
    Failed(String),
    /// This node never connects to that address.
    Forbidden(String),
}

impl Outcome {
    /// Returns the label in the metrics.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Outcome::Delivered => "delivered",
            Outcome::Unauthorized(_)
            | Outcome::Refused(_)
            | Outcome::TooLarge
            | Outcome::KnownTooLarge => "refused",
            Outcome::Doubtful(_) | Outcome::Misdirected => "doubtful",
            Outcome::Gone(_) => "gone",
            Outcome::RetryAfter(..) => "wait",
            Outcome::Failed(_) => "failed",
            Outcome::Forbidden(_) => "forbidden",
        }
    }

    /// Returns the outcome as `pamphlet tail` shows it, with the reason if it was not delivered.
    pub(super) fn event(&self) -> (&'static str, Option<String>) {
        let answered = |status: &u16| Some(format!("it answered {status}"));
        match self {
            Outcome::Delivered => ("delivered", None),
            Outcome::Refused(status) | Outcome::Unauthorized(status) => {
                ("refused", answered(status))
            }
            Outcome::TooLarge => ("refused", answered(&413)),
            Outcome::KnownTooLarge => ("refused", Some("it is too large for that server".into())),
            Outcome::Forbidden(error) => ("refused", Some(error.clone())),
            Outcome::Doubtful(status) | Outcome::Gone(status) => ("failed", answered(status)),
            Outcome::Misdirected => ("failed", answered(&421)),
            Outcome::RetryAfter(status, _) => (
                "failed",
                Some(format!("it answered {status} and asked to wait")),
            ),
            Outcome::Failed(error) => ("failed", Some(error.clone())),
        }
    }
}

/// Returns the outcome that a response means.
pub(super) fn of_response(status: StatusCode, headers: &HeaderMap) -> Outcome {
    let code = status.as_u16();
    match code {
        200..300 => Outcome::Delivered,
        401 | 403 => Outcome::Unauthorized(code),
        404 | 410 => Outcome::Gone(code),
        413 => Outcome::TooLarge,
        421 => Outcome::Misdirected,
        429 | 503 => match retry_after(headers) {
            Some(wait) => Outcome::RetryAfter(code, wait.clamp(1000, DAY)),
            None => Outcome::Failed(format!("it answered {code}")),
        },
        408 | 425 | 500.. => Outcome::Failed(format!("it answered {code}")),
        // Proxies report a connection that ended before the response (nginx 444 and 499, AWS 460); IIS asks for a
        // retry (449).
        444 | 449 | 460 | 499 => Outcome::Failed(format!("it answered {code}")),
        // 400 may also come from a proxy that does not understand the request, or from Mastodon if it could not
        // fetch a key in time. 402 means an unpaid host. 409, 423 and 424 describe temporary states.
        400 | 402 | 409 | 423 | 424 => Outcome::Doubtful(code),
        // These concern headers that we never send (`Expect`, `If-Match`, `Range`, `Upgrade`) or always send
        // (`Content-Length`), or a client certificate, so they come from an intermediary.
        411 | 412 | 416 | 417 | 426 | 428 | 495 | 496 => Outcome::Doubtful(code),
        // The server has read the message, or enough of it: 405 no POST, 406 and 415 content type, 414 and 431
        // address and headers that will not change, 422 meaning, 451 law. A redirect counts too: it is not
        // followed, because the signature covers one address.
        _ => Outcome::Refused(code),
    }
}

/// The times of retries to a failing destination, and the time after which it counts as dead.
#[derive(Debug, Clone)]
pub(super) struct RetrySchedule {
    backoff: Backoff,
    dead_after: i64,
}

impl RetrySchedule {
    pub(super) fn new(config: &config::Delivery) -> Self {
        RetrySchedule {
            backoff: Backoff {
                first: config.first_retry.milliseconds(),
                growth: config.retry_growth.clamp(1.0, 100.0),
                longest: config.longest_retry.milliseconds(),
            },
            dead_after: config.dead_after.milliseconds(),
        }
    }

    /// Returns the longest delay between two attempts, in milliseconds.
    pub(super) fn longest_delay(&self) -> i64 {
        self.backoff.longest.max(DAY)
    }

    /// Returns the delay after a number of consecutive failures, in milliseconds, with jitter.
    pub(super) fn delay_with_jitter(&self, attempts: i64) -> i64 {
        self.backoff.wait_with_jitter(attempts)
    }

    /// Returns the verdict about a destination that failed once more.
    pub(super) fn after_failure(
        &self,
        destination: &Destination,
        error: String,
    ) -> DestinationHealth {
        let wait = self.backoff.wait_with_jitter(destination.failures);
        self.after_request_to_wait(destination, wait, error)
    }

    /// Returns the verdict about a destination that failed once more and is retried after `wait` milliseconds.
    pub(super) fn after_request_to_wait(
        &self,
        destination: &Destination,
        wait: i64,
        error: String,
    ) -> DestinationHealth {
        let now = store::now();
        let since = destination.failing_since.unwrap_or(now);
        if destination.state == DestinationState::Dead || now - since >= self.dead_after {
            return DestinationHealth::Dead {
                next_attempt_at: now + DAY,
                error,
            };
        }
        DestinationHealth::Failing {
            next_attempt_at: now + wait,
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::RETRY_AFTER;

    const MINUTE: i64 = 60 * 1000;

    fn outcome(status: u16, retry: Option<&str>) -> Outcome {
        let mut headers = HeaderMap::new();
        if let Some(retry) = retry {
            headers.insert(RETRY_AFTER, retry.parse().unwrap());
        }
        of_response(StatusCode::from_u16(status).unwrap(), &headers)
    }

    #[test]
    fn each_answer_has_its_meaning() {
        assert_eq!(outcome(202, None), Outcome::Delivered);
        assert_eq!(outcome(401, None), Outcome::Unauthorized(401));
        assert_eq!(outcome(410, None), Outcome::Gone(410));
        assert_eq!(outcome(422, None), Outcome::Refused(422));
        assert_eq!(outcome(301, None), Outcome::Refused(301));
        assert_eq!(outcome(429, Some("120")), Outcome::RetryAfter(429, 120_000));
        assert_eq!(
            outcome(503, Some("999999999")),
            Outcome::RetryAfter(503, DAY)
        );
        assert!(matches!(outcome(503, None), Outcome::Failed(_)));
        assert!(matches!(outcome(503, Some("soon")), Outcome::Failed(_)));
        for status in [408, 425, 444, 499, 500, 502, 507, 520, 599] {
            assert!(
                matches!(outcome(status, None), Outcome::Failed(_)),
                "{status}"
            );
        }
        for status in [400, 402, 409, 411, 412, 416, 417, 423, 424, 426, 428] {
            assert_eq!(outcome(status, None), Outcome::Doubtful(status));
        }
        for status in [302, 308, 405, 406, 414, 415, 418, 422, 431, 451] {
            assert_eq!(outcome(status, None), Outcome::Refused(status));
        }
        assert_eq!(outcome(413, None), Outcome::TooLarge);
        assert_eq!(outcome(421, None), Outcome::Misdirected);
        let date = httpdate::fmt_http_date(
            std::time::SystemTime::now() + std::time::Duration::from_secs(600),
        );
        assert!(
            matches!(outcome(429, Some(&date)), Outcome::RetryAfter(429, wait) if (590_000..=600_000).contains(&wait))
        );
    }

    #[test]
    fn waits_grow_to_twelve_hours() {
        let schedule = RetrySchedule::new(&config::Delivery::default());
        assert_eq!(schedule.backoff.wait(0), MINUTE);
        assert_eq!(schedule.backoff.wait(1), 5 * MINUTE / 2);
        assert_eq!(schedule.backoff.wait(50), 12 * 60 * MINUTE);
        assert_eq!(schedule.backoff.wait(i64::MAX), 12 * 60 * MINUTE);
    }

    #[test]
    fn a_week_without_success_is_death_and_a_probe_a_day() {
        let schedule = RetrySchedule::new(&config::Delivery::default());
        let mut destination = Destination {
            id: 1,
            inbox: String::new(),
            host: String::new(),
            state: DestinationState::Alive,
            generation: 0,
            priority: 0,
            failures: 40,
            failing_since: Some(store::now() - 6 * DAY),
            gone_since: None,
            style: "cavage".into(),
            smallest_refused: None,
        };
        assert!(matches!(
            schedule.after_failure(&destination, String::new()),
            DestinationHealth::Failing { .. }
        ));
        destination.failing_since = Some(store::now() - 8 * DAY);
        assert!(matches!(
            schedule.after_failure(&destination, String::new()),
            DestinationHealth::Dead { next_attempt_at, .. } if next_attempt_at > store::now() + DAY - 1000
        ));
    }
}
