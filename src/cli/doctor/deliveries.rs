//! Deliveries, keys of senders, and messages.

use super::{report::Check, services::pictures};
use crate::{
    cli::common::{
        output,
        refusals::{RecentRefusals, RefusingHost},
    },
    node::Node,
    store::{self, Conn, DeliveryHold, DestinationState, DestinationStatus},
};
use anyhow::Result;

const DAY: i64 = 24 * 60 * 60 * 1000;
/// How long a delivery may be due before somebody should have sent it, in milliseconds.
const OVERDUE: i64 = 15 * 60 * 1000;
/// The maximum number of servers to check.
const SERVERS: i64 = 10_000;

/// Checks everything that the database knows about deliveries, keys and messages.
pub(super) async fn all(node: &Node) -> Result<Vec<Check>> {
    let mut conn = node.store.read().await?;
    let servers = conn.troubled_destinations(None, SERVERS).await?;
    Ok(vec![
        workers(&mut conn).await?,
        queue(&servers, conn.delivery_hold().await?),
        refusals(&mut conn, &servers).await?,
        dead(&servers),
        unreachable(&servers),
        keys(&mut conn).await?,
        messages(&mut conn).await?,
        pictures(&mut conn).await?,
    ])
}

async fn workers(conn: &mut Conn) -> Result<Check> {
    let workers = conn.delivery_overview().await?.workers;
    let problems = match workers {
        0 => vec!["published posts are not delivered".to_owned()],
        _ => Vec::new(),
    };
    let hint =
        "start the node with `pamphlet serve`, or only its deliveries with `pamphlet worker`";
    let check = Check::of(
        "worker",
        "no-worker",
        "A node is running and sends deliveries.",
        problems,
        hint,
    );
    Ok(check.or(|_| "No running node sends deliveries.".into()))
}

/// Checks that deliveries which are due are sent.
fn queue(servers: &[DestinationStatus], hold: Option<DeliveryHold>) -> Check {
    if let Some(hold) = hold {
        let since = output::time(hold.since);
        return Check::of(
            "queue",
            "deliveries-held",
            "",
            vec![format!("all deliveries are held since {since}")],
            "run `pamphlet deliveries resume`",
        )
        .or(|_| "No delivery is sent.".into());
    }
    let long_ago = store::now() - OVERDUE;
    let is_overdue = |server: &&DestinationStatus| {
        server.waiting > 0 && server.next_attempt_at.is_some_and(|due| due < long_ago)
    };
    let line = |server: &DestinationStatus| {
        let since = server.next_attempt_at.map(output::time).unwrap_or_default();
        format!(
            "{}: {} waiting, due since {since}",
            server.inbox, server.waiting
        )
    };
    let problems = servers.iter().filter(is_overdue).map(line).collect();
    let mend = "look into the log of `pamphlet serve` or `pamphlet worker`, and restart it";
    Check::of(
        "queue",
        "queue-overdue",
        "No delivery is overdue.",
        problems,
        mend,
    )
    .or(|count| format!("Deliveries to {count} inboxes are overdue."))
}

async fn refusals(conn: &mut Conn, servers: &[DestinationStatus]) -> Result<Check> {
    let refused = RecentRefusals::read(conn, None).await?;
    let line = |host: &RefusingHost| {
        let everything = if host.accepts_nothing() {
            ", and accepted nothing else"
        } else {
            ""
        };
        let (name, times, why) = (&host.host, host.deliveries, host.why());
        format!("{name} refused {times}{everything}: {why}")
    };
    let mut problems: Vec<String> = refused.hosts.iter().map(line).collect();
    problems.extend(servers.iter().filter_map(doubtful));
    let sentence = refused.summary();
    let hint = "run `pamphlet deliveries refused` to list refused deliveries, and `pamphlet deliveries retry --refused \
                --since TIME` to send them again once the cause is fixed";
    let check = Check::of(
        "refusals",
        "delivery-rejected",
        "No delivery was refused in the last 24 hours.",
        problems,
        hint,
    );
    Ok(check.or(|count| {
        sentence.unwrap_or_else(|| format!("{count} inboxes did not accept the last delivery."))
    }))
}

/// Describes a server that responds but did not accept the last delivery, which will be retried.
fn doubtful(server: &DestinationStatus) -> Option<String> {
    let is_doubtful = server.state == DestinationState::Alive
        && server.failures > 0
        && server.failing_since.is_none()
        && server.waiting > 0;
    is_doubtful.then(|| {
        format!(
            "{}: {}; {} waiting to be retried",
            server.inbox,
            server.last_error.as_deref().unwrap_or_default(),
            server.waiting
        )
    })
}

fn dead(servers: &[DestinationStatus]) -> Check {
    let problems = servers
        .iter()
        .filter(|server| server.state == DestinationState::Dead);
    let hint = "they are retried once a day; run `pamphlet deliveries retry HOST` to retry now";
    let problems = problems.map(trouble).collect();
    Check::of("dead", "server-dead", "No server is dead.", problems, hint)
        .or(|count| format!("{count} inboxes are dead."))
}

fn unreachable(servers: &[DestinationStatus]) -> Check {
    let long_ago = store::now() - DAY;
    let is_failing = |server: &&DestinationStatus| {
        let failing = server.failing_since.is_some_and(|since| since < long_ago);
        server.state == DestinationState::Refused
            || (server.state == DestinationState::Alive && failing)
    };
    let problems = servers.iter().filter(is_failing).map(trouble).collect();
    let hint = "they are retried at growing intervals for a week";
    Check::of(
        "failing",
        "server-failing",
        "No server has been unreachable for 24 hours.",
        problems,
        hint,
    )
    .or(|count| format!("{count} inboxes have been unreachable for 24 hours."))
}

fn trouble(server: &DestinationStatus) -> String {
    let since = server.failing_since.map(output::time);
    format!(
        "{}: {} since {}, {} waiting",
        server.inbox,
        server.last_error.as_deref().unwrap_or("no response"),
        since.as_deref().unwrap_or("some time"),
        server.waiting
    )
}

async fn keys(conn: &mut Conn) -> Result<Check> {
    let failures = conn.key_failures_since(store::now() - DAY, SERVERS).await?;
    let line = |failure: store::KeyFailure| {
        format!(
            "{}: {} ({} times since {})",
            failure.host,
            failure.reason,
            failure.times,
            output::time(failure.first_at)
        )
    };
    let problems = failures.into_iter().map(line).collect();
    let hint = "activities from these servers are refused until their keys can be fetched; check that this machine can reach them";
    let check = Check::of(
        "keys",
        "sender-key-failed",
        "All keys of senders could be fetched.",
        problems,
        hint,
    );
    Ok(check.or(|count| format!("The keys of senders on {count} servers could not be fetched.")))
}

async fn messages(conn: &mut Conn) -> Result<Check> {
    let failed = conn.messages(true, i64::MAX, 100).await?;
    let line = |message: &store::Message| {
        format!(
            "{} to {}: {}",
            message.channel,
            message.recipient,
            message.error.as_deref().unwrap_or("no reason")
        )
    };
    let problems = failed.iter().map(line).collect();
    let hint =
        "run `pamphlet mail list` to list them, and `pamphlet mail retry` to send them again";
    let check = Check::of(
        "mail",
        "mail-failed",
        "No email or webhook call has failed.",
        problems,
        hint,
    );
    Ok(check.or(|count| format!("{count} emails or webhook calls have failed.")))
}
