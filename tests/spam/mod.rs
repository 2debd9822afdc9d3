//! Spam, as an admin and a replier see it: points and their reasons, filters, the allow list, what is learned.

mod service;

use crate::support::{Actor, Database, Peer, TestNode, both_databases, eventually, node::Article};
use pamphlet::{
    moderation::{self, By, Verdict},
    spam::{Author, Candidate, score},
    store::SpamRulesVersion,
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Returns what `comments explain` prints about the newest comment.
async fn newest(node: &TestNode) -> Value {
    let id = node.number("SELECT MAX(id) FROM comments").await.unwrap();
    explain(node, id).await
}

async fn explain(node: &TestNode, id: i64) -> Value {
    node.admin_json(&["comments", "explain", &id.to_string()])
        .await
}

/// Returns the reasons for the newest comment's points, in one text.
async fn reasons(node: &TestNode) -> String {
    newest(node).await["reasons"].to_string()
}

async fn newest_state(node: &TestNode) -> String {
    let states = node
        .texts("SELECT state FROM comments ORDER BY id DESC LIMIT 1")
        .await;
    states.into_iter().next().unwrap()
}

/// Decides as an admin does.
async fn decide(node: &TestNode, id: i64, verdict: Verdict) {
    let mut tx = node.node.store.begin().await.unwrap();
    let comment = tx.comment(id).await.unwrap().unwrap();
    let by = By {
        who: "admin",
        why: None,
    };
    moderation::decide(&node.node, &mut tx, &comment, verdict, by)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn learned(node: &TestNode) -> SpamRulesVersion {
    node.node
        .store
        .read()
        .await
        .unwrap()
        .spam_rules_version()
        .await
        .unwrap()
}

async fn count_of(node: &TestNode, word: &str) -> Option<i64> {
    node.number(&format!(
        "SELECT ham * 100 + spam FROM learned_words WHERE word = '{word}'"
    ))
    .await
}

/// Returns a text that nobody wrote before, with these words in it.
fn text(number: usize, words: &str) -> String {
    format!("<p>{words} number{number} other{number} third{number}</p>")
}

#[apply(both_databases)]
async fn a_reply_waits_or_is_spam_for_reasons_that_can_be_read(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (one, two) = (Peer::start("one").await, Peer::start("two").await);
    let (ann, bob) = (one.actor("ann").await, two.actor("bob").await);
    let article = node.publish_any().await;
    ann.comment(
        &node.inbox(),
        &article.id,
        "<p>I liked <a href=\"https://a.example/\">this</a>.</p>",
    )
    .await;
    assert_eq!(newest_state(&node).await, "visible");
    assert!(
        reasons(&node)
            .await
            .contains("first seen less than a day ago")
    );
    let links: String = (0..9)
        .map(|n| format!("<a class=\"mention\" href=\"https://{n}.example/\">x</a> "))
        .collect();
    ann.comment(&node.inbox(), &article.id, &format!("<p>{links}</p>"))
        .await;
    let explained = newest(&node).await;
    assert_eq!(
        (&explained["state"], &explained["score"], &explained["hold"]),
        (&json!("held"), &json!(60), &json!(50))
    );
    assert!(
        explained["reason"]
            .as_str()
            .unwrap()
            .starts_with("looks like spam: 9 links; first seen"),
        "{explained}"
    );
    // The third comment with the same text waits; the fourth and later ones are spam.
    let offer = "<p>@blog Buy our cheap pills at once, dear friends!</p>";
    let mut states = Vec::new();
    for (number, peer) in [&one, &two, &one, &two, &one].into_iter().enumerate() {
        let sender = peer.actor(&format!("sender{number}")).await;
        sender.comment(&node.inbox(), &article.id, offer).await;
        states.push(newest_state(&node).await);
    }
    assert_eq!(states, ["visible", "visible", "held", "spam", "spam"]);
    assert!(
        reasons(&node)
            .await
            .contains("the same text by 4 others on 2 hosts")
    );
    assert_eq!(node.replies(&article).await.len(), 3);
    // A spammer is remembered; an edit that makes a comment spam hides it.
    let id = node.number("SELECT MAX(id) FROM comments").await.unwrap();
    let mut note = bob
        .comment(&node.inbox(), &article.id, "<p>How true.</p>")
        .await;
    bob.comment(&node.inbox(), &article.id, "<p>And well said.</p>")
        .await;
    node.admin(&["filter", "add", "word", "Casino", "--spam"])
        .await;
    note["content"] = json!("<p>How true: the best CASINO of all!</p>");
    note["updated"] = json!("2026-11-23T13:00:00Z");
    let edit = bob.activity("Update", note.clone());
    eventually("the filter is heeded", || async {
        bob.deliver(
            &node.inbox(),
            &bob.activity("Update", edit["object"].clone()),
        )
        .await;
        (explain(&node, id + 1).await["state"] == "spam").then_some(())
    })
    .await;
    assert_eq!(
        node.replies(&article).await.len(),
        4,
        "the other comment stays"
    );
    assert_eq!(
        node.texts("SELECT action || ' by ' || who FROM log WHERE about LIKE 'comment%'")
            .await,
        ["spam by spam filter"]
    );
    decide(&node, id + 1, Verdict::Spam).await;
    bob.comment(&node.inbox(), &article.id, "<p>Yes.</p>").await;
    assert_eq!(newest_state(&node).await, "held");
    assert!(
        reasons(&node)
            .await
            .contains("1 comment of theirs was spam")
    );
    let printed = node.admin(&["comments", "explain", &id.to_string()]).await;
    assert!(
        printed.contains("points on arrival (held from 50, spam from 100)"),
        "{printed}"
    );
    assert!(
        printed.contains("+120  the same text by 4 others"),
        "{printed}"
    );
}

/// An article that `friend` has commented on, with a pattern that holds and words that are spam.
struct Filtered {
    node: TestNode,
    article: Article,
    shouter: Actor,
    friend: Actor,
}

impl Filtered {
    async fn start(database: Database) -> Filtered {
        let node = TestNode::start(database).await;
        let (loud, good) = (Peer::start("deep.loud").await, Peer::start("good").await);
        let (shouter, friend) = (loud.actor("shouter").await, good.actor("friend").await);
        let article = node.publish_any().await;
        friend
            .comment(&node.inbox(), &article.id, "<p>Hello.</p>")
            .await;
        for (arguments, says) in [
            (
                &["filter", "add", "pattern", r"c[a4]sin[o0]"][..],
                "are held",
            ),
            (
                &["filter", "add", "word", "PILLS, now", "--spam"],
                "marked as spam: pills now",
            ),
            (&["filter", "add", "word", "pills now", "--spam"], "already"),
        ] {
            let printed = node.admin(arguments).await;
            assert!(printed.contains(says), "{arguments:?}: {printed}");
        }
        Filtered {
            node,
            article,
            shouter,
            friend,
        }
    }

    /// Sends a comment with the pattern, one with the words, and a plain one. Returns their states.
    async fn states(&self, actor: &Actor) -> Vec<String> {
        let mut states = Vec::new();
        for content in [
            "<p>A c4sin0 nearby.</p>",
            "<p>Buy pills<br>NOW.</p>",
            "<p>Plain.</p>",
        ] {
            actor
                .comment(&self.node.inbox(), &self.article.id, content)
                .await;
            states.push(newest_state(&self.node).await);
        }
        states
    }
}

const FILTERED: [&str; 3] = ["held", "spam", "visible"];
const ALLOWED: [&str; 3] = ["visible"; 3];

#[apply(both_databases)]
async fn filters_are_listed_and_tried(#[case] database: Database) {
    let it = Filtered::start(database).await;
    let node = &it.node;
    let list = node.admin_json(&["filter", "list"]).await;
    assert_eq!(
        (&list[0]["text"], &list[1]["action"]),
        (&json!("c[a4]sin[o0]"), &json!("spam"))
    );
    let large = node.file("large.txt", &format!("{} C4SIN0", "x ".repeat(3000)));
    assert_eq!(
        node.admin_json(&["filter", "test", &large]).await[0]["kind"],
        "pattern"
    );
    assert_eq!(
        node.admin_json(&["filter", "test", "pills, NOW"]).await[0]["text"],
        "pills now"
    );
    assert_eq!(
        node.admin_json(&["filter", "test", "pills nowhere"]).await,
        json!([])
    );
}

#[apply(both_databases)]
async fn filters_that_can_not_work_are_refused(#[case] database: Database) {
    let it = Filtered::start(database).await;
    let node = &it.node;
    let huge = node.file("huge.txt", &"x".repeat(1024 * 1024 + 1));
    for (arguments, says) in [
        (
            &["filter", "add", "pattern", "(a+)+$("][..],
            "not a pattern: unclosed group",
        ),
        (&["filter", "add", "pattern", ".*"], "every comment"),
        (&["filter", "add", "word", ""], "no letters"),
        (
            &["filter", "add", "pattern", r"((\w{100}){100}){100}"],
            "too large",
        ),
        (
            &["filter", "add", "word", &"a".repeat(100_000)],
            "at most 1000 bytes",
        ),
        (&["filter", "remove", "word", "other"], "no such word"),
        (&["filter", "test", &huge], "at most 1 MiB"),
        (&["filter", "test", "."], "at most 1 MiB"),
        (
            &["allow", "add", "@never@seen.example"],
            "unknown to this node",
        ),
        (&["allow", "remove", "good.localhost"], "is not allowed"),
        (&["comments", "explain", "99"], "no comment has the ID 99"),
    ] {
        let output = node.cli(arguments).await;
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
        assert!(
            error.contains(says) && error.trim().lines().count() == 1,
            "{arguments:?}: {error}"
        );
    }
}

#[apply(both_databases)]
async fn a_filter_applies_to_approved_actors_too(#[case] database: Database) {
    let it = Filtered::start(database).await;
    eventually("the filters apply", || async {
        (it.states(&it.friend).await == FILTERED).then_some(())
    })
    .await;
    let first = "SELECT MIN(id) FROM comments";
    let first = it.node.number(first).await.unwrap();
    decide(&it.node, first, Verdict::Approve).await;
    assert_eq!(it.states(&it.friend).await, FILTERED);
    let reasons = reasons(&it.node).await;
    assert!(
        reasons.contains("1 comment of theirs was approved"),
        "{reasons}"
    );
}

#[apply(both_databases)]
async fn an_actor_on_the_allow_list_is_not_filtered(#[case] database: Database) {
    let it = Filtered::start(database).await;
    let allow = ["allow", "add", &it.friend.handle(), "--reason", "knows"];
    it.node.admin(&allow).await;
    assert_eq!(it.states(&it.friend).await, ALLOWED);
    assert_eq!(newest(&it.node).await["score"], -100);
    it.node.admin(&["allow", "remove", &it.friend.id]).await;
    eventually("the filters apply again", || async {
        (it.states(&it.friend).await == FILTERED).then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn a_limited_host_outweighs_an_allowed_one_and_an_allowed_actor_both(
    #[case] database: Database,
) {
    let it = Filtered::start(database).await;
    let node = &it.node;
    node.admin(&["allow", "add", "loud.localhost"]).await;
    assert_eq!(it.states(&it.shouter).await, ALLOWED, "a subdomain too");
    node.admin(&["block", "add", "loud.localhost", "--comments-held"])
        .await;
    assert_eq!(it.states(&it.shouter).await, ["held"; 3]);
    node.admin(&["allow", "add", &it.shouter.id]).await;
    assert_eq!(it.states(&it.shouter).await, ALLOWED);
    let list = node.admin_json(&["allow", "list"]).await;
    let kinds: Vec<&Value> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["kind"])
        .collect();
    assert_eq!(kinds, ["host", "actor"], "in the order of their addition");
}

#[apply(both_databases)]
async fn changes_of_the_lists_are_logged(#[case] database: Database) {
    let it = Filtered::start(database).await;
    let node = &it.node;
    node.admin(&["allow", "add", &it.friend.id]).await;
    node.admin(&["allow", "remove", &it.friend.id]).await;
    node.admin(&["filter", "remove", "word", "Pills now"]).await;
    eventually("the filter is forgotten", || async {
        (it.states(&it.friend).await == ["held", "visible", "visible"]).then_some(())
    })
    .await;
    let log = node
        .texts("SELECT action || ' ' || about FROM log WHERE action LIKE 'allow%' OR action LIKE '%filter' ORDER BY id")
        .await;
    let expected = [
        "add filter pattern c[a4]sin[o0]".to_owned(),
        "add filter word pills now".to_owned(),
        format!("allow actor {}", it.friend.id),
        format!("allow no longer actor {}", it.friend.id),
        "remove filter word pills now".to_owned(),
    ];
    assert_eq!(log, expected);
}

#[apply(both_databases)]
async fn the_admins_decisions_teach_and_are_unlearned(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("peer").await;
    let (ann, eve) = (peer.actor("ann").await, peer.actor("eve").await);
    let article = node.publish_any().await;
    let mut good = ann
        .comment(&node.inbox(), &article.id, &text(0, "garden novel archive"))
        .await;
    let first = node.number("SELECT MAX(id) FROM comments").await.unwrap();
    for number in 1..10 {
        ann.comment(
            &node.inbox(),
            &article.id,
            &text(number, "garden novel archive"),
        )
        .await;
    }
    for number in 10..19 {
        eve.comment(
            &node.inbox(),
            &article.id,
            &text(number, "watches replica discount"),
        )
        .await;
    }
    let ids = node.number("SELECT MAX(id) FROM comments").await.unwrap();
    for id in first..first + 10 {
        decide(&node, id, Verdict::Approve).await;
        decide(&node, id, Verdict::Approve).await;
    }
    for id in first + 10..=ids {
        decide(&node, id, Verdict::Spam).await;
    }
    let totals = learned(&node).await;
    assert_eq!((totals.ham, totals.spam), (10, 9), "each once");
    assert_eq!(count_of(&node, "garden").await, Some(1000));
    // Nine words are too few to identify a text; a stranger on a good host writes the same words.
    let stranger = Peer::start("elsewhere").await.actor("stranger").await;
    let bait = "watches replica discount for everybody";
    stranger
        .comment(&node.inbox(), &article.id, &text(90, bait))
        .await;
    assert!(!reasons(&node).await.contains("words of comments"));
    decide(&node, ids + 1, Verdict::Spam).await;
    let other = Peer::start("third").await.actor("other").await;
    eventually("what was learned speaks", || async {
        other
            .comment(&node.inbox(), &article.id, &text(91, bait))
            .await;
        reasons(&node)
            .await
            .contains("words of comments that were spam (")
            .then_some(())
    })
    .await;
    let explained = newest(&node).await;
    assert_eq!(
        (&explained["state"], &explained["learned"]["spam"]),
        (&json!("held"), &json!(10)),
        "{explained}"
    );
    assert!(
        explained["learned"]["words"][0]["log_odds"]
            .as_f64()
            .unwrap()
            > 2.0,
        "{explained}"
    );
    let printed = node
        .admin(&["comments", "explain", &explained["id"].to_string()])
        .await;
    assert!(
        printed.contains(": in 0 approved, in 10 spam comments"),
        "{printed}"
    );
    // For an edited comment, the learned words are unlearned, not the current ones.
    good["content"] = json!(text(0, "watches"));
    good["updated"] = json!("2026-11-23T13:00:00Z");
    ann.deliver(&node.inbox(), &ann.activity("Update", good))
        .await;
    decide(&node, first, Verdict::Spam).await;
    assert_eq!(
        (
            count_of(&node, "garden").await,
            count_of(&node, "watches").await
        ),
        (Some(900), Some(11))
    );
    decide(&node, first, Verdict::Hide).await;
    assert_eq!(learned(&node).await.spam, 11, "hiding teaches nothing");
    for id in first..=ids + 1 {
        decide(&node, id, Verdict::Approve).await;
    }
    assert_eq!(count_of(&node, "replica").await, Some(1000));
    assert_eq!(
        (learned(&node).await.ham, learned(&node).await.spam),
        (20, 0)
    );
    assert_eq!(
        count_of(&node, &format!("@{}", peer.authority)).await,
        Some(1900)
    );
}

#[apply(both_databases)]
async fn a_flood_is_judged_as_fast_as_ever(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("flood").await;
    let actor = peer.actor("reader").await;
    let article = node.publish_any().await;
    let offer = "<p>The very same offer as all the others made before, and some more.</p>";
    actor.comment(&node.inbox(), &article.id, offer).await;
    let many = |what: &str| {
        format!(
            "WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < 5000) {what}"
        )
    };
    node.sql(&many("INSERT INTO remote_actors (uri, host, kind, username, handle_host, name, inbox, fetched_at)
            SELECT 'https://h' || n || '.example/u', 'h' || (n / 10) || '.example', 'Person', 'u', 'h', 'U', 'i', 0 FROM n")).await;
    node.sql(&many("INSERT INTO comments (article_id, number, uri, actor_id, author_name, author_handle, content, state,
                published_at, received_at, text_hash)
            SELECT c.article_id, n, 'https://h.example/' || n, CASE WHEN n < 2500 THEN a.id ELSE c.actor_id END, '', '', c.content,
                'held', c.received_at, c.received_at, c.text_hash
            FROM n JOIN comments c ON c.number = 1 LEFT JOIN remote_actors a ON a.uri = 'https://h' || n || '.example/u'")).await;
    node.sql(&many(
        "INSERT INTO learned_words (word, ham, spam) SELECT 'w' || n, 1, 1 FROM n",
    ))
    .await;
    node.sql("INSERT INTO learned_words (word, ham, spam) VALUES ('', 100, 100)")
        .await;
    node.sql(&many(
        "INSERT INTO filters (kind, value, action, created_at)
            SELECT 'pattern', '(x+x+)+[yz]' || n, 'hold', 0 FROM n WHERE n < 20",
    ))
    .await;
    let mut conn = node.node.store.read().await.unwrap();
    let row = conn.remote_actor(&actor.id).await.unwrap().unwrap();
    let hostile = format!("<p>{} {}</p>", "x".repeat(50_000), "w7 ".repeat(10_000));
    let begun = Instant::now();
    for content in [offer, &hostile].into_iter().cycle().take(20) {
        let candidate = Candidate {
            author: Author::Remote(&row),
            content,
        };
        let rules = &node.node.spam_rules;
        let score = score(&mut conn, &node.node.config, rules, &candidate)
            .await
            .unwrap();
        if content == offer {
            assert!(score.points >= 100, "{score:?}");
        }
    }
    let taken = begun.elapsed();
    assert!(taken < Duration::from_secs(30), "{taken:?}");
}
