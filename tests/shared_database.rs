//! Other programs write articles with plain SQL, and the running node tells the fediverse.

use crate::support::{
    Database, Peer, TestNode, both_databases, eventually, peer::ReceivedActivity, sql,
};
use rstest_reuse::apply;
use std::time::{Duration, Instant};

/// Runs statements as another program does: on a connection of its own, unknown to the node.
async fn write(node: &TestNode, statements: &str) {
    // The sqlite3 shell and many libraries leave foreign keys off.
    let pragma = match node.database_url.starts_with("sqlite") {
        true => "PRAGMA foreign_keys = OFF;",
        false => "",
    };
    sql::run(&node.database_url, &format!("{pragma}{statements}")).await;
}

/// Returns whether the database refuses a statement.
async fn refused(node: &TestNode, statement: &str) -> bool {
    let (url, statement) = (node.database_url.clone(), statement.to_owned());
    // The helper panics where a statement fails.
    tokio::spawn(async move { sql::run(&url, &statement).await })
        .await
        .is_err()
}

/// Starts a peer with a follower of the publication.
async fn follower(node: &TestNode) -> Peer {
    let peer = Peer::start("follower").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    peer
}

/// Waits for at least `count` activities of a type. Returns the newest.
async fn nth(peer: &Peer, kind: &str, count: usize) -> ReceivedActivity {
    eventually(&format!("{kind} number {count} arrives"), || async {
        peer.received_of(kind).into_iter().nth(count - 1)
    })
    .await
}

const INSERT: &str = "INSERT INTO articles (slug, title, markdown) VALUES ('hello', 'Hello', 'Some **strong** words.');";

#[apply(both_databases)]
async fn an_inserted_changed_and_deleted_row_wakes_the_node_and_is_told(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let peer = follower(&node).await;
    let mut seen = Vec::new();
    for (kind, statement) in [
        ("Create", INSERT),
        (
            "Update",
            "UPDATE articles SET markdown = 'Other words.' WHERE slug = 'hello'",
        ),
        ("Delete", "DELETE FROM articles WHERE slug = 'hello'"),
    ] {
        write(&node, statement).await;
        let written = Instant::now();
        let delivered = peer.wait_for(kind).await;
        let took = delivered.at.saturating_duration_since(written);
        // The node polls only every 20 seconds: the trigger woke it.
        assert!(took < Duration::from_secs(15), "{kind} took {took:?}");
        assert!(delivered.verified.is_ok(), "{kind}");
        seen.push(delivered.activity["object"].clone());
    }
    let [create, update, delete] = &seen[..] else {
        unreachable!()
    };
    assert_eq!(create["type"], "Article");
    assert_eq!(create["name"], "Hello");
    assert!(
        create["content"]
            .as_str()
            .unwrap()
            .contains("<strong>strong</strong>")
    );
    assert!(update["content"].as_str().unwrap().contains("Other words."));
    assert!(update["updated"].as_str().unwrap() >= update["published"].as_str().unwrap());
    assert_eq!(
        (&update["id"], &delete["id"]),
        (&create["id"], &create["id"])
    );
    assert_eq!(delete["type"], "Tombstone");
    assert_eq!(peer.received().len(), 4, "with the Accept");
}

#[apply(both_databases)]
async fn tags_are_part_of_the_article(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = follower(&node).await;
    write(&node, &format!(
        "BEGIN; {INSERT} INSERT INTO article_tags (article_id, tag) SELECT id, 'Books' FROM articles; COMMIT;"
    )).await;
    let tags = |delivered: &ReceivedActivity| {
        let tags = delivered.activity["object"]["tag"].as_array().unwrap();
        tags.iter()
            .map(|tag| tag["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(tags(&peer.wait_for("Create").await), "#Books");
    for (count, (statement, expected)) in [
        (
            "INSERT INTO article_tags (article_id, tag) SELECT id, 'Trains' FROM articles",
            "#Books #Trains",
        ),
        (
            "UPDATE article_tags SET tag = 'Letters' WHERE tag = 'Books'",
            "#Letters #Trains",
        ),
        ("DELETE FROM article_tags WHERE tag = 'Trains'", "#Letters"),
    ]
    .into_iter()
    .enumerate()
    {
        write(&node, statement).await;
        assert_eq!(
            tags(&nth(&peer, "Update", count + 1).await),
            expected,
            "{statement}"
        );
    }
    assert_eq!(peer.received_of("Create").len(), 1);
}

#[apply(both_databases)]
async fn what_changes_nothing_is_not_told(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = follower(&node).await;
    write(&node, INSERT).await;
    peer.wait_for("Create").await;
    write(
        &node,
        "UPDATE articles SET title = title, markdown = markdown, pings = 'closed'",
    )
    .await;
    write(
        &node,
        "BEGIN; UPDATE articles SET title = 'Never'; ROLLBACK;",
    )
    .await;
    write(
        &node,
        "BEGIN; UPDATE articles SET title = 'One'; UPDATE articles SET title = 'Two'; COMMIT;",
    )
    .await;
    assert_eq!(
        peer.wait_for("Update").await.activity["object"]["name"],
        "Two"
    );
    write(&node, "DELETE FROM articles").await;
    peer.wait_for("Delete").await;
    assert_eq!(peer.received_of("Update").len(), 1);
}

#[apply(both_databases)]
async fn a_scheduled_article_is_sent_when_it_is_due(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = follower(&node).await;
    let due = chrono::Utc::now().timestamp_millis() + 1500;
    write(&node, &format!(
        "INSERT INTO articles (slug, title, markdown, published_at) VALUES ('later', 'Later', 'Text.', {due}),
                ('never', 'Never', 'Text.', {}), ('now', 'Now', 'Text.', {})",
        due + 86_400_000, due - 86_400_000
    )).await;
    assert_eq!(
        peer.wait_for("Create").await.activity["object"]["name"],
        "Now"
    );
    let later = nth(&peer, "Create", 2).await;
    assert!(
        chrono::Utc::now().timestamp_millis() >= due,
        "it came too early"
    );
    let object = &later.activity["object"];
    assert_eq!(object["name"], "Later");
    assert!(node.page(object["url"].as_str().unwrap()).await.status == 200);
    let date = chrono::DateTime::parse_from_rfc3339(object["published"].as_str().unwrap()).unwrap();
    assert_eq!(date.timestamp(), due / 1000);
    // Brought forward, it is due at once.
    write(
        &node,
        "UPDATE articles SET published_at = published_at - 172800000 WHERE slug = 'never'",
    )
    .await;
    assert_eq!(
        nth(&peer, "Create", 3).await.activity["object"]["name"],
        "Never"
    );
    assert_eq!(peer.received_of("Update").len(), 0);
}

#[apply(both_databases)]
async fn unpublished_and_published_again_it_is_a_new_post(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = follower(&node).await;
    write(&node, INSERT).await;
    let first = peer.wait_for("Create").await.activity["object"]["id"].clone();
    for (withdrawal, comeback) in [
        ("status = 'draft'", "status = 'published'"),
        (
            "published_at = published_at + 86400000",
            "published_at = published_at - 86400000",
        ),
    ] {
        let before = peer.received_of("Create").last().unwrap().activity["object"].clone();
        let round = peer.received_of("Create").len();
        write(&node, &format!("UPDATE articles SET {withdrawal}")).await;
        assert_eq!(
            nth(&peer, "Delete", round).await.activity["object"]["id"],
            before["id"],
            "{withdrawal}"
        );
        write(&node, &format!("UPDATE articles SET {comeback}")).await;
        let again = nth(&peer, "Create", round + 1).await.activity["object"].clone();
        assert_ne!(again["id"], before["id"], "{comeback}");
        assert_eq!(again["url"], before["url"], "{comeback}");
        assert_eq!(
            node.document(before["id"].as_str().unwrap()).await.status,
            410
        );
        assert_eq!(
            node.document(again["url"].as_str().unwrap()).await.json()["id"],
            again["id"]
        );
    }
    assert_eq!(
        node.document(first.as_str().unwrap()).await.json()["type"],
        "Tombstone"
    );
}

#[apply(both_databases)]
async fn the_writers_time_of_change_is_kept_unless_the_change_is_later(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = follower(&node).await;
    let old = 1_000_000_000_000i64;
    write(
        &node,
        &format!(
            "INSERT INTO articles (slug, title, markdown, published_at, updated_at)
             VALUES ('old', 'Old', 'Text.', {old}, {})",
            old + 60_000
        ),
    )
    .await;
    let create = peer.wait_for("Create").await.activity["object"].clone();
    assert_eq!(create["published"], "2001-09-09T01:46:40Z");
    assert_eq!(create["updated"], "2001-09-09T01:47:40Z");
    write(&node, "UPDATE articles SET title = 'New'").await;
    let update = peer.wait_for("Update").await.activity["object"].clone();
    assert_eq!(update["published"], create["published"]);
    assert!(update["updated"].as_str().unwrap() > "2026", "{update}");
    let document = node.document(create["id"].as_str().unwrap()).await.json();
    assert_eq!(document["updated"], update["updated"]);
}

#[apply(both_databases)]
async fn authors_and_their_articles_can_come_in_one_transaction(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = follower(&node).await;
    write(&node, "BEGIN; INSERT INTO authors (username, name, federated) VALUES ('ana', 'Ana', TRUE);
            INSERT INTO articles (slug, title, markdown, author_id) SELECT 'hers', 'Hers', 'Text.', id FROM authors;
            COMMIT;").await;
    let create = peer.wait_for("Create").await;
    assert_eq!(create.activity["actor"], node.url("/users/ana"));
    assert_eq!(
        peer.wait_for("Announce").await.activity["object"],
        create.activity["object"]["id"]
    );
    write(&node, "UPDATE authors SET name = 'Ana B.'").await;
    let actor = node.url("/users/ana");
    eventually("the new name is shown", || async {
        (node.document(&actor).await.json()["name"] == "Ana B.").then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn comments_can_be_read_and_go_with_their_article(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = follower(&node).await;
    write(&node, INSERT).await;
    let id = peer.wait_for("Create").await.activity["object"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let reader = peer.actor("replier").await;
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Create", reader.note(&id, "<p>Well said.</p>")),
        )
        .await;
    reader
        .deliver(&node.inbox(), &reader.activity("Like", id.into()))
        .await;
    let comments = "SELECT c.author_name || ': ' || c.content FROM comments c JOIN articles a ON a.id = c.article_id
            WHERE a.slug = 'hello' AND c.state = 'visible' ORDER BY c.number";
    let likes = "SELECT r.kind FROM reactions r JOIN articles a ON a.id = r.article_id WHERE a.slug = 'hello'";
    let found = eventually("the comment and the like are there", || async {
        let found = (
            sql::texts(&node.database_url, comments).await,
            sql::texts(&node.database_url, likes).await,
        );
        (!found.0.is_empty() && !found.1.is_empty()).then_some(found)
    })
    .await;
    assert_eq!(found.0, ["The actor replier: <p>Well said.</p>"]);
    assert_eq!(found.1, ["like"]);
    write(&node, "DELETE FROM articles").await;
    for table in ["comments", "reactions", "article_tags"] {
        let left = sql::number(&node.database_url, &format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(left, Some(0), "{table}");
    }
}

#[apply(both_databases)]
async fn an_update_or_insert_is_one_article(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = follower(&node).await;
    let upsert = |markdown: &str| {
        format!(
            "INSERT INTO articles (slug, title, markdown) VALUES ('hello', 'Hello', '{markdown}')
             ON CONFLICT (slug) DO UPDATE SET title = excluded.title, markdown = excluded.markdown"
        )
    };
    write(&node, &upsert("First.")).await;
    let create = peer.wait_for("Create").await;
    write(&node, &upsert("Second.")).await;
    let update = peer.wait_for("Update").await;
    assert_eq!(
        update.activity["object"]["id"],
        create.activity["object"]["id"]
    );
    assert!(peer.received_of("Delete").is_empty());
}

#[apply(both_databases)]
async fn the_documented_statements_work(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = follower(&node).await;
    let is_sqlite = node.database_url.starts_with("sqlite");
    let foreign = if is_sqlite { "extract(" } else { "unixepoch(" };
    let blocks = include_str!("../docs/database.md")
        .split("```sql\n")
        .skip(1);
    let mut ran = 0;
    for block in blocks
        .map(|block| block.split("```").next().unwrap())
        .filter(|block| !block.contains(foreign))
    {
        write(&node, block).await;
        ran += 1;
    }
    assert!(ran >= 9, "{ran} blocks");
    eventually("the last of its articles arrives", || async {
        let arrived = peer.received_of("Create");
        arrived
            .iter()
            .any(|create| create.activity["object"]["name"] == "A shelf")
            .then_some(())
    })
    .await;
    let scheduled =
        "SELECT COUNT(*) FROM articles WHERE slug = 'on-trains' AND published_at = 1798099200000";
    assert_eq!(sql::number(&node.database_url, scheduled).await, Some(1));
}

#[apply(both_databases)]
async fn what_the_node_could_not_read_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    for (name, columns, values) in [
        (
            "a slug with blanks",
            "slug, title, markdown",
            "'two words', 'T', 'M'",
        ),
        (
            "a slug with a slash",
            "slug, title, markdown",
            "'a/b', 'T', 'M'",
        ),
        ("an empty slug", "slug, title, markdown", "'', 'T', 'M'"),
        (
            "a long slug",
            "slug, title, markdown",
            &format!("'{}', 'T', 'M'", "a".repeat(101)),
        ),
        ("no title", "slug, title, markdown", "'a', '', 'M'"),
        ("no text", "slug, title", "'a', 'T'"),
        (
            "a date in words",
            "slug, title, markdown, published_at",
            "'a', 'T', 'M', '2026-01-01 12:00:00'",
        ),
        (
            "an unknown form",
            "slug, title, markdown, federate",
            "'a', 'T', 'M', 'thread'",
        ),
        (
            "an unknown status",
            "slug, title, markdown, status",
            "'a', 'T', 'M', 'public'",
        ),
        (
            "an unknown author",
            "slug, title, markdown, author_id",
            "'a', 'T', 'M', 'ana'",
        ),
        (
            "a flag in words",
            "slug, title, markdown, sensitive",
            "'a', 'T', 'M', 'perhaps'",
        ),
    ] {
        let statement = format!("INSERT INTO articles ({columns}) VALUES ({values})");
        assert!(refused(&node, &statement).await, "{name}");
    }
    for username in ["Ana", "ana maria", "instance.actor", ""] {
        let statement = format!("INSERT INTO authors (username, name) VALUES ('{username}', 'A')");
        assert!(refused(&node, &statement).await, "{username:?}");
    }
}

/// Only SQLite has `INSERT OR REPLACE`. It removes a row without firing its delete triggers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_row_is_deleted_and_the_new_one_created() {
    let node = TestNode::start(Database::Sqlite).await;
    let peer = follower(&node).await;
    write(&node, INSERT).await;
    let create = peer.wait_for("Create").await;
    write(
        &node,
        "INSERT OR REPLACE INTO articles (slug, title, markdown) VALUES ('hello', 'Hello', 'Anew.')",
    )
    .await;
    let delete = peer.wait_for("Delete").await;
    assert_eq!(
        delete.activity["object"]["id"],
        create.activity["object"]["id"]
    );
    let again = nth(&peer, "Create", 2).await;
    assert_ne!(
        again.activity["object"]["id"],
        create.activity["object"]["id"]
    );
}
