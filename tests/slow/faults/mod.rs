//! What must not be lost, held up or told twice when something fails: the process, the database, the disk, the
//! clock, other servers.

mod bad_servers;
mod clock;
mod disk;
mod inboxes;
mod kills;
mod large_queues;
mod postgres;
mod two_nodes;

use crate::support::{Crowd, crowd::Arrival, sql};
use std::collections::HashMap;

pub(crate) const TEXT: &str = "---\ntitle: News\n---\nSomething happened.\n";

/// The name of a server, and the id of an activity.
pub(crate) type Sent = (String, String);

/// Returns how often each activity arrived at each server.
pub(crate) fn counts(arrivals: &[Arrival]) -> HashMap<Sent, usize> {
    let mut counts = HashMap::new();
    for arrival in arrivals {
        let sent = (arrival.name.clone(), arrival.id().to_owned());
        *counts.entry(sent).or_default() += 1;
    }
    counts
}

/// Returns what a node that just died may have sent without recording it: all that waits at the
/// leased destinations.
pub(crate) async fn in_flight(database_url: &str) -> Vec<Sent> {
    let query = "SELECT d.host || ' ' || a.body FROM deliveries w JOIN destinations d ON d.id = w.destination_id
         JOIN activities a ON a.id = w.activity_id WHERE w.state = 'waiting' AND d.leased_until > 0";
    let rows = sql::texts(database_url, query).await;
    rows.iter()
        .map(|row| {
            let (host, body) = row.split_once(' ').unwrap();
            let activity: serde_json::Value = serde_json::from_str(body).unwrap();
            let name = host.split('.').next().unwrap().to_owned();
            (name, activity["id"].as_str().unwrap().to_owned())
        })
        .collect()
}

/// Returns the names of the followers' servers.
pub(crate) fn servers(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("s{number}")).collect()
}

/// Creates a follower on each.
pub(crate) async fn follow(crowd: &Crowd, database_url: &str, servers: &[String]) {
    let names: Vec<&str> = servers.iter().map(String::as_str).collect();
    crowd.follow(database_url, &names).await;
}
