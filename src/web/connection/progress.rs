//! The progress of one connection, and when it counts as stalled.

use crate::quota::{Limit, Quota};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// The rate at which a client must receive responses on average, in bytes per second.
const MIN_RATE: f64 = 1024.0;

/// The times that a client has.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// For its first byte, and for the headers of a request.
    pub request: Duration,
    /// Without taking anything of a response.
    pub response: Duration,
    /// Between two requests.
    pub idle: Duration,
}

impl Times {
    pub fn new(quota: &Quota) -> Times {
        Times {
            request: quota.seconds(Limit::RequestSeconds),
            response: quota.seconds(Limit::ResponseSeconds),
            idle: quota.seconds(Limit::IdleSeconds),
        }
    }

    /// Returns until when a client has time that has taken so many bytes now.
    fn extended(&self, until: Instant, bytes: usize, now: Instant) -> Instant {
        let earned = Duration::from_secs_f64(bytes as f64 / MIN_RATE);
        (until + earned).min(now + self.response)
    }

    /// Returns the pause between two looks at a connection.
    fn pause(&self) -> Duration {
        let shortest = self.request.min(self.response);
        (shortest / 8).min(Duration::from_secs(1))
    }
}

/// The progress of one connection.
pub struct Progress {
    times: Times,
    state: Mutex<State>,
}

struct State {
    /// The requests being answered.
    open: Vec<Open>,
    /// The number of requests so far.
    requests: u64,
    /// Whether several requests share the connection (HTTP/2).
    is_shared: bool,
    /// When no request was open any more.
    idle_since: Instant,
    /// When the headers of the next request began.
    begun: Option<Instant>,
    /// When the bytes that wait for the client must be on their way.
    write_until: Option<Instant>,
}

struct Open {
    number: u64,
    /// When the client must have asked for more of the response.
    until: Option<Instant>,
}

impl Progress {
    /// Begins when the first byte has come.
    pub fn new(times: Times) -> Arc<Progress> {
        let now = Instant::now();
        Arc::new(Progress {
            times,
            state: Mutex::new(State {
                open: Vec::new(),
                requests: 0,
                is_shared: false,
                idle_since: now,
                begun: Some(now),
                write_until: None,
            }),
        })
    }

    /// Returns when the client has made no progress for too long.
    pub async fn stalled(&self) {
        let pause = self.times.pause();
        loop {
            let (now, end) = (Instant::now(), self.end());
            match end {
                Some(end) if end <= now => return,
                Some(end) => tokio::time::sleep(pause.min(end - now)).await,
                None => tokio::time::sleep(pause).await,
            }
        }
    }

    /// Returns whether requests are open that are not late themselves.
    pub fn has_others(&self) -> bool {
        let now = Instant::now();
        let state = self.lock();
        let is_late = |open: &Open| open.until.is_some_and(|until| until <= now);
        state.open.iter().any(|open| !is_late(open))
    }

    /// Notes that a request has come, with all of its headers.
    pub fn request(self: &Arc<Self>, is_shared: bool) -> OpenRequest {
        let mut state = self.lock();
        state.requests += 1;
        state.is_shared = is_shared;
        state.begun = None;
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

    /// Returns the time at which the connection ends, as things stand.
    fn end(&self) -> Option<Instant> {
        self.lock().end(&self.times)
    }

    /// Notes that bytes have come.
    pub(super) fn came(&self) {
        let mut state = self.lock();
        if state.open.is_empty() {
            state.begun.get_or_insert_with(Instant::now);
        }
    }

    /// Notes that bytes wait which the client does not take.
    pub(super) fn waits(&self) {
        let until = Instant::now() + self.times.response;
        self.lock().write_until.get_or_insert(until);
    }

    /// Notes that the client has taken bytes.
    pub(super) fn went(&self, bytes: usize) {
        let mut state = self.lock();
        if let Some(until) = state.write_until {
            state.write_until = Some(self.times.extended(until, bytes, Instant::now()));
        }
    }

    pub(super) fn is_written(&self) {
        self.lock().write_until = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code under the lock can leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn end(&self, times: &Times) -> Option<Instant> {
        let responses = self.open.iter().filter_map(|open| open.until);
        let next = match (self.open.is_empty(), self.begun) {
            (false, _) => None,
            // Frames that belong to no request come on an idle HTTP/2 connection too.
            (true, Some(begun)) if !self.is_shared => Some(begun + times.request),
            (true, _) => Some(self.idle_since + times.idle),
        };
        responses.chain(next).chain(self.write_until).min()
    }
}

/// A request that is being answered. It ends when this is dropped.
pub struct OpenRequest {
    progress: Arc<Progress>,
    number: u64,
}

impl OpenRequest {
    /// Changes the time until which the client must ask for more.
    fn set(&self, change: impl FnOnce(Option<Instant>) -> Option<Instant>) {
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

    /// Notes that the client is to take the response, or more of it.
    pub(super) fn offers(&self) {
        let until = Instant::now() + self.progress.times.response;
        self.set(|known| known.or(Some(until)));
    }

    pub(super) fn went(&self, bytes: usize) {
        let (times, now) = (&self.progress.times, Instant::now());
        self.set(|until| until.map(|until| times.extended(until, bytes, now)));
    }

    /// Notes that the client waits for us.
    pub(super) fn keeps_waiting(&self) {
        self.set(|_| None);
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

    const TIMES: Times = Times {
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
            begun: None,
            write_until: None,
        }
    }

    #[test]
    fn a_request_and_the_pause_between_two_have_their_times() {
        let now = Instant::now();
        let left = |state: &State| state.end(&TIMES).map(|end| (end - now).as_secs());
        let mut state = state(now);
        assert_eq!(left(&state), Some(65), "nothing has come");
        state.begun = Some(now + Duration::from_secs(20));
        assert_eq!(left(&state), Some(30), "a request has begun");
        state.is_shared = true;
        assert_eq!(left(&state), Some(65), "it may be any frame");
        state.open.push(Open {
            number: 1,
            until: None,
        });
        assert_eq!(left(&state), None, "we take our time");
        state.open[0].until = Some(now + Duration::from_secs(7));
        state.write_until = Some(now + Duration::from_secs(9));
        assert_eq!(left(&state), Some(7), "the response is not asked for");
        state.open.clear();
        assert_eq!(left(&state), Some(9), "what is left of it is not taken");
    }

    #[test]
    fn a_response_must_be_taken_at_a_rate() {
        let now = Instant::now();
        let left = |seconds: u64, bytes: usize| {
            let until = TIMES.extended(now + Duration::from_secs(seconds), bytes, now);
            (until - now).as_secs()
        };
        assert_eq!(left(10, 0), 10);
        assert_eq!(left(10, 1), 10);
        assert_eq!(left(10, 5 * 1024), 15);
        assert_eq!(left(10, 1024 * 1024), 30);
    }
}
