//! Conversations are completed: what stands above a reply is fetched, and so are answers that were given elsewhere.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually,
    peer::{Canned, PUBLIC},
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn id(note: &Value) -> &str {
    note["id"].as_str().unwrap()
}

/// Serves something at the address of a note.
fn serve(actor: &Actor, note: &Value, canned: Canned) {
    let path = id(note).strip_prefix(&actor.peer.origin).unwrap();
    actor.peer.serve(path, canned);
}

/// Returns a note with some properties replaced, and serves it.
fn served_with(actor: &Actor, on: &str, changes: Value) -> Value {
    let mut note = actor.note(on, "<p>Some words.</p>");
    for (name, value) in changes.as_object().unwrap() {
        note[name] = value.clone();
    }
    serve(actor, &note, Canned::document(&note));
    note
}

async fn tell(node: &TestNode, actor: &Actor, note: &Value) {
    let create = actor.activity("Create", note.clone());
    actor.deliver(&node.inbox(), &create).await;
}

async fn wait_for_comments(node: &TestNode, count: usize) -> Vec<Value> {
    eventually(&format!("{count} comments are there"), || async {
        let mut comments = node.comments().await;
        comments.reverse();
        (comments.len() == count).then_some(comments)
    })
    .await
}

/// Waits until nothing is to be looked up any more.
async fn wait_for_rest(node: &TestNode) {
    eventually("all is looked up", || async {
        (node.number("SELECT COUNT(*) FROM lookups").await == Some(0)).then_some(())
    })
    .await;
}

async fn look_again(node: &TestNode) {
    node.sql("UPDATE lookups SET next_attempt_at = 0").await;
}

/// Returns the number of each comment's parent; 0 is the article.
async fn parents(node: &TestNode) -> Vec<String> {
    node.texts(
        "SELECT c.number || ' under ' || COALESCE(p.number, 0) FROM comments c
         LEFT JOIN comments p ON p.id = c.parent_id ORDER BY c.number",
    )
    .await
}

#[apply(both_databases)]
async fn what_stands_above_a_reply_is_fetched_from_its_authors(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (one, two, three) = (
        Peer::start("one").await,
        Peer::start("two").await,
        Peer::start("three").await,
    );
    let (ana, ben, cy) = (
        one.actor("ana").await,
        two.actor("ben").await,
        three.actor("cy").await,
    );
    let article = node.publish_any().await;
    let first = ana.note(&article.url, "<p>The <script>first</script> words.</p>");
    let second = ben.note(id(&first), "<p>The second words.</p>");
    let third = cy.note(id(&second), "<p>The third words.</p>");
    tell(&node, &cy, &third).await;
    let comments = wait_for_comments(&node, 3).await;
    for (comment, (note, peer)) in
        comments
            .iter()
            .zip([(&first, &one), (&second, &two), (&third, &three)])
    {
        assert_eq!(comment["uri"], note["id"]);
        assert!(
            comment["handle"]
                .as_str()
                .unwrap()
                .ends_with(&peer.authority),
            "{comment}"
        );
    }
    assert!(!comments[0]["text"].as_str().unwrap().contains("script"));
    assert_eq!(
        parents(&node).await,
        ["1 under 0", "2 under 1", "3 under 2"]
    );
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("3 comments<") && page.contains("The second words."),
        "{page}"
    );
    wait_for_rest(&node).await;
    // It is shown once, however often it is announced.
    tell(&node, &ben, &second).await;
    assert_eq!(node.comments().await.len(), 3);
    // The node is asked for what it has of the conversation.
    let context = node
        .document(&format!("{}/context?page=first", article.id))
        .await
        .json();
    assert_eq!(
        context["orderedItems"],
        json!([article.id, first["id"], second["id"], third["id"]])
    );
}

#[apply(both_databases)]
async fn a_parent_that_is_down_is_fetched_when_it_is_back(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut node = node;
    let (here, down) = (Peer::start("here").await, Peer::start("down").await);
    let (ana, ben) = (here.actor("ana").await, down.actor("ben").await);
    let article = node.publish_any().await;
    let parent = ben.note(&article.id, "<p>The parent.</p>");
    serve(&ben, &parent, Canned::status(503));
    tell(&node, &ana, &ana.note(id(&parent), "<p>The reply.</p>")).await;
    eventually("it was tried", || async {
        (node
            .number("SELECT attempts FROM lookups WHERE next_attempt_at > created_at + 50000")
            .await
            == Some(1))
        .then_some(())
    })
    .await;
    assert!(node.comments().await.is_empty());
    node.restart().await;
    serve(&ben, &parent, Canned::document(&parent));
    look_again(&node).await;
    wait_for_comments(&node, 2).await;
    assert_eq!(parents(&node).await, ["1 under 0", "2 under 1"]);
    wait_for_rest(&node).await;
}

#[apply(both_databases)]
async fn nothing_is_put_below_what_is_gone_private_blocked_or_not_its_author_s(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let (here, there, evil) = (
        Peer::start("here").await,
        Peer::start("there").await,
        Peer::start("evil").await,
    );
    let (ana, ben, mallory) = (
        here.actor("ana").await,
        there.actor("ben").await,
        evil.actor("mallory").await,
    );
    let article = node.publish_any().await;
    node.admin(&["block", "add", "evil.localhost"]).await;
    let private = json!({"to": [format!("{}/followers", ben.id)], "cc": []});
    let gone = ben.note(&article.id, "");
    let missing = ben.note(&article.id, "");
    let page = ben.note(&article.id, "");
    serve(&ben, &gone, Canned::status(410));
    serve(&ben, &missing, Canned::status(404));
    serve(
        &ben,
        &page,
        Canned {
            headers: vec![("content-type".into(), "text/html".into())],
            ..Canned::document(&page)
        },
    );
    let closed = node
        .publish("---\ntitle: Closed\ncomments: closed\n---\nText.\n")
        .await;
    for (name, parent) in [
        ("gone", gone),
        ("missing", missing),
        ("a page", page),
        (
            "a tombstone",
            served_with(&ben, &article.id, json!({"type": "Tombstone"})),
        ),
        (
            "an actor",
            served_with(&ben, &article.id, json!({"type": "Person"})),
        ),
        ("private", served_with(&ben, &article.id, private)),
        (
            "another's",
            served_with(&ben, &article.id, json!({"attributedTo": ana.id})),
        ),
        (
            "nobody's",
            served_with(&ben, &article.id, json!({"attributedTo": null})),
        ),
        ("blocked", mallory.note(&article.id, "")),
        (
            "a reply to nothing",
            served_with(&ben, &article.id, json!({"inReplyTo": null})),
        ),
        (
            "a reply to nothing of ours",
            served_with(&ben, &node.url("/articles/none"), json!({})),
        ),
        ("a reply to what takes none", ben.note(&closed.id, "")),
    ] {
        tell(&node, &ana, &ana.note(id(&parent), "<p>Below it.</p>")).await;
        wait_for_rest(&node).await;
        assert!(node.comments().await.is_empty(), "{name}");
    }
    assert!(
        evil.gets().is_empty(),
        "the blocked server was asked: {:?}",
        evil.gets()
    );
    assert!(
        there.gets().iter().all(|path| !path.ends_with("/ben")),
        "an author was fetched for nothing"
    );
}

#[apply(both_databases)]
async fn endless_chains_circles_and_silence_cost_little(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (peer, slow) = (Peer::start("endless").await, Peer::start("slow").await);
    let author = peer.actor("author").await;
    let article = node.publish_any().await;
    let begun = Instant::now();
    slow.serve(
        "/notes/1",
        Canned {
            delay: Duration::from_secs(60),
            ..Canned::status(200)
        },
    );
    tell(&node, &author, &author.note(&slow.url("/notes/1"), "")).await;
    let mut parent = article.id.clone();
    let mut chain = Vec::new();
    for _ in 0..1000 {
        let note = author.note(&parent, "<p>One of many.</p>");
        parent = id(&note).to_owned();
        chain.push(note);
    }
    let before = peer.gets().len();
    tell(&node, &author, &chain[999]).await;
    eventually("the chain is given up", || async {
        (node.dropped("reply too deep in a conversation").await == 1).then_some(())
    })
    .await;
    assert!(
        peer.gets().len() - before <= 20,
        "{} requests",
        peer.gets().len() - before
    );
    // A failed search for ancestors is not repeated.
    let again = peer.gets().len();
    tell(&node, &author, &author.note(id(&chain[999]), "")).await;
    eventually("it is given up too", || async {
        (node.dropped("reply to nothing of ours").await == 1).then_some(())
    })
    .await;
    assert_eq!(peer.gets().len() - again, 1, "only the reply itself");
    let (a, b) = (author.note(&article.id, ""), author.note(&article.id, ""));
    for (note, parent) in [(&a, &b), (&b, &a)] {
        let mut bent = note.clone();
        bent["inReplyTo"] = parent["id"].clone();
        serve(&author, note, Canned::document(&bent));
    }
    tell(&node, &author, &served_with(&author, id(&a), json!({}))).await;
    eventually("the circle is given up", || async {
        (node.dropped("reply in a circle").await == 1).then_some(())
    })
    .await;
    assert!(node.comments().await.is_empty());
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "the slow one held up the others"
    );
    // A chain that is not too deep is stored on as many days as its requests take.
    let mut parent = article.id.clone();
    let mut last = Value::Null;
    for number in 0..12 {
        let server = Peer::start(&format!("server{number}")).await;
        let actor = server.actor("someone").await;
        last = actor.note(&parent, "<p>One of twelve.</p>");
        parent = id(&last).to_owned();
    }
    let reply = author.note(id(&last), "<p>The last one.</p>");
    tell(&node, &author, &reply).await;
    eventually(
        "the activity has caused all the requests that it may",
        || async {
            let waits =
                "SELECT COUNT(*) FROM lookups WHERE next_attempt_at > created_at + 80000000";
            (node.number(waits).await == Some(1)).then_some(())
        },
    )
    .await;
    assert!(node.comments().await.len() < 13);
    node.sql("UPDATE activity_requests SET since = 0").await;
    look_again(&node).await;
    wait_for_comments(&node, 13).await;
}

#[apply(both_databases)]
async fn one_server_does_not_fill_the_list_of_what_is_looked_up(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let down = Peer::start("down").await;
    let author = Peer::start("flood").await.actor("author").await;
    node.publish_any().await;
    down.serve("/notes/1", Canned::status(503));
    node.sql("INSERT INTO lookups (uri, host, next_attempt_at, created_at)
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200)
            SELECT 'https://other.example/' || n, 'full.example', 9000000000000000, 0 FROM numbers").await;
    node.sql(&format!(
        "UPDATE lookups SET host = '{}'",
        author.peer.authority
    ))
    .await;
    let reply = author.activity("Create", author.note(&down.url("/notes/1"), ""));
    assert_eq!(author.send(&node.inbox(), &reply).await.status, 503);
    assert_eq!(node.number("SELECT COUNT(*) FROM lookups").await, Some(200));
    let other = Peer::start("other").await.actor("author").await;
    tell(&node, &other, &other.note(&down.url("/notes/1"), "")).await;
    assert_eq!(node.number("SELECT COUNT(*) FROM lookups").await, Some(201));
}

const CRAWL_AT_ONCE: &str = "[conversations]\nfirst_crawl = \"1 ms\"\n";

#[apply(both_databases)]
async fn answers_that_were_given_elsewhere_are_found(#[case] database: Database) {
    let node = TestNode::start_with(database, CRAWL_AT_ONCE).await;
    let (one, two, three) = (
        Peer::start("one").await,
        Peer::start("two").await,
        Peer::start("three").await,
    );
    let (ana, ben, cy) = (
        one.actor("ana").await,
        two.actor("ben").await,
        three.actor("cy").await,
    );
    let article = node.publish_any().await;
    let replies = one.url("/notes/replies");
    let first = served_with(
        &ana,
        &article.id,
        json!({"replies": {"id": replies, "type": "Collection",
        "first": {"type": "CollectionPage", "items": [], "next": one.url("/notes/replies?page=1")}}}),
    );
    let second = ben.note(id(&first), "<p>Said at Two.</p>");
    let third = cy.note(id(&second), "<p>Said at Three.</p>");
    let fourth = ben.note(id(&first), "<p>Said later.</p>");
    let page = |number: usize, items: Value, next: Option<usize>| {
        let address = |number: usize| format!("{replies}?page={number}");
        one.serve(&format!("/notes/replies?page={number}"), Canned::document(&json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": address(number), "type": "CollectionPage",
            "partOf": replies, "items": items, "next": next.map(address)})));
    };
    one.serve(
        "/notes/replies",
        Canned::document(&json!({"id": replies, "type": "Collection",
        "first": {"type": "CollectionPage", "items": [], "next": format!("{replies}?page=1")}})),
    );
    page(1, json!([second["id"]]), Some(2));
    page(
        2,
        json!([{"id": third["id"], "type": "Note"}, article.id, "acct:nonsense", 7]),
        None,
    );
    tell(&node, &ana, &first).await;
    wait_for_comments(&node, 3).await;
    eventually("it is asked for again later", || async {
        let waits =
            "SELECT crawls FROM comments WHERE next_crawl_at > received_at + 100000 AND number = 1";
        (node.number(waits).await == Some(1)).then_some(())
    })
    .await;
    assert_eq!(one.get_count("/notes/replies?page=1"), 1);
    page(2, json!([third["id"], fourth["id"]]), None);
    node.sql("UPDATE comments SET next_crawl_at = 0 WHERE number = 1")
        .await;
    let comments = wait_for_comments(&node, 4).await;
    assert_eq!(comments[3]["uri"], fourth["id"]);
    eventually("the waits grow", || async {
        let waits =
            "SELECT crawls FROM comments WHERE next_crawl_at > received_at + 400000 AND number = 1";
        (node.number(waits).await == Some(2)).then_some(())
    })
    .await;
    node.sql("UPDATE comments SET next_crawl_at = 0, received_at = 0 WHERE number = 1")
        .await;
    eventually("after some days it is over", || async {
        (node
            .number("SELECT COUNT(*) FROM comments WHERE next_crawl_at IS NOT NULL")
            .await
            == Some(0))
        .then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn collections_without_end_or_of_others_are_bounded(#[case] database: Database) {
    let node = TestNode::start_with(database, CRAWL_AT_ONCE).await;
    let (evil, sentinel, blocked) = (
        Peer::start("evil").await,
        Peer::start("sentinel").await,
        Peer::start("blocked").await,
    );
    let mallory = evil.actor("mallory").await;
    let article = node.publish_any().await;
    node.admin(&["block", "add", "blocked.localhost"]).await;
    for number in 0..30 {
        let items: Vec<String> = (0..40)
            .map(|item| match item {
                0 => sentinel.url("/notes/1"),
                1 => blocked.url("/notes/1"),
                2 => article.id.clone(),
                3 => format!("{}/replies", article.id),
                _ => format!("http://host{}.localhost:9/{number}/{item}", item % 40),
            })
            .collect();
        evil.serve(&format!("/pages/{number}"), Canned::document(&json!({"id": evil.url(&format!("/pages/{number}")),
            "type": "CollectionPage", "items": items, "next": evil.url(&format!("/pages/{}", number + 1))})));
    }
    evil.serve("/elsewhere", Canned::document(&json!({"id": evil.url("/elsewhere"), "type": "Collection", "first": sentinel.url("/pages/1")})));
    evil.serve("/ours", Canned::document(&json!({"id": evil.url("/ours"), "type": "Collection", "first": format!("{}/replies", article.id)})));
    evil.serve(
        "/circle",
        Canned::document(
            &json!({"id": evil.url("/circle"), "type": "Collection", "first": evil.url("/circle")}),
        ),
    );
    for replies in [
        evil.url("/pages/0"),
        evil.url("/elsewhere"),
        evil.url("/ours"),
        evil.url("/circle"),
        sentinel.url("/pages/2"),
        "javascript:1".into(),
    ] {
        tell(
            &node,
            &mallory,
            &served_with(&mallory, &article.id, json!({"replies": replies})),
        )
        .await;
    }
    eventually("all are crawled", || async {
        let crawled = "SELECT COUNT(*) FROM comments WHERE crawls = 1";
        (node.number(crawled).await == Some(4)).then_some(())
    })
    .await;
    assert_eq!(node.number("SELECT COUNT(*) FROM comments").await, Some(6));
    eventually("its lists are read", || async {
        (evil.get_count("/circle") > 0
            && evil.gets().iter().any(|path| path.starts_with("/pages/")))
        .then_some(())
    })
    .await;
    eventually("the sentinel's note was asked for", || async {
        sentinel.gets().contains(&"/notes/1".into()).then_some(())
    })
    .await;
    let pages = evil
        .gets()
        .iter()
        .filter(|path| path.starts_with("/pages/"))
        .count();
    assert!((1..=10).contains(&pages), "{pages} pages");
    assert_eq!(evil.get_count("/circle"), 1);
    assert!(
        sentinel.gets().iter().all(|path| path == "/notes/1"),
        "{:?}",
        sentinel.gets()
    );
    assert!(blocked.gets().is_empty());
    assert!(node.number("SELECT COUNT(*) FROM lookups").await <= Some(200));
    assert_eq!(
        node.number(
            "SELECT COUNT(DISTINCT substr(uri, 1, 20)) FROM lookups WHERE uri LIKE 'http://host%'"
        )
        .await
        .filter(|hosts| *hosts > 30),
        None
    );
}

#[apply(both_databases)]
async fn nothing_is_looked_up_where_the_admin_wants_it_so(#[case] database: Database) {
    let node = TestNode::start_with(database, "[conversations]\nfetch = false\n").await;
    let peer = Peer::start("one").await;
    let ana = peer.actor("ana").await;
    let article = node.publish_any().await;
    let parent = served_with(
        &ana,
        &article.id,
        json!({"replies": peer.url("/replies"), "to": [PUBLIC]}),
    );
    tell(&node, &ana, &ana.note(id(&parent), "<p>Below.</p>")).await;
    tell(&node, &ana, &parent).await;
    assert_eq!(node.dropped("post that is not about us").await, 1);
    assert_eq!(node.number("SELECT COUNT(*) FROM lookups").await, Some(0));
    assert_eq!(
        node.number("SELECT COUNT(*) FROM comments WHERE next_crawl_at IS NULL")
            .await,
        Some(1)
    );
}
