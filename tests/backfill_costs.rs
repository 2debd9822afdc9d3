//! Costs of completing conversations: requests are counted for the activity that caused them, hosts are asked with
//! pauses, and no domain or slow host keeps others from being served.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually,
    peer::{Canned, embedded},
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn id(note: &Value) -> &str {
    note["id"].as_str().unwrap()
}

/// Serves a collection at a path of a peer; its address.
fn serve_list(peer: &Peer, path: &str, items: Value) -> String {
    let list = json!({"id": peer.url(path), "type": "Collection", "items": items});
    peer.serve(path, Canned::document(&list));
    peer.url(path)
}

/// Sends a comment with a list of replies.
async fn comment_with_replies(node: &TestNode, actor: &Actor, on: &str, replies: &str) -> Value {
    let mut note = actor.note(on, "<p>Something to talk about.</p>");
    note["replies"] = json!(replies);
    let path = id(&note).strip_prefix(&actor.peer.origin).unwrap();
    actor.peer.serve(path, Canned::document(&note));
    let create = actor.activity("Create", embedded(&note));
    actor.deliver(&node.inbox(), &create).await;
    note
}

/// Waits until an activity has caused all the requests that it may.
async fn wait_until_used_up(node: &TestNode) {
    eventually("the requests are used up", || async {
        let waits = "SELECT COUNT(*) FROM comments WHERE next_crawl_at > received_at + 80000000";
        (node.number(waits).await > Some(0)).then_some(())
    })
    .await;
}

async fn wait_for_crawl(node: &TestNode) {
    eventually("the replies are read, and nothing is due", || async {
        let crawled = node
            .number("SELECT COUNT(*) FROM comments WHERE crawls > 0")
            .await;
        let now = chrono::Utc::now().timestamp_millis();
        let due = format!(
            "SELECT COUNT(*) FROM lookups WHERE next_attempt_at < {}",
            now + 150_000
        );
        let crawling = format!(
            "SELECT COUNT(*) FROM comments WHERE next_crawl_at < {}",
            now + 150_000
        );
        let rests = crawled > Some(0)
            && node.number(&crawling).await == Some(0)
            && node.number(&due).await == Some(0);
        rests.then_some(())
    })
    .await;
}

const CRAWL_AT_ONCE: &str = "[conversations]\nfirst_crawl = \"1 ms\"\n";

#[apply(both_databases)]
async fn one_comment_causes_twenty_requests_and_the_rest_another_day(#[case] database: Database) {
    let node = TestNode::start_with(database, CRAWL_AT_ONCE).await;
    let (evil, victim) = (Peer::start("evil").await, Peer::start("victim").await);
    let mallory = evil.actor("mallory").await;
    let article = node.publish_any().await;
    let items: Vec<String> = (0..200)
        .map(|number| victim.url(&format!("/notes/{number}")))
        .collect();
    for item in &items {
        let note = json!({"id": item, "type": "Note", "attributedTo": victim.url("/users/vic"),
            "inReplyTo": victim.url("/notes/root"), "content": "Words.", "to": ["as:Public"]});
        victim.serve(
            item.strip_prefix(&victim.origin).unwrap(),
            Canned::document(&note),
        );
    }
    let begun = Instant::now();
    let list = serve_list(&evil, "/replies", json!(items));
    comment_with_replies(&node, &mallory, &article.id, &list).await;
    eventually("all that may be asked is asked", || async {
        (evil.gets().len() + victim.gets().len() >= 20).then_some(())
    })
    .await;
    // Requests to one host have pauses between them.
    assert!(
        begun.elapsed() > Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    // The rest is fetched once there is a budget again.
    node.sql("UPDATE comments SET next_crawl_at = 0").await;
    wait_until_used_up(&node).await;
    assert_eq!(evil.gets().len() + victim.gets().len(), 20);
    assert_eq!(
        victim.get_count("/notes/root"),
        0,
        "no thread of a third host is followed"
    );
    assert_eq!(victim.get_count("/users/vic"), 0);
    let limits = node.admin(&["limits", "--all"]).await;
    assert!(limits.contains("requests_of_activity"), "{limits}");
    node.sql("UPDATE activity_requests SET since = 0").await;
    node.sql("UPDATE comments SET next_crawl_at = 0").await;
    eventually("the next ones are asked for on another day", || async {
        victim
            .gets()
            .iter()
            .any(|path| path == "/notes/25")
            .then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn own_items_do_not_lead_to_a_third_host(#[case] database: Database) {
    let node = TestNode::start_with(database, CRAWL_AT_ONCE).await;
    let (evil, victim) = (Peer::start("evil").await, Peer::start("victim").await);
    let mallory = evil.actor("mallory").await;
    let article = node.publish_any().await;
    let mut items = Vec::new();
    for number in 0..8 {
        let note = mallory.note(
            &victim.url(&format!("/notes/{number}")),
            "<p>Below another's.</p>",
        );
        items.push(match number % 2 {
            0 => note["id"].clone(),
            // It replies to something else.
            _ => embedded(&note),
        });
    }
    let list = serve_list(&evil, "/replies", json!(items));
    comment_with_replies(&node, &mallory, &article.id, &list).await;
    wait_for_crawl(&node).await;
    assert_eq!(victim.gets(), Vec::<String>::new());
    for (number, item) in items.iter().enumerate() {
        let path = item
            .as_str()
            .or(item["id"].as_str())
            .unwrap()
            .strip_prefix(&evil.origin)
            .unwrap();
        assert_eq!(evil.get_count(path), 1 - number % 2, "{path}");
    }
    assert_eq!(node.comments().await.len(), 1);
}

#[apply(both_databases)]
async fn a_thread_of_another_host_becomes_complete(#[case] database: Database) {
    let node = TestNode::start_with(database, CRAWL_AT_ONCE).await;
    let (home, away) = (Peer::start("home").await, Peer::start("away").await);
    let ana = home.actor("ana").await;
    let article = node.publish_any().await;
    let mut note = ana.note(&article.id, "<p>Ask me anything.</p>");
    let mut items = Vec::new();
    for number in 0..8 {
        let author = away.actor(&format!("reader{number}")).await;
        items.push(author.note(id(&note), "<p>A question.</p>")["id"].clone());
    }
    note["replies"] = json!(serve_list(&home, "/replies", json!(items)));
    home.serve(
        id(&note).strip_prefix(&home.origin).unwrap(),
        Canned::document(&note),
    );
    ana.deliver(&node.inbox(), &ana.activity("Create", note))
        .await;
    eventually("all replies are there", || async {
        (node.comments().await.len() == 9).then_some(())
    })
    .await;
    let gets = away.gets();
    assert_eq!(gets.len(), 16, "each reply and its author once: {gets:?}");
}

#[apply(both_databases)]
async fn a_host_that_is_down_is_asked_once_for_all_that_it_has(#[case] database: Database) {
    let node = TestNode::start_with(database, CRAWL_AT_ONCE).await;
    let (home, down) = (Peer::start("home").await, Peer::start("down").await);
    let (ana, ben) = (home.actor("ana").await, down.actor("ben").await);
    let article = node.publish_any().await;
    let mut note = ana.note(&article.id, "<p>Ask me anything.</p>");
    let replies: Vec<Value> = (0..6)
        .map(|_| ben.note(id(&note), "<p>A question.</p>"))
        .collect();
    let path = |reply: &Value| id(reply).strip_prefix(&down.origin).unwrap().to_owned();
    for reply in &replies {
        down.serve(&path(reply), Canned::status(503));
    }
    let items: Vec<&Value> = replies.iter().map(|reply| &reply["id"]).collect();
    note["replies"] = json!(serve_list(&home, "/replies", json!(items)));
    ana.deliver(&node.inbox(), &ana.activity("Create", note))
        .await;
    eventually("all wait for the host", || async {
        let waiting = "SELECT COUNT(*) FROM lookups WHERE next_attempt_at > created_at + 50000";
        (node.number(waiting).await == Some(6)).then_some(())
    })
    .await;
    assert_eq!(down.gets().len(), 1, "{:?}", down.gets());
    // Its `Retry-After` is longer than the usual pause.
    let busy = Canned {
        headers: vec![("retry-after".into(), "7200".into())],
        ..Canned::status(429)
    };
    for reply in &replies {
        down.serve(&path(reply), busy.clone());
    }
    node.sql("UPDATE lookups SET next_attempt_at = 0").await;
    eventually("all wait longer", || async {
        let waiting = "SELECT COUNT(*) FROM lookups WHERE next_attempt_at > created_at + 7000000";
        (node.number(waiting).await == Some(6)).then_some(())
    })
    .await;
    assert_eq!(down.gets().len(), 2, "{:?}", down.gets());
    for reply in &replies {
        down.serve(&path(reply), Canned::document(reply));
    }
    node.sql("UPDATE lookups SET next_attempt_at = 0").await;
    eventually("all replies are there", || async {
        (node.comments().await.len() == 7).then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn many_subdomains_and_slow_hosts_delay_nobody_else(#[case] database: Database) {
    let node = TestNode::start_with(database, CRAWL_AT_ONCE).await;
    let (home, slow) = (Peer::start("home").await, Peer::start("slow").await);
    let article = node.publish_any().await;
    let (ana, ben) = (
        home.actor("ana").await,
        Peer::start("away").await.actor("ben").await,
    );
    for number in 0..52 {
        let peer = Peer::start(&format!("n{number}.evil")).await;
        let items: Vec<String> = (0..190)
            .map(|item| slow.url(&format!("/notes/{number}-{item}")))
            .collect();
        for item in &items[..20] {
            let answer = Canned {
                delay: Duration::from_secs(60),
                ..Canned::status(200)
            };
            slow.serve(item.strip_prefix(&slow.origin).unwrap(), answer.clone());
        }
        let list = serve_list(&peer, "/replies", json!(items));
        comment_with_replies(&node, &peer.actor("mallory").await, &article.id, &list).await;
    }
    eventually("the slow host is asked", || async {
        (!slow.gets().is_empty()).then_some(())
    })
    .await;
    let begun = Instant::now();
    let first = ben.note(&article.id, "<p>The first words.</p>");
    let second = ana.note(id(&first), "<p>The second words.</p>");
    ana.deliver(&node.inbox(), &ana.activity("Create", second))
        .await;
    let all = "SELECT COUNT(*) FROM comments";
    eventually("the thread is complete", || async {
        (node.number(all).await == Some(54)).then_some(())
    })
    .await;
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
    let queued = node.number("SELECT COUNT(*) FROM lookups").await;
    assert!(
        queued <= Some(100),
        "{queued:?}: half of the domain's share"
    );
}

#[apply(both_databases)]
async fn a_domain_s_lookups_are_one_share_and_what_finds_no_room_is_asked_to_come_again(
    #[case] database: Database,
) {
    let node = TestNode::start_with(database, "[limits]\nlookups_of_domain = 5\n").await;
    let mut node = node;
    let (down, home) = (Peer::start("down").await, Peer::start("home").await);
    let article = node.publish_any().await;
    let parent = down.actor("ben").await.note(&article.id, "<p>Words.</p>");
    let path = id(&parent).strip_prefix(&down.origin).unwrap();
    down.serve(path, Canned::status(503));
    let reply = |actor: &Actor| {
        let note = actor.note(id(&parent), "<p>Below it.</p>");
        actor.activity("Create", note)
    };
    let mut last = None;
    for number in 0..6 {
        let mallory = Peer::start(&format!("n{number}.evil"))
            .await
            .actor("mallory")
            .await;
        let activity = reply(&mallory);
        let response = mallory.send(&node.inbox(), &activity).await;
        assert_eq!(
            response.status,
            if number < 5 { 202 } else { 503 },
            "{}",
            response.body
        );
        last = Some((mallory, activity));
    }
    // A hint finds no room either.
    let club = Peer::start("club.evil").await.actor("club").await;
    club.serve_with(json!({"type": "Group"}));
    let known = home
        .actor("cy")
        .await
        .comment(&node.inbox(), &article.id, "<p>Here.</p>")
        .await;
    let hint = club.activity("Announce", club.activity("Delete", known["id"].clone()));
    assert_eq!(club.send(&node.inbox(), &hint).await.status, 503);
    let ana = home.actor("ana").await;
    ana.deliver(&node.inbox(), &reply(&ana)).await;
    let (mallory, activity) = last.unwrap();
    node.sql("DELETE FROM lookups WHERE domain = 'evil.localhost'")
        .await;
    mallory.deliver(&node.inbox(), &activity).await;
    eventually("the admin sees who ran into it", || async {
        let limits = node.admin(&["limits"]).await;
        (limits.contains("lookups_of_domain") && limits.contains("evil.localhost")).then_some(())
    })
    .await;
    // Each host of a domain that is known has a share.
    mallory.follow(&node.inbox(), &node.blog()).await;
    node.restart().await;
    for number in 0..3 {
        let other = Peer::start(&format!("m{number}.evil"))
            .await
            .actor("other")
            .await;
        for _ in 0..3 {
            other.deliver(&node.inbox(), &reply(&other)).await;
        }
    }
}
