//! A node through PgBouncer in transaction mode: publishing, pages, replies, search, pictures and deliveries.

use super::Machines;
use crate::support::{Crowd, Peer, eventually, http_client, sql};
use serde_json::Value;

const TEXT: &str = "---\ntitle: Winter\nslug: winter\ntags: [snow]\n---\nIt snowed all night.\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_of_every_day_works_through_a_pooler_in_transaction_mode() {
    let machines = Machines::start().await;
    let mut node = machines.node(0, "");
    node.serve().await;
    machines.wait_until_served().await;
    let crowd = Crowd::start().await;
    crowd
        .follow(&machines.direct_url, &["s0", "s1", "s2"])
        .await;
    let file = node.file("winter.md", TEXT).display().to_string();
    let shown = node.admin(&["post", "publish", &file, "--json"]).await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    for server in ["s0", "s1", "s2"] {
        crowd.wait_at(server, 1).await;
    }

    let peer = Peer::start("reader").await;
    let reader = peer.actor("reader").await;
    let inbox = format!("{}/inbox", machines.origin);
    let article = shown["id"].as_str().unwrap();
    reader.comment(&inbox, article, "<p>Here too.</p>").await;
    reader
        .follow(&inbox, &format!("{}/users/blog", machines.origin))
        .await;
    peer.wait_for("Accept").await;
    let like = reader.activity("Like", article.into());
    reader.deliver(&inbox, &like).await;

    let client = http_client().build().unwrap();
    let page = |address: String| {
        let got = client.get(address);
        async move { got.send().await.unwrap().text().await.unwrap() }
    };
    let address = shown["url"].as_str().unwrap().to_owned();
    eventually("the page shows the reply", || async {
        page(address.clone())
            .await
            .contains("Here too.")
            .then_some(())
    })
    .await;
    let search = format!("{}/search?q=snowed", machines.origin);
    eventually("the search finds the article", || async {
        page(search.clone()).await.contains("Winter").then_some(())
    })
    .await;
    for path in ["/", "/archive", "/tags/snow", "/feed.atom", "/sitemap.xml"] {
        let got = client
            .get(format!("{}{path}", machines.origin))
            .send()
            .await;
        assert_eq!(got.unwrap().status(), 200, "{path}");
    }
    for command in [
        &["doctor", "--json"][..],
        &["comments", "list", "--json"],
        &["stats", "--json"],
        &["deliveries", "status", "--json"],
    ] {
        // `doctor` finds that the publication is not on the internet.
        let output = node.run(command).await;
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() || command[0] == "doctor",
            "{command:?}: {complaint}"
        );
    }
    let waiting = "SELECT COUNT(*) FROM deliveries";
    eventually("nothing waits any more", || async {
        (sql::number(&machines.direct_url, waiting).await == Some(0)).then_some(())
    })
    .await;
    let log = node.output("serve.err");
    assert!(!log.contains("prepared statement"), "{log}");
    assert!(!log.contains("the database reports an error"), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    drop(node);
    machines.remove().await;
}
