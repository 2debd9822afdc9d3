//! Two nodes of one publication on one PostgreSQL.

use super::{TEXT, counts, follow, in_flight, servers};
use crate::support::{Crowd, Database, Program, eventually, sql};
use std::{collections::HashSet, time::Duration};

/// Returns how many deliveries a node logged.
fn delivered_by(node: &Program) -> usize {
    node.output("serve.err").matches("delivered").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn share_the_work_and_finish_for_one_that_is_killed() {
    let mut one = Program::new(Database::Postgres).await;
    let config = one.file("pamphlet.toml", "[delivery]\nconcurrency = 16\n");
    one.set("PAMPHLET_CONFIG", &config.display().to_string());
    one.set("RUST_LOG", "pamphlet=debug");
    let mut other = one.second();
    other.set("PAMPHLET_CONFIG", &config.display().to_string());
    other.set("RUST_LOG", "pamphlet=debug");
    one.serve().await;
    other.serve().await;
    let crowd = Crowd::start().await;
    crowd.set_delay(Duration::from_millis(30));
    let servers = servers(400);
    follow(&crowd, &one.database_url, &servers).await;
    let file = one.file("news.md", TEXT).display().to_string();
    // Both nodes respond as one publication.
    other.admin(&["post", "publish", &file]).await;
    eventually("both send", || async {
        let begun = delivered_by(&one) > 20 && delivered_by(&other) > 20;
        begun.then_some(())
    })
    .await;
    other.kill();
    assert!(
        crowd.arrivals().len() < servers.len(),
        "it was killed in the middle"
    );
    // The leases of the running node are kept.
    let may_come_again: HashSet<_> = in_flight(&one.database_url).await.into_iter().collect();
    eventually("nothing waits any more", || async {
        let waiting = "SELECT COUNT(*) FROM deliveries";
        (sql::number(&one.database_url, waiting).await == Some(0)).then_some(())
    })
    .await;
    let counts = counts(&crowd.arrivals());
    let reached: HashSet<&str> = counts.keys().map(|(name, _)| name.as_str()).collect();
    assert_eq!(reached.len(), servers.len());
    assert_eq!(counts.len(), servers.len(), "one activity for each");
    let repeated: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
    for (sent, count) in &repeated {
        assert!(
            **count == 2 && may_come_again.contains(*sent),
            "{sent:?} came {count} times"
        );
    }
    assert!(repeated.len() <= 3 * 16, "{} came twice", repeated.len());
    // A node works the same alone and after a restart.
    other.serve().await;
    other
        .admin(&[
            "post",
            "publish",
            &one.file("more.md", TEXT.replace("News", "More"))
                .display()
                .to_string(),
        ])
        .await;
    eventually("the next article reaches everyone", || async {
        let more = crowd.arrivals().len() - counts.values().sum::<usize>();
        (more == servers.len()).then_some(())
    })
    .await;
}
