//! The primary dies under load, and its standby takes over.

use super::{
    Machines, NODES,
    load::{Load, Probes},
};
use crate::{
    buckets::Service,
    faults::{Sent, counts, follow, in_flight, servers},
    support::{Crowd, Program, eventually, eventually_within, http_client, sql},
};
use serde_json::Value;
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

/// The number of deliveries that a worker sends at once.
const CONCURRENCY: usize = 16;
/// The servers with followers.
const SERVERS: usize = 1200;
/// The time in which everything works again.
const RETURN: Duration = Duration::from_secs(10);

/// The processes of three nodes.
struct Nodes {
    webs: Vec<Program>,
    workers: Vec<Program>,
}

impl Nodes {
    async fn start(machines: &Machines, tables: &str) -> Nodes {
        let mut nodes = Nodes {
            webs: Vec::new(),
            workers: Vec::new(),
        };
        // The first one creates the database.
        for number in 0..NODES {
            let mut web = machines.node(number, tables);
            web.spawn_node(web.commands().command(&["serve", "--no-worker"]));
            web.wait_until_healthy().await;
            nodes.webs.push(web);
            let mut worker = machines.node(number, tables);
            worker.spawn_node(worker.commands().command(&["worker"]));
            nodes.workers.push(worker);
        }
        machines.wait_until_served().await;
        nodes
    }

    fn origins(&self) -> Vec<String> {
        self.webs.iter().map(|web| web.origin.clone()).collect()
    }

    /// Checks that no process ended or panicked.
    fn check(&mut self) {
        for process in self.webs.iter_mut().chain(&mut self.workers) {
            let log = process.output("serve.err");
            assert!(process.is_running(), "{log}");
            assert!(!log.contains("panicked"), "{log}");
            assert!(!log.contains("prepared statement"), "{log}");
        }
    }
}

/// Publishes an article with a picture. Returns its id, and the address of the picture.
async fn publish(node: &Program, title: &str) -> (String, String) {
    let name = format!("{title}.png");
    let path = node.folder.path().join(&name);
    image::RgbImage::from_pixel(20, 20, image::Rgb([9, 99, title.len() as u8]))
        .save(path)
        .unwrap();
    let text = format!("---\ntitle: {title}\n---\n![A picture]({name})\n");
    let file = node.file(&format!("{title}.md"), text);
    let file = file.display().to_string();
    let shown = node.admin(&["post", "publish", &file, "--json"]).await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let list = node.admin(&["media", "list", "--json"]).await;
    let list: Value = serde_json::from_str(&list).unwrap();
    let address = list[0]["address"].as_str().unwrap().to_owned();
    (shown["id"].as_str().unwrap().to_owned(), address)
}

/// Checks that each node serves a picture.
async fn check_picture(origins: &[String], address: &str) {
    let client = http_client().build().unwrap();
    for origin in origins {
        let got = client.get(format!("{origin}{address}")).send().await;
        assert_eq!(got.unwrap().status(), 200, "{origin}{address}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_takes_over_and_nothing_that_was_accepted_is_missing() {
    let mut machines = Machines::start().await;
    let bucket = Service::start().await;
    let tables = format!(
        "[delivery]\nconcurrency = {CONCURRENCY}\n[media]\nstore = \"s3://files/blog\"\nendpoint = \"{}\"\n\
         access_key_id = \"id\"\nsecret_access_key = \"secret\"\n",
        bucket.origin
    );
    let mut nodes = Nodes::start(&machines, &tables).await;
    let origins = nodes.origins();
    let crowd = Crowd::start().await;
    crowd.set_delay(Duration::from_millis(100));
    let (article, picture) = publish(&nodes.webs[0], "Before").await;
    check_picture(&origins, &picture).await;
    let load = Load::start(&machines, &article).await;
    eventually("replies come in", || async {
        (load.accepted_replies() > 40).then_some(())
    })
    .await;
    let probes = Probes::start(&origins);
    follow(&crowd, &machines.direct_url, &servers(SERVERS)).await;
    publish(&nodes.webs[1], "During").await;
    eventually("the fan-out is under way", || async {
        (crowd.arrivals().len() > SERVERS / 8).then_some(())
    })
    .await;

    machines.kill_primary();
    let killed = Instant::now();
    assert!(crowd.arrivals().len() < SERVERS, "it died in the middle");
    let patience = Duration::from_secs(15);
    eventually_within(
        patience,
        "each node says that it is not healthy",
        || async { probes.all_gave(NODES, 503, killed).then_some(()) },
    )
    .await;
    machines.point_to_standby();
    let pointed = Instant::now();
    // A standby can be read.
    eventually_within(
        patience,
        "it is not enough that the standby answers",
        || async {
            let read_only = "SELECT COUNT(*) FROM articles WHERE pg_is_in_recovery()";
            let is_reached = sql::number(&machines.standby_url, read_only).await == Some(2);
            (is_reached && probes.all_gave(NODES, 503, pointed)).then_some(())
        },
    )
    .await;
    let unsettled: HashSet<Sent> = in_flight(&machines.standby_url).await.into_iter().collect();
    let while_away = probes.since(killed);
    let well: Vec<_> = while_away
        .iter()
        .filter(|probe| probe.status == 200)
        .collect();
    assert!(well.is_empty(), "nothing was healthy: {well:?}");
    machines.promote_standby();
    let promoted = Instant::now();
    let before = crowd.arrivals().len();
    eventually_within(RETURN, "nodes, inbox and deliveries are back", || async {
        let is_healthy = probes.all_gave(NODES, 200, promoted);
        let is_accepting = load.accepted_at().is_some_and(|sent| sent > promoted);
        let is_delivering = crowd.arrivals().len() > before;
        (is_healthy && is_accepting && is_delivering).then_some(())
    })
    .await;
    let back = promoted.elapsed();
    let (_, picture) = publish(&nodes.webs[2], "Afterwards").await;
    check_picture(&origins, &picture).await;
    let statuses = load.statuses();
    let (replies, follows) = load.end().await;
    let patience = Duration::from_secs(180);
    eventually_within(patience, "nothing waits any more", || async {
        let waiting = "SELECT COUNT(*) FROM deliveries";
        (sql::number(&machines.direct_url, waiting).await == Some(0)).then_some(())
    })
    .await;
    let last = probes.since(Instant::now() - Duration::from_secs(2));
    assert!(last.iter().all(|probe| probe.status == 200), "{last:?}");
    nodes.check();

    for (kind, accepted, query) in [
        ("replies", &replies, "SELECT uri FROM comments"),
        ("follows", &follows, "SELECT follow_uri FROM followers"),
    ] {
        let stored = sql::texts(&machines.direct_url, query).await;
        let stored: HashSet<String> = stored.into_iter().collect();
        let lost: Vec<_> = accepted.difference(&stored).collect();
        assert!(lost.is_empty(), "accepted and lost {kind}: {lost:?}");
    }
    let counts = counts(&crowd.arrivals());
    assert_eq!(counts.len(), 2 * SERVERS, "two activities for each");
    let repeated: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
    println!(
        "{} replies and {} follows were accepted, responses by status: {statuses:?}; {} deliveries were unsettled at the \
         kill, {} were repeated; everything was back {back:?} after the promotion",
        replies.len(),
        follows.len(),
        unsettled.len(),
        repeated.len()
    );
    for (sent, count) in &repeated {
        assert!(
            **count == 2 && unsettled.contains(*sent),
            "{sent:?} came {count} times"
        );
    }
    assert!(repeated.len() <= 3 * CONCURRENCY * NODES);
    drop(nodes);
    machines.remove().await;
}
