//! PostgreSQL that crashes and comes back while the node works.

use super::{TEXT, counts, follow, in_flight, servers};
use crate::support::{
    Crowd, Peer, Program, eventually, eventually_within, peer::Actor, postgres::Cluster, sql,
};
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Sends replies. Returns their ids by the status of the response.
type Answers = Arc<Mutex<HashMap<u16, Vec<String>>>>;

async fn reply(
    reader: Actor,
    inbox: String,
    article: String,
    answers: Answers,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        let note = reader.note(&article, "<p>Well said.</p>");
        let id = note["id"].as_str().unwrap().to_owned();
        let reply = reader.send(&inbox, &reader.activity("Create", note)).await;
        if reply.status == 503 {
            assert!(reply.head.contains("retry-after: "), "{}", reply.head);
        }
        answers
            .lock()
            .unwrap()
            .entry(reply.status)
            .or_default()
            .push(id);
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_of_the_database_is_503_and_passes_by_itself() {
    let mut cluster = Cluster::start().await;
    let url = cluster.new_database().await;
    let mut program = Program::on(tempfile::tempdir().unwrap(), url);
    let config = program.file("pamphlet.toml", "[delivery]\nconcurrency = 16\n");
    program.set("PAMPHLET_CONFIG", &config.display().to_string());
    program.serve().await;
    let crowd = Crowd::start().await;
    crowd.set_delay(Duration::from_millis(40));
    let servers = servers(500);
    follow(&crowd, &program.database_url, &servers).await;
    let file = program.file("news.md", TEXT).display().to_string();
    let shown: Value =
        serde_json::from_str(&program.admin(&["post", "publish", &file, "--json"]).await).unwrap();
    let (answers, stop) = (Answers::default(), CancellationToken::new());
    let inbox = format!("{}/inbox", program.origin);
    let mut repliers = Vec::new();
    for _ in 0..4 {
        let reader = Peer::start("replier").await.actor("reader").await;
        let article = shown["id"].as_str().unwrap().to_owned();
        let replying = reply(
            reader,
            inbox.clone(),
            article,
            answers.clone(),
            stop.clone(),
        );
        repliers.push(tokio::spawn(replying));
    }
    let count_of = |status: u16| answers.lock().unwrap().get(&status).map_or(0, Vec::len);
    let mut may_come_again = HashSet::new();
    for (enough, is_long) in [(100, false), (250, true)] {
        eventually("the fan-out is under way, and replies come in", || async {
            (crowd.arrivals().len() >= enough && count_of(202) > 0).then_some(())
        })
        .await;
        let (accepted, refused) = (count_of(202), count_of(503));
        may_come_again.extend(in_flight(&program.database_url).await);
        cluster.crash();
        if is_long {
            eventually("somebody is asked to come back", || async {
                (count_of(503) > refused).then_some(())
            })
            .await;
        }
        cluster.start_again();
        may_come_again.extend(in_flight(&program.database_url).await);
        eventually("replies are accepted again", || async {
            (count_of(202) > accepted + 4).then_some(())
        })
        .await;
    }
    let patience = Duration::from_secs(180);
    eventually_within(patience, "nothing waits any more", || async {
        let waiting = "SELECT COUNT(*) FROM deliveries";
        (sql::number(&program.database_url, waiting).await == Some(0)).then_some(())
    })
    .await;
    stop.cancel();
    for replier in repliers {
        replier.await.unwrap();
    }
    assert!(program.is_running(), "no restart was needed");
    let answers = std::mem::take(&mut *answers.lock().unwrap());
    let statuses: HashSet<u16> = answers.keys().copied().collect();
    assert_eq!(statuses, HashSet::from([202, 503]));
    let stored = sql::texts(&program.database_url, "SELECT uri FROM comments").await;
    let stored: HashSet<&String> = stored.iter().collect();
    let lost: Vec<_> = answers[&202]
        .iter()
        .filter(|id| !stored.contains(id))
        .collect();
    assert!(lost.is_empty(), "accepted and lost: {lost:?}");
    let counts = counts(&crowd.arrivals());
    assert_eq!(counts.len(), servers.len(), "one activity for each");
    for (sent, count) in &counts {
        assert!(
            *count == 1 || (*count <= 3 && may_come_again.contains(sent)),
            "{sent:?} came {count} times"
        );
    }
    let blamed = "SELECT COUNT(*) FROM destinations WHERE failures > 0 OR last_error IS NOT NULL";
    assert_eq!(
        sql::number(&program.database_url, blamed).await,
        Some(0),
        "a fault of ours is none of theirs"
    );
    let log = program.output("serve.err");
    assert!(log.contains("the database is busy or unreachable"), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    drop(program);
    cluster.remove().await;
}
