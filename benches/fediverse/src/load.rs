//! Sends prepared requests, a fixed number at once or at a fixed rate, and measures how long each takes.

use crate::{connection::Connection, inbox::seconds_since_1970, world::lock};
use axum::body::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Characters of a refusal that are shown.
const SHOWN: usize = 300;

/// How requests are sent.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) address: SocketAddr,
    /// Connections, each of which has one request at a time.
    pub(crate) connections: usize,
    /// Requests that are due each second, whether or not earlier ones were answered. Without it, each is due when a
    /// connection is free.
    pub(crate) per_second: Option<f64>,
}

/// What became of some requests.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) times: Vec<Duration>,
    statuses: BTreeMap<String, u64>,
    refusal: Option<String>,
}

/// Requests that nobody has taken yet, and when the first is due.
struct Queue {
    requests: Mutex<std::iter::Enumerate<std::vec::IntoIter<Request<Full<Bytes>>>>>,
    start: Instant,
    pace: Pace,
}

/// Sends all requests. Returns what became of them, for the control port.
pub(crate) async fn send(requests: Vec<Request<Full<Bytes>>>, pace: Pace) -> Value {
    let began = seconds_since_1970();
    let start = Instant::now();
    let queue = Arc::new(Queue {
        requests: Mutex::new(requests.into_iter().enumerate()),
        start,
        pace,
    });
    let senders: Vec<_> = (0..pace.connections)
        .map(|_| tokio::spawn(send_from(queue.clone())))
        .collect();
    let mut outcome = Outcome::default();
    for sender in senders {
        outcome.add(sender.await.unwrap_or_default());
    }
    outcome.describe(began, start.elapsed())
}

async fn send_from(queue: Arc<Queue>) -> Outcome {
    let mut connection = Connection::to(queue.pace.address);
    let mut outcome = Outcome::default();
    loop {
        let next = lock(&queue.requests).next();
        let Some((index, request)) = next else {
            return outcome;
        };
        let due = match queue.pace.per_second {
            None => Instant::now(),
            Some(rate) => {
                let due = queue.start + Duration::from_secs_f64(index as f64 / rate);
                tokio::time::sleep_until(due.into()).await;
                due
            }
        };
        let response = connection.send(request).await;
        outcome.times.push(due.elapsed());
        let status = match response {
            Ok((status, body)) => {
                if !status.is_success() {
                    let text = String::from_utf8_lossy(&body).chars().take(SHOWN).collect();
                    outcome.refusal = Some(text);
                }
                status.as_u16().to_string()
            }
            Err(error) => format!("{error:#}"),
        };
        *outcome.statuses.entry(status).or_default() += 1;
    }
}

impl Outcome {
    fn add(&mut self, other: Outcome) {
        self.times.extend(other.times);
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.refusal = self.refusal.take().or(other.refusal);
    }

    /// Returns the rate, the latencies in milliseconds, and how often each status came.
    pub(crate) fn describe(mut self, began: f64, took: Duration) -> Value {
        self.times.sort_unstable();
        let within = |share: f64| {
            let index = (self.times.len().saturating_sub(1) as f64 * share).ceil() as usize;
            self.times.get(index).map(|time| time.as_secs_f64() * 1e3)
        };
        json!({
            "sent": self.times.len(),
            "began": began,
            "seconds": took.as_secs_f64(),
            "per_second": self.times.len() as f64 / took.as_secs_f64(),
            "ms_p50": within(0.5),
            "ms_p99": within(0.99),
            "ms_max": within(1.0),
            "statuses": self.statuses,
            "refusal": self.refusal,
        })
    }
}
