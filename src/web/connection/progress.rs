//! The progress of one connection, and when it counts as stalled.

use crate::quota::{Limit, Quota};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// The rate at which a client must receive responses on average, in bytes per second.
const MIN_RATE: f64 = 1024.0;

/// The time limits of a client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    /// Until its first byte, and for the headers of a request.
    pub request: Duration,
    /// Without receiving any part of a response.
    pub response: Duration,
    /// Between two requests.
    pub idle: Duration,
}

impl Timeouts {
    pub(crate) fn new(quota: &Quota) -> Timeouts {
        Timeouts {
            request: quota.seconds(Limit::RequestSeconds),
            response: quota.seconds(Limit::ResponseSeconds),
            idle: quota.seconds(Limit::IdleSeconds),
        }
    }

    /// Returns the new deadline of a client that has received some bytes.
    fn extended(&self, until: Instant, bytes: usize, now: Instant) -> Instant {
        let extension = Duration::from_secs_f64(bytes as f64 / MIN_RATE);
        (until + extension).min(now + self.response)
    }

    /// Returns the interval at which a connection is checked.
    fn interval(&self) -> Duration {
        let shortest = self.request.min(self.response);
        (shortest / 8).min(Duration::from_secs(1))
    }
}

/// The progress of one connection.
pub(crate) struct Progress {
    timeouts: Timeouts,
    state: Mutex<State>,
}

struct State {
    /// The requests in progress.
    open: Vec<Open>,
    /// The number of requests so far.
    requests: u64,
    /// Whether several requests share the connection (HTTP/2).
    is_shared: bool,
    /// The time at which the last request ended.
    idle_since: Instant,
    /// The time of the first byte of the next request.
    started: Option<Instant>,
    /// The deadline for bytes that wait to be sent.
    write_until: Option<Instant>,
}

struct Open {
    number: u64,
    /// The deadline for the client to request more of the response; `None` while it waits for us.
    until: Option<Instant>,
}

impl Progress {
    /// Starts at the first byte of a connection.
    pub(crate) fn new(timeouts: Timeouts) -> Arc<Progress> {
        let now = Instant::now();
        Arc::new(Progress {
            timeouts,
            state: Mutex::new(State {
                open: Vec::new(),
                requests: 0,
                is_shared: false,
                idle_since: now,
                started: Some(now),
                write_until: None,
            }),
        })
    }

    /// Waits until the client has made no progress for too long.
    pub(crate) async fn stalled(&self) {
        let interval = self.timeouts.interval();
        loop {
            let (now, deadline) = (Instant::now(), self.deadline());
            match deadline {
                Some(deadline) if deadline <= now => return,
                Some(deadline) => tokio::time::sleep(interval.min(deadline - now)).await,
                None => tokio::time::sleep(interval).await,
            }
        }
    }

    /// Returns whether there are open requests whose deadlines have not passed.
    pub(crate) fn has_others(&self) -> bool {
        let now = Instant::now();
        let state = self.lock();
        let is_late = |open: &Open| open.until.is_some_and(|until| until <= now);
        state.open.iter().any(|open| !is_late(open))
    }

    /// Notes a request, after all of its headers were received.
    pub(crate) fn request(self: &Arc<Self>, is_shared: bool) -> OpenRequest {
        let mut state = self.lock();
        state.requests += 1;
        state.is_shared = is_shared;
        state.started = None;
        let number = state.requests;
        state.open.push(Open {
            number,
            until: None,
        });
        OpenRequest {
            progress: self.clone(),
            number,
        }
    }

    /// Returns the next deadline of the connection.
    fn deadline(&self) -> Option<Instant> {
        self.lock().deadline(&self.timeouts)
    }

    /// Notes received bytes.
    pub(super) fn received(&self) {
        let mut state = self.lock();
        if state.open.is_empty() {
            state.started.get_or_insert_with(Instant::now);
        }
    }

    /// Notes that the client does not accept the bytes that wait to be sent.
    pub(super) fn blocked(&self) {
        let until = Instant::now() + self.timeouts.response;
        self.lock().write_until.get_or_insert(until);
    }

    /// Notes bytes that the client has accepted.
    pub(super) fn sent(&self, bytes: usize) {
        let mut state = self.lock();
        if let Some(until) = state.write_until {
            state.write_until = Some(self.timeouts.extended(until, bytes, Instant::now()));
        }
    }

    /// Notes that no bytes wait to be sent any more.
    pub(super) fn flushed(&self) {
        self.lock().write_until = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code under the lock can panic with the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn deadline(&self, timeouts: &Timeouts) -> Option<Instant> {
        let responses = self.open.iter().filter_map(|open| open.until);
        let next = match (self.open.is_empty(), self.started) {
            (false, _) => None,
            // An idle HTTP/2 connection receives frames that belong to no request.
            (true, Some(started)) if !self.is_shared => Some(started + timeouts.request),
            (true, _) => Some(self.idle_since + timeouts.idle),
        };
        responses.chain(next).chain(self.write_until).min()
    }
}

/// A request in progress. It ends when this is dropped.
pub(crate) struct OpenRequest {
    progress: Arc<Progress>,
    number: u64,
}

impl OpenRequest {
    /// Changes the deadline of the request.
    fn set_deadline(&self, change: impl FnOnce(Option<Instant>) -> Option<Instant>) {
        let mut state = self.progress.lock();
        let found = state
            .open
            .iter_mut()
            .find(|open| open.number == self.number);
        if let Some(open) = found {
            open.until = change(open.until);
        }
    }

    pub(super) fn is_on_shared_connection(&self) -> bool {
        self.progress.lock().is_shared
    }

    /// Starts the time in which the client must receive a part of the response.
    pub(super) fn offer(&self) {
        let until = Instant::now() + self.progress.timeouts.response;
        self.set_deadline(|known| known.or(Some(until)));
    }

    /// Notes bytes that the client has requested.
    pub(super) fn sent(&self, bytes: usize) {
        let (timeouts, now) = (&self.progress.timeouts, Instant::now());
        self.set_deadline(|until| until.map(|until| timeouts.extended(until, bytes, now)));
    }

    /// Stops that time, because the client waits for us.
    pub(super) fn pause(&self) {
        self.set_deadline(|_| None);
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        let mut state = self.progress.lock();
        state.open.retain(|open| open.number != self.number);
        state.idle_since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUTS: Timeouts = Timeouts {
        request: Duration::from_secs(10),
        response: Duration::from_secs(30),
        idle: Duration::from_secs(65),
    };

    fn state(now: Instant) -> State {
        State {
            open: Vec::new(),
            requests: 0,
            is_shared: false,
            idle_since: now,
            started: None,
            write_until: None,
        }
    }

    #[test]
    fn requests_and_idle_connections_have_deadlines() {
        let now = Instant::now();
        let left = |state: &State| {
            state
                .deadline(&TIMEOUTS)
                .map(|deadline| (deadline - now).as_secs())
        };
        let mut state = state(now);
        assert_eq!(left(&state), Some(65), "nothing was received");
        state.started = Some(now + Duration::from_secs(20));
        assert_eq!(left(&state), Some(30), "a request has started");
        state.is_shared = true;
        assert_eq!(left(&state), Some(65), "it can be any frame");
        state.open.push(Open {
            number: 1,
            until: None,
        });
        assert_eq!(left(&state), None, "the client waits for us");
        state.open[0].until = Some(now + Duration::from_secs(7));
        state.write_until = Some(now + Duration::from_secs(9));
        assert_eq!(
            left(&state),
            Some(7),
            "the client does not request the response"
        );
        state.open.clear();
        assert_eq!(left(&state), Some(9), "the client does not accept the rest");
    }

    #[test]
    fn a_response_must_be_received_at_a_minimum_rate() {
        let now = Instant::now();
        let left = |seconds: u64, bytes: usize| {
            let until = TIMEOUTS.extended(now + Duration::from_secs(seconds), bytes, now);
            (until - now).as_secs()
        };
        assert_eq!(left(10, 0), 10);
        assert_eq!(left(10, 1), 10);
        assert_eq!(left(10, 5 * 1024), 15);
        assert_eq!(left(10, 1024 * 1024), 30);
    }
}
