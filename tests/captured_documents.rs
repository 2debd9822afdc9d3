//! Documents of other servers as they were captured, or as those projects keep them for their own tests:
//! each is taken without an error, and does what its sender meant.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, node::Article, peer::Canned,
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::PathBuf};

/// The changed counts, as `what +n`; `nothing` if the document does not concern us.
pub(crate) type Effect = &'static str;

/// Each server's documents, in the order sent. `ORIGIN.md` beside them says where they come from.
const SENDERS: &[(&str, &[(&str, Effect)])] = &[
    ("bookwyrm", &[("object_quotation", "comments +1")]),
    (
        "friendica",
        &[
            ("create_reply", "comments +1"),
            ("like", "reactions +1"),
            ("dislike", "reactions +1"),
            ("undo_dislike", "reactions -1"),
            ("update", "comments +1"),
            ("delete", "comments -1"),
            ("create_article", "notices +1"),
        ],
    ),
    (
        "ghost",
        &[
            ("create_reply", "comments +1"),
            ("create_article", "nothing"),
        ],
    ),
    (
        "gnusocial",
        &[("create_reply", "comments +1"), ("like", "reactions +1")],
    ),
    (
        "gotosocial",
        &[
            ("follow", "followers +1"),
            ("create_reply", "comments +1"),
            ("update", "edits +1"),
            ("create_question", "notices +1"),
            ("delete", "comments -1, edits -1"),
            ("undo_follow", "followers -1"),
        ],
    ),
    (
        "hubzilla",
        &[
            ("follow", "followers +1"),
            ("create_reply", "comments +1"),
            ("create_image", "nothing"),
        ],
    ),
    (
        "lemmy",
        &[
            ("follow", "followers +1"),
            ("create_reply", "comments +1"),
            ("like", "reactions +1"),
            ("undo_like", "reactions -1"),
            ("dislike", "reactions +1"),
            ("private_message", "notices +1"),
            ("report", "notices +1"),
            ("lock", "nothing"),
            ("add", "nothing"),
            ("accept", "nothing"),
            ("announce", "nothing"),
            ("undo_delete", "nothing"),
            ("undo_follow", "followers -1"),
            ("block", "notices +1"),
            ("delete_user", "comments -1, reactions -1"),
        ],
    ),
    (
        "lotide",
        &[
            ("follow", "followers +1"),
            ("create_reply", "comments +1"),
            ("delete", "comments -1"),
        ],
    ),
    (
        "mastodon",
        &[
            ("follow", "followers +1"),
            ("create_reply", "comments +1"),
            ("create_reply_4.3", "comments +1"),
            ("update_question", "notices +1"),
            ("like", "reactions +1"),
            ("undo_like", "reactions -1"),
            ("boost", "reactions +1"),
            ("undo_boost", "reactions -1"),
            ("vote", "notices +1"),
            ("instance_flag", "notices +1"),
            ("delete", "comments -1"),
            ("undo_follow", "followers -1"),
        ],
    ),
    ("mbin", &[("flag", "notices +1")]),
    (
        "misskey",
        &[
            ("follow", "followers +1"),
            ("create_reply", "comments +1"),
            ("create_question", "notices +1"),
            ("create_quote", "taken"),
            ("like_emoji", "reactions +1"),
            ("like_old", "reactions +1"),
            ("delete", "comments -1"),
            ("undo_follow", "followers -1"),
        ],
    ),
    ("mitra", &[("create_reply", "comments +1")]),
    (
        "mobilizon",
        &[("object_event", "nothing"), ("join", "nothing")],
    ),
    ("nodebb", &[("object_page", "nothing")]),
    (
        "peertube",
        &[
            ("object_comment", "comments +1"),
            ("channel_announce_video", "nothing"),
        ],
    ),
    ("pixelfed", &[("create_reply", "comments +1")]),
    (
        "pleroma",
        &[
            ("follow", "followers +1"),
            ("create_reply", "comments +1"),
            ("create_reply_2.10", "comments +1"),
            ("update", "edits +1"),
            ("object_chat_message", "notices +1"),
            ("delete", "comments -1, edits -1"),
            ("undo_follow", "followers -1"),
        ],
    ),
    ("smithereen", &[("create_reply", "comments +1")]),
    (
        "wordpress",
        &[
            ("create_article", "nothing"),
            ("announce_update", "nothing"),
        ],
    ),
    ("writefreely", &[("create_article", "nothing")]),
];

fn folder(server: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/captured")
        .join(server)
}

/// Returns the documents of a server by name, adapted to a peer and an article.
pub(crate) fn read_all(
    server: &str,
    peer: &Peer,
    node: &TestNode,
    article: &Article,
    key: &str,
) -> BTreeMap<String, Value> {
    let key = serde_json::to_string(key).unwrap();
    let files = std::fs::read_dir(folder(server)).unwrap();
    files
        .map(|file| {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path)
                .unwrap()
                .replace("https://node.example/articles/ARTICLE", &article.id)
                .replace("https://node.example", &node.origin)
                .replace("https://remote.example", &peer.origin)
                .replace("@remote.example", &format!("@{}", peer.authority))
                .replace("\"PUBLIC KEY\"", &key);
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect()
}

pub(crate) fn id_of(value: &Value) -> String {
    let id = value.as_str().or_else(|| value["id"].as_str());
    id.unwrap_or_default().to_owned()
}

/// Returns the path of an id, without its fragment.
pub(crate) fn path_of(id: &str) -> String {
    url::Url::parse(id).unwrap().path().to_owned()
}

/// Returns the actor with this id. It has its own document, if that was captured.
pub(crate) fn sender(id: &str, template: &Actor, documents: &BTreeMap<String, Value>) -> Actor {
    let captured = documents
        .values()
        .find(|document| document["id"] == *id && document["inbox"].is_string());
    let key_id = match captured {
        Some(document) => id_of(&document["publicKey"]),
        None => format!("{id}#main-key"),
    };
    let actor = Actor {
        id: id.to_owned(),
        key_id,
        ..template.clone()
    };
    let document = captured.cloned().unwrap_or_else(|| actor.document());
    for path in [path_of(id), path_of(&actor.key_id)] {
        actor.peer.serve(&path, Canned::document(&document));
    }
    actor
}

/// Returns the activity that sends a document: for an object, a `Create` of its author.
fn activity_of(name: &str, document: &Value) -> Value {
    if !name.starts_with("object_") {
        return document.clone();
    }
    json!({
        "@context": document["@context"], "type": "Create", "id": format!("{}/activity", id_of(document)),
        "actor": document["attributedTo"], "to": document["to"], "cc": document["cc"], "object": document,
    })
}

pub(crate) async fn counts(node: &TestNode) -> BTreeMap<String, i64> {
    let rows = node
        .texts(
            "SELECT 'followers ' || COUNT(*) FROM followers
             UNION ALL SELECT 'comments ' || COUNT(*) FROM comments WHERE state = 'visible'
             UNION ALL SELECT 'edits ' || COUNT(*) FROM comment_edits
             UNION ALL SELECT 'reactions ' || COUNT(*) FROM reactions
             UNION ALL SELECT 'notices ' || COUNT(*) FROM notices
             UNION ALL SELECT 'dropped ' || COALESCE(SUM(times), 0) FROM inbox_counts",
        )
        .await;
    rows.iter()
        .map(|row| {
            let (what, count) = row.split_once(' ').unwrap();
            (what.to_owned(), count.parse().unwrap())
        })
        .collect()
}

/// Returns the changes between two counts, as the table writes them.
pub(crate) fn difference(before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) -> String {
    let changes: Vec<String> = after
        .iter()
        .filter(|(what, count)| *what != "dropped" && before[*what] != **count)
        .map(|(what, count)| format!("{what} {:+}", count - before[what]))
        .collect();
    match (changes.is_empty(), after["dropped"] - before["dropped"]) {
        (true, 1) => "nothing".into(),
        (true, _) => "neither a change nor a count".into(),
        (false, _) => changes.join(", "),
    }
}

#[apply(both_databases)]
async fn every_captured_document_is_taken_for_what_it_means(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let mut failures = Vec::new();
    for (server, steps) in SENDERS {
        let peer = Peer::start(server).await;
        let template = peer.actor("template").await;
        let documents = read_all(
            server,
            &peer,
            &node,
            &article,
            &template.key.public_key_pem(),
        );
        for (name, effect) in *steps {
            let activity = activity_of(name, &documents[*name]);
            let actor = sender(&id_of(&activity["actor"]), &template, &documents);
            let before = counts(&node).await;
            let reply = actor.send(&node.inbox(), &activity).await;
            let became = difference(&before, &counts(&node).await);
            if reply.status != 202 || (*effect != "taken" && became != *effect) {
                failures.push(format!(
                    "{server}/{name}: {} {} {became}, not {effect}",
                    reply.status, reply.body
                ));
            }
        }
        let unsent = documents.iter().filter(|(name, document)| {
            !document["inbox"].is_string() && steps.iter().all(|(step, _)| step != name)
        });
        failures.extend(unsent.map(|(name, _)| format!("{server}/{name} is not in the table")));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    for comment in node.comments().await {
        let is_empty = |field: &str| comment[field].as_str().unwrap().trim().is_empty();
        let is_shown = comment["state"] == "visible";
        assert!(
            !is_shown || !(is_empty("author") || is_empty("handle") || is_empty("text")),
            "{comment}"
        );
    }
}
