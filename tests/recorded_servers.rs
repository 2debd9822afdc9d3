//! All documents that a running Mastodon and a running Misskey sent and served: each is read as its server means it.

use crate::{
    captured_documents::{Effect, counts, difference, id_of, path_of, read_all, sender},
    support::{
        Actor, Database, Peer, TestNode, both_databases, eventually,
        node::Article,
        peer::{Canned, webfinger_path},
    },
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const MASTODON: &str = "mastodon-4.6.5";
const MISSKEY: &str = "misskey-2025.11.1";

/// Mastodon's activities in a meaningful order. A name with `/` is derived from a document: the undone activity, or
/// the earlier state.
const OF_MASTODON: &[(&str, Effect)] = &[
    ("follow", "followers +1"),
    ("create-note-reply", "comments +1"),
    ("create-note-content-warning", "comments +1"),
    ("create-note-picture", "comments +1"),
    ("create-question", "comments +1"),
    ("create-note-unlisted", "comments +1"),
    ("create-note-private", "notices +1"),
    ("create-note-direct", "notices +1"),
    ("update-note/before", "comments +1"),
    ("update-note", "edits +1"),
    ("create-note-nested", "comments +1"),
    ("delete-tombstone", "comments -1"),
    ("like", "reactions +1"),
    ("undo-like", "reactions -1"),
    ("announce", "reactions +1"),
    ("undo-announce", "reactions -1"),
    ("quoterequest", "taken"),
    ("create-note-quote", "taken"),
    ("undo-follow/object", "followers +1"),
    ("undo-follow", "followers -1"),
    ("flag", "notices +1"),
    ("block", "notices +1"),
    ("featurerequest", "notices +1"),
    ("add-featuredcollection", "nothing"),
    ("add-featureditem", "nothing"),
    ("update-person", "taken"),
    ("delete-actor/follow", "followers +1"),
    ("delete-actor", "followers -1"),
];

/// Misskey's activities, in the same form.
const OF_MISSKEY: &[(&str, Effect)] = &[
    ("follow", "followers +1"),
    ("create-note-reply", "comments +1"),
    ("create-note-mfm", "comments +1"),
    ("create-note-content-warning", "comments +1"),
    ("create-note-picture", "comments +1"),
    ("create-question", "comments +1"),
    ("update-question", "taken"),
    ("create-note-nested", "comments +1"),
    ("create-note-followers", "notices +1"),
    ("create-note-direct", "notices +1"),
    ("create-note", "notices +1"),
    ("create-note-quote", "taken"),
    ("like-emoji", "reactions +1"),
    ("undo-like", "reactions -1"),
    ("like-custom-emoji", "reactions +1"),
    ("announce", "reactions +1"),
    ("undo-announce/object", "reactions +1"),
    ("undo-announce", "reactions -1"),
    ("delete-tombstone/before", "comments +1"),
    ("delete-tombstone", "comments -1"),
    ("undo-follow/object", "followers +1"),
    ("undo-follow", "followers -1"),
    ("block", "notices +1"),
    ("undo-block", "nothing"),
    ("flag", "notices +1"),
    ("update-person", "taken"),
    ("update-service", "taken"),
    ("move", "taken"),
    ("delete-actor", "reactions -1"),
    ("undo-delete", "taken"),
];

/// A server with its documents, adapted to an article of the node.
struct Recorded {
    template: Actor,
    documents: BTreeMap<String, Value>,
}

impl Recorded {
    async fn start(server: &str, node: &TestNode, article: &Article) -> Recorded {
        let peer = Peer::start(server.split('-').next().unwrap()).await;
        let template = peer.actor("template").await;
        let key = template.key.public_key_pem();
        let documents = read_all(server, &peer, node, article, &key);
        Recorded {
            template,
            documents,
        }
    }

    fn document(&self, name: &str) -> &Value {
        &self.documents[name]
    }

    /// Returns the activity of a step.
    fn activity(&self, name: &str) -> Value {
        let Some((name, part)) = name.split_once('/') else {
            return self.document(name).clone();
        };
        let document = self.document(name);
        let object = &document["object"];
        let id = format!("{}#{part}", id_of(document));
        match part {
            "follow" => {
                json!({"id": id, "type": "Follow", "actor": object, "object": self.followed()})
            }
            "before" => {
                let mut note = self.document("create-note-reply")["object"].clone();
                note["id"] = object["id"].clone();
                note["attributedTo"] = document["actor"].clone();
                json!({"id": id, "type": "Create", "actor": document["actor"], "to": note["to"], "object": note})
            }
            _ => object.clone(),
        }
    }

    fn followed(&self) -> &Value {
        &self.document("undo-follow")["object"]["object"]
    }

    /// Returns the sender of an activity; one without an actor belongs to the account whose document was recorded.
    fn sender(&self, activity: &Value) -> Actor {
        let actor = match &activity["actor"] {
            Value::Null => &self.document("get-actor")["id"],
            actor => actor,
        };
        sender(actor.as_str().unwrap(), &self.template, &self.documents)
    }

    /// Sends all activities of a table. Returns those with another effect than expected.
    async fn send_all(&self, node: &TestNode, steps: &[(&str, Effect)]) -> Vec<String> {
        let mut failures = Vec::new();
        for (name, effect) in steps {
            let activity = self.activity(name);
            let actor = self.sender(&activity);
            if name.starts_with("update-") && activity["object"]["inbox"].is_string() {
                let document = Canned::document(&activity["object"]);
                actor.peer.serve(&path_of(&actor.id), document);
            }
            let before = counts(node).await;
            let reply = actor.send(&node.inbox(), &activity).await;
            let became = difference(&before, &counts(node).await);
            if reply.status != 202 || (*effect != "taken" && became != *effect) {
                let (status, body) = (reply.status, reply.body);
                failures.push(format!("{name}: {status} {body} {became}, not {effect}"));
            }
        }
        let unsent = self.documents.keys().filter(|name| {
            let is_sent = |(step, _): &(&str, Effect)| step.split('/').next() == Some(name);
            let is_asked_for = name.starts_with("get-") || name.ends_with("t-follow");
            !steps.iter().any(is_sent) && !is_asked_for
        });
        failures.extend(unsent.map(|name| format!("{name} is not in the table")));
        failures
    }

    /// Returns the comment made from an activity's object.
    async fn comment(&self, node: &TestNode, name: &str) -> Value {
        let uri = &self.document(name)["object"]["id"];
        let comments = node.comments().await;
        let found = comments.iter().find(|comment| comment["uri"] == *uri);
        found
            .unwrap_or_else(|| panic!("{name} is no comment"))
            .clone()
    }
}

/// Serves a WebFinger response. Returns its handle.
fn serve_jrd(peer: &Peer, jrd: &Value) -> String {
    let subject = jrd["subject"].as_str().unwrap();
    let handle = subject.replacen("acct:", "@", 1);
    let mut canned = Canned::document(jrd);
    canned.headers = vec![("content-type".into(), "application/jrd+json".into())];
    peer.serve(&webfinger_path(&handle), canned);
    handle
}

#[apply(both_databases)]
async fn what_mastodon_sends_is_read_as_it_means_it(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let mastodon = Recorded::start(MASTODON, &node, &article).await;
    let failures = mastodon.send_all(&node, OF_MASTODON).await;
    assert!(failures.is_empty(), "{}", failures.join("\n"));

    let reply = mastodon.comment(&node, "create-note-reply").await;
    assert_eq!(
        (&reply["text"], &reply["language"]),
        (&json!("@blog Comment in secure mode"), &json!("en"))
    );
    assert_eq!(reply["published"], "2026-11-26T00:04:47.000Z");
    let warned = mastodon.comment(&node, "create-note-content-warning").await;
    assert_eq!(warned["content_warning"], "Spoiler of masto");
    let edited = mastodon.comment(&node, "update-note").await;
    assert_eq!(
        (&edited["text"], &edited["edited"]),
        (
            &json!("@blog Edited one from masto"),
            &json!("2026-11-25T23:45:28.000Z")
        )
    );
    let deleted = mastodon.comment(&node, "create-note-nested").await;
    assert_eq!(
        (&deleted["state"], &deleted["in_reply_to"]),
        (&json!("deleted"), &edited["number"])
    );
    let page = node.page(&article.url).await.text;
    for part in [
        "alt=\"Alt text from masto\"",
        "<bdi>Yes &lt;b&gt;</bdi> <span class=\"votes\">0 votes",
        "<time datetime=\"2026-11-26T00:45",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let notices = json!(node.notices().await).to_string();
    for part in [
        "Reply private from masto",
        "Reply direct from masto",
        "Looks like spam",
        "blocked @blog",
    ] {
        assert!(notices.contains(part), "{part} is not in {notices}");
    }
    let followers = node.admin_json(&["followers", "list"]).await;
    let handle = format!("@alice@{}", mastodon.template.peer.authority);
    assert_eq!(
        (followers.as_array().unwrap().len(), &followers[0]["handle"]),
        (1, &json!(handle))
    );
}

#[apply(both_databases)]
async fn what_misskey_sends_is_read_as_it_means_it(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let misskey = Recorded::start(MISSKEY, &node, &article).await;
    let failures = misskey.send_all(&node, OF_MISSKEY).await;
    assert!(failures.is_empty(), "{}", failures.join("\n"));

    let mfm = misskey.comment(&node, "create-note-mfm").await;
    let html = mfm["html"].as_str().unwrap();
    for part in [
        "<b>bold</b>",
        "<ruby>base<rp>(</rp><rt>furi</rt><rp>)</rp></ruby>",
        "<blockquote>quoted line</blockquote>",
        "let a = \"&lt;b&gt;\";",
        "&lt;center&gt;mid",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert_eq!(
        (&mfm["language"], &mfm["edited"]),
        (&Value::Null, &Value::Null)
    );
    let warned = misskey.comment(&node, "create-note-content-warning").await;
    assert_eq!(warned["text"], "The hidden text.");
    assert!(
        warned["content_warning"]
            .as_str()
            .unwrap()
            .starts_with("A warning")
    );
    let nested = misskey.comment(&node, "create-note-nested").await;
    assert_eq!(nested["in_reply_to"], mfm["number"]);
    let question = misskey.comment(&node, "create-question").await;
    assert_eq!(question["edited"], Value::Null);
    let extras = node
        .texts("SELECT extras FROM comments WHERE extras IS NOT NULL")
        .await
        .join("\n");
    for part in [
        "A green picture",
        "{\"text\":\"Yes\",\"votes\":1}",
        "\"name\":\"blobcat\"",
    ] {
        assert!(extras.contains(part), "{part} is not in {extras}");
    }
    let kinds = node
        .texts("SELECT kind FROM remote_actors WHERE username = 'mika'")
        .await;
    assert_eq!(kinds, ["Service"]);
    let names = node
        .texts("SELECT name FROM remote_actors WHERE username = 'ken'")
        .await;
    assert_eq!(names, ["Ken :blobcat: *Locked*"]);
}

#[apply(both_databases)]
async fn what_mastodon_and_misskey_answer_to_a_follow_is_matched(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    for server in [MASTODON, MISSKEY] {
        let recorded = Recorded::start(server, &node, &article).await;
        let peer = &recorded.template.peer;
        for (name, state) in [("accept-follow", "accepted"), ("reject-follow", "rejected")] {
            let mut answer = recorded.activity(name);
            let actor = recorded.sender(&answer);
            let followed = match recorded.documents.get("get-webfinger") {
                Some(jrd) => serve_jrd(peer, jrd),
                None => actor.id.clone(),
            };
            let before = peer.received_of("Follow").len();
            node.admin(&["follow", &followed]).await;
            let follow = eventually("the follow arrives", || async {
                peer.received_of("Follow").into_iter().nth(before)
            })
            .await;
            assert_eq!(
                follow.activity["object"], answer["object"]["object"],
                "{server} {name}"
            );
            // Misskey's `Reject` has its own id for the follow.
            if id_of(&answer["object"]).starts_with(&node.origin) {
                answer["object"]["id"] = follow.activity["id"].clone();
            }
            actor.deliver(&node.inbox(), &answer).await;
            let states = node
                .texts("SELECT state FROM interactions ORDER BY id DESC LIMIT 1")
                .await;
            assert_eq!(states, [state], "{server} {name}");
            if state == "accepted" {
                node.admin(&["unfollow", &actor.id]).await;
                peer.wait_for("Undo").await;
            }
        }
    }
}

#[apply(both_databases)]
async fn what_mastodon_serves_is_read_and_its_replies_are_found(#[case] database: Database) {
    let node = TestNode::start_with(database, "[conversations]\nfirst_crawl = \"1 ms\"\n").await;
    let article = node.publish_any().await;
    let mastodon = Recorded::start(MASTODON, &node, &article).await;
    let peer = &mastodon.template.peer;
    let (note, replies) = (
        mastodon.document("get-note-with-replies"),
        mastodon.document("get-replies"),
    );
    let elsewhere = Peer::start("elsewhere").await.actor("reader").await;
    let found = elsewhere.note(note["id"].as_str().unwrap(), "<p>Said elsewhere.</p>");
    peer.serve(&path_of(&id_of(note)), Canned::document(note));
    peer.serve(&path_of(&id_of(replies)), Canned::document(replies));
    let next = replies["first"]["next"].as_str().unwrap();
    // WordPress serves its collections this way.
    let mut page =
        Canned::document(&json!({"id": next, "type": "CollectionPage", "items": [found["id"]]}));
    page.headers = vec![(
        "content-type".into(),
        "application/json; charset=UTF-8".into(),
    )];
    peer.serve(next.strip_prefix(&peer.origin).unwrap(), page);

    let mut create = mastodon.activity("create-note-reply");
    create["object"] = note["id"].clone();
    mastodon
        .sender(&create)
        .deliver(&node.inbox(), &create)
        .await;
    let comments = eventually("the reply to it is found", || async {
        let comments = node.comments().await;
        (comments.len() == 2).then_some(comments)
    })
    .await;
    let texts: Vec<_> = comments
        .iter()
        .map(|comment| comment["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["Said elsewhere.", "@blog Comment in secure mode"]);
}
