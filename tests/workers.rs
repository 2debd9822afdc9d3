//! The two halves of a node as processes of their own, and two processes on one SQLite database.

use crate::support::{Crowd, Database, Program, both_databases, eventually, http_client, sql};
use rstest_reuse::apply;

const TEXT: &str = "---\ntitle: News\n---\nSomething happened.\n";

async fn publish(program: &Program) {
    let file = program.file("news.md", TEXT).display().to_string();
    program.admin(&["post", "publish", &file]).await;
}

#[apply(both_databases)]
async fn a_worker_delivers_for_a_web_server_that_does_not(#[case] database: Database) {
    let mut web = Program::new(database).await;
    web.spawn_node(web.commands().command(&["serve", "--no-worker"]));
    web.wait_until_healthy().await;
    let crowd = Crowd::start().await;
    crowd.follow(&web.database_url, &["reader"]).await;
    publish(&web).await;
    // Nobody delivers: there is no worker on the list.
    let status = web.admin(&["deliveries", "status", "--json"]).await;
    assert!(status.contains("\"workers\": 0"), "{status}");
    assert!(crowd.arrivals().is_empty());

    let mut worker = web.second();
    worker.spawn_node(worker.commands().command(&["worker"]));
    crowd.wait_at("reader", 1).await;
    let (ended, took) = worker.terminate().await;
    assert!(ended.success());
    assert!(took.as_secs() < 10, "{took:?}");
    let left = sql::number(&web.database_url, "SELECT COUNT(*) FROM workers").await;
    assert_eq!(left, Some(0), "it has left the list");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_on_sqlite_stands_by_until_the_first_is_gone() {
    let mut first = Program::new(Database::Sqlite).await;
    first.serve().await;
    let mut second = first.second();
    second.spawn_node(second.commands().command(&["worker"]));
    eventually("the second logs that it is on standby", || async {
        second
            .output("serve.err")
            .contains("is on standby")
            .then_some(())
    })
    .await;
    let crowd = Crowd::start().await;
    crowd.follow(&first.database_url, &["reader"]).await;
    publish(&first).await;
    crowd.wait_at("reader", 1).await;
    // Deliveries that a killed worker did not record would be repeated.
    eventually("the delivery is written down", || async {
        let waiting = sql::number(&first.database_url, "SELECT COUNT(*) FROM deliveries").await;
        (waiting == Some(0)).then_some(())
    })
    .await;
    first.kill();
    let file = second.file("more.md", TEXT.replace("News", "More"));
    second
        .admin(&["post", "publish", &file.display().to_string()])
        .await;
    let arrivals = crowd.wait_at("reader", 2).await;
    assert_eq!(arrivals.len(), 2, "each came once");
    assert!(second.output("serve.err").contains("this one takes over"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monitor_reads_how_deliveries_and_the_inbox_go() {
    let mut program = Program::new(Database::Sqlite).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let table = format!("[metrics]\nlisten = \"127.0.0.1:{port}\"\n");
    let config = program.file("pamphlet.toml", table);
    program.set("PAMPHLET_CONFIG", &config.display().to_string());
    program.serve().await;
    let crowd = Crowd::start().await;
    crowd.follow(&program.database_url, &["reader"]).await;
    publish(&program).await;
    crowd.wait_at("reader", 1).await;
    let client = http_client().build().unwrap();
    let unsigned = client
        .post(format!("{}/inbox", program.origin))
        .header("content-type", "application/activity+json")
        .body("{}");
    assert_eq!(unsigned.send().await.unwrap().status(), 401);
    eventually("both are counted", || async {
        let url = format!("http://127.0.0.1:{port}/metrics");
        let numbers = client.get(url).send().await.unwrap().text().await.unwrap();
        let counted = [
            "pamphlet_deliveries_total{outcome=\"delivered\"} 1",
            "pamphlet_inbox_total{outcome=\"unverified\"} 1",
            "pamphlet_deliveries_waiting 0",
            "pamphlet_workers 1",
            "pamphlet_delivery_seconds_bucket",
        ];
        counted
            .iter()
            .all(|line| numbers.contains(line))
            .then_some(())
    })
    .await;
    let public = client.get(format!("{}/metrics", program.origin));
    assert_eq!(
        public.send().await.unwrap().status(),
        404,
        "not for the public"
    );
}
