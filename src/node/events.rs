//! What comes in and goes out, for `pamphlet tail`: collected in memory, and written a few times a second.
//!
//! Whoever reports an event never waits: nothing here may slow down the inbox or deliveries. If more happens than is
//! written, the excess is left out and counted. A crash loses the events of the last moment, which is why nothing but
//! `pamphlet tail` reads them.

use super::Node;
use crate::{
    base::wait,
    config::retention,
    store::{self, EventDirection, NewEvent, StoreError},
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The time between two writes.
const INTERVAL: Duration = Duration::from_millis(250);
/// The maximum number of events that wait to be written.
const MOST_WAITING: usize = 1000;
/// The maximum number of them that are refused requests.
const MOST_REFUSED: usize = 25;
/// The maximum number of servers in one row.
const MOST_HOSTS: usize = 100;
/// The number of rows that the table keeps.
const MOST_ROWS: i64 = 100_000;
/// The number of writes between two deletions of old rows.
const WRITES_PER_CLEANUP: u64 = 100;
/// The longest text of a row, in characters.
const LONGEST: usize = 500;

/// Events that wait to be written.
#[derive(Default)]
pub struct Events(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    rows: Vec<NewEvent>,
    /// The row that a further delivery with the same outcome is added to, with the number of its servers.
    open: HashMap<Ending, (usize, usize)>,
    /// The number of waiting requests that were refused.
    refused: usize,
    left_out: u64,
}

/// The type and object of an activity, and the outcome of its delivery with the reason.
type Ending = (String, Option<String>, &'static str, Option<String>);

/// A delivery that ended, or failed for now.
pub struct DeliveryEvent<'a> {
    pub kind: &'a str,
    /// The object, unless only one person gets the activity: its id, such as that of a follow, could name them.
    pub object_uri: Option<&'a str>,
    pub host: &'a str,
    pub outcome: &'static str,
    pub reason: Option<String>,
}

impl Events {
    /// Reports something that came in. Strangers cause few rows: of refused requests, only the first of each write are
    /// kept.
    pub fn record_incoming(&self, event: NewEvent) {
        let mut waiting = self.lock();
        let is_refused = event.outcome == "refused";
        if waiting.rows.len() >= MOST_WAITING || is_refused && waiting.refused >= MOST_REFUSED {
            waiting.left_out += 1;
            return;
        }
        waiting.refused += usize::from(is_refused);
        waiting.rows.push(shortened(event));
    }

    /// Reports a comment that was fetched, or written here by a guest.
    pub fn record_comment(&self, kind: &str, uri: &str, author: Option<(&str, &str)>) {
        self.record_incoming(NewEvent {
            at: store::now(),
            direction: EventDirection::In,
            kind: kind.to_owned(),
            outcome: "accepted",
            reason: None,
            actor_uri: author.map(|(uri, _)| uri.to_owned()),
            object_uri: Some(uri.to_owned()),
            hosts: author.map_or_else(String::new, |(_, host)| host.to_owned()),
        });
    }

    /// Reports a delivery. Those of one activity with the same outcome share a row.
    pub fn record_delivery(&self, delivery: DeliveryEvent<'_>) {
        let key = (
            delivery.kind.to_owned(),
            delivery.object_uri.map(str::to_owned),
            delivery.outcome,
            delivery.reason.clone(),
        );
        let mut waiting = self.lock();
        if let Some((row, hosts)) = waiting.open.get_mut(&key)
            && *hosts < MOST_HOSTS
        {
            *hosts += 1;
            let row = *row;
            let hosts = &mut waiting.rows[row].hosts;
            hosts.push(' ');
            hosts.push_str(delivery.host);
            return;
        }
        if waiting.rows.len() >= MOST_WAITING {
            waiting.left_out += 1;
            return;
        }
        let row = waiting.rows.len();
        waiting.rows.push(shortened(NewEvent {
            at: store::now(),
            direction: EventDirection::Out,
            kind: delivery.kind.to_owned(),
            outcome: delivery.outcome,
            reason: delivery.reason,
            actor_uri: None,
            object_uri: delivery.object_uri.map(str::to_owned),
            hosts: delivery.host.to_owned(),
        }));
        waiting.open.insert(key, (row, 1));
    }

    /// Takes the waiting events, with a row about those that were left out.
    fn take(&self) -> Vec<NewEvent> {
        let waiting = std::mem::take(&mut *self.lock());
        let mut rows = waiting.rows;
        if waiting.left_out > 0 {
            rows.push(NewEvent {
                at: store::now(),
                direction: EventDirection::In,
                kind: String::new(),
                outcome: "left-out",
                reason: Some(waiting.left_out.to_string()),
                actor_uri: None,
                object_uri: None,
                hosts: String::new(),
            });
        }
        rows
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes events until `stop`, and once more after it.
pub async fn run(node: Node, stop: CancellationToken) {
    for count in 0u64.. {
        let is_last = stop.is_cancelled();
        if let Err(error) = write(&node, count % WRITES_PER_CLEANUP == 0).await {
            tracing::warn!(%error, "events for `pamphlet tail` could not be stored");
        }
        if is_last {
            return;
        }
        wait::sleep(INTERVAL, &stop).await;
    }
}

async fn write(node: &Node, cleans_up: bool) -> Result<(), StoreError> {
    let rows = node.events.take();
    if rows.is_empty() && !cleans_up {
        return Ok(());
    }
    let mut tx = node.store.begin().await?;
    tx.add_events(&rows).await?;
    if cleans_up {
        tx.forget_events(store::now() - retention::EVENTS, MOST_ROWS)
            .await?;
    }
    tx.commit().await
}

/// Cuts the texts of other servers, and removes what a database can't store.
fn shortened(mut event: NewEvent) -> NewEvent {
    let cut = |text: &str| {
        let kept = text.chars().filter(|c| *c != '\0').take(LONGEST);
        kept.collect::<String>()
    };
    event.kind = cut(&event.kind);
    event.reason = event.reason.as_deref().map(cut);
    event.actor_uri = event.actor_uri.as_deref().map(cut);
    event.object_uri = event.object_uri.as_deref().map(cut);
    event.hosts = cut(&event.hosts);
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deliver(events: &Events, host: &str, outcome: &'static str) {
        events.record_delivery(DeliveryEvent {
            kind: "Create",
            object_uri: Some("https://example.org/articles/1"),
            host,
            outcome,
            reason: None,
        });
    }

    #[test]
    fn deliveries_with_one_outcome_share_a_row() {
        let events = Events::default();
        deliver(&events, "a.example", "delivered");
        deliver(&events, "b.example", "delivered");
        deliver(&events, "c.example", "refused");
        let rows = events.take();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].hosts, "a.example b.example");
        assert_eq!(rows[1].hosts, "c.example");
        assert!(events.take().is_empty());
    }

    #[test]
    fn a_flood_is_left_out_and_counted() {
        let events = Events::default();
        for number in 0..200_000 {
            deliver(&events, &format!("{number}.example"), "delivered");
        }
        let rows = events.take();
        assert_eq!(rows.len(), MOST_WAITING + 1);
        assert_eq!(rows[MOST_WAITING].reason.as_deref(), Some("100000"));
    }
}
