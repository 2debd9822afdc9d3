//! Every field of every type that the inbox reads, in every shape (threat 28): never a 5xx, never a panic.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases,
    peer::{Canned, PUBLIC},
};
use proptest::{
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, TestCaseError, TestRunner},
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::runtime::Handle;

const ACTIVITIES: [&str; 18] = [
    "Follow",
    "Undo",
    "Create",
    "Update",
    "Delete",
    "Like",
    "Dislike",
    "EmojiReact",
    "Announce",
    "Block",
    "Flag",
    "Move",
    "Accept",
    "Reject",
    "Add",
    "Remove",
    "QuoteRequest",
    "Note",
];

const FIELDS: [&str; 30] = [
    "@context",
    "id",
    "type",
    "actor",
    "object",
    "target",
    "to",
    "cc",
    "bto",
    "content",
    "contentMap",
    "name",
    "summary",
    "attributedTo",
    "inReplyTo",
    "url",
    "published",
    "updated",
    "tag",
    "attachment",
    "sensitive",
    "icon",
    "endpoints",
    "publicKey",
    "assertionMethod",
    "inbox",
    "followers",
    "alsoKnownAs",
    "preferredUsername",
    "movedTo",
];

/// A change of one field: the object in the document, and the new value. `None` removes the field.
#[derive(Debug, Clone)]
struct Change {
    place: Index,
    field: &'static str,
    value: Option<Value>,
}

/// Returns values of every type, some of them nearly correct.
fn value(known: Vec<String>) -> impl Strategy<Value = Option<Value>> {
    let long: String = (0..1500u32)
        .map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761) >> 8))
        .collect();
    let origin = known[0].clone();
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::collection::vec(any::<char>(), 0..8)
            .prop_map(|text| Value::from(String::from_iter(text))),
        select(known).prop_map(Value::from),
        select(vec![
            "",
            " ",
            "http://[::1",
            "http://",
            "https://",
            "//",
            "a:",
            "Public",
            "as:Public",
            "-----BEGIN PUBLIC KEY-----",
            "z6Mk",
            "9999-99-99T99:99:99Z",
            "+262143-12-31T23:59:59Z",
            "-262144-01-01T00:00:00Z",
            "1970-01-01T00:00:00+23:59",
            "\u{202e}\u{200d}",
            "\u{feff}",
            "\u{fdd0}\u{10ffff}",
            "<p>",
            "<svg><style><img>",
            "javascript:alert(1)",
        ])
        .prop_map(Value::from),
        Just(json!(format!("{origin}/{long}"))),
        Just(json!(long)),
    ];
    let nested = leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((select(FIELDS.to_vec()), inner), 0..3).prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    });
    let many = nested.clone().prop_map(|value| json!(vec![value; 300]));
    prop::option::weighted(0.9, prop_oneof![9 => nested, 1 => many])
}

fn changes(known: Vec<String>) -> impl Strategy<Value = Vec<Change>> {
    let change = (any::<Index>(), select(FIELDS.to_vec()), value(known)).prop_map(
        |(place, field, value)| Change {
            place,
            field,
            value,
        },
    );
    prop::collection::vec(change, 1..4)
}

/// Returns the paths of the objects in a document, the document first.
fn pointers(value: &Value, at: String) -> Vec<String> {
    let Value::Object(fields) = value else {
        return Vec::new();
    };
    let below = fields
        .iter()
        .flat_map(|(name, value)| pointers(value, format!("{at}/{name}")));
    std::iter::once(at.clone()).chain(below).collect()
}

fn apply(document: &mut Value, changes: &[Change]) {
    for change in changes {
        let pointers = pointers(document, String::new());
        let pointer: &String = change.place.get(&pointers);
        let Some(object) = document.pointer_mut(pointer) else {
            continue;
        };
        match &change.value {
            Some(value) => object[change.field] = value.clone(),
            None => drop(object.as_object_mut().unwrap().remove(change.field)),
        }
    }
}

/// Runs a property whose cases send to the node.
fn run_cases<S: Strategy>(
    cases: u32,
    strategy: S,
    property: impl Fn(&Handle, S::Value) -> Result<(), TestCaseError>,
) {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 64,
        ..Config::default()
    };
    let handle = Handle::current();
    tokio::task::block_in_place(|| {
        TestRunner::new(config)
            .run(&strategy, |value| property(&handle, value))
            .unwrap_or_else(|error| panic!("{error}"));
    });
}

/// Returns a valid activity of this type with all properties that it can have.
fn activity(kind: &str, actor: &Actor, article: &str, blog: &str) -> Value {
    let note = actor.note(article, "<p>A note.</p>");
    match kind {
        "Follow" | "Block" => actor.activity(kind, json!(blog)),
        "Undo" => actor.activity(kind, actor.activity("Like", json!(article))),
        "Create" | "Update" => actor.activity(kind, note),
        "Note" => {
            let mut bare = note;
            bare["actor"] = json!(actor.id);
            bare
        }
        "Delete" => actor.activity(
            kind,
            json!({"id": actor.new_id("notes"), "type": "Tombstone"}),
        ),
        "Flag" => actor.activity(kind, json!([blog, article])),
        "Move" => {
            let mut moved = actor.activity(kind, json!(actor.id));
            moved["target"] = json!(actor.id);
            moved
        }
        "Accept" | "Reject" => actor.activity(kind, actor.activity("Follow", json!(blog))),
        _ => actor.activity(kind, json!(article)),
    }
}

struct Setting {
    node: Arc<TestNode>,
    actor: Actor,
    article: String,
    page: String,
    known: Vec<String>,
}

async fn setting(node: TestNode, kind: &str) -> Setting {
    let peer = Peer::start("sender").await;
    let actor = peer.actor("reader").await;
    let mut document = actor.document();
    document["type"] = json!(kind);
    peer.serve("/users/reader", Canned::document(&document));
    actor.follow(&node.inbox(), &node.blog()).await;
    let article = node.publish_any().await;
    let note = actor.note(&article.id, "<p>Known.</p>");
    actor
        .deliver(&node.inbox(), &actor.activity("Create", note.clone()))
        .await;
    let known = vec![
        peer.origin.clone(),
        actor.id.clone(),
        note["id"].as_str().unwrap().to_owned(),
        article.id.clone(),
        article.url.clone(),
        node.blog(),
        node.url("/actor"),
        node.inbox(),
        node.origin.clone(),
        peer.url("/missing"),
        PUBLIC.to_owned(),
    ];
    Setting {
        node: Arc::new(node),
        actor,
        article: article.id,
        page: article.url,
        known,
    }
}

/// Checks that the node works as before.
async fn assert_well(node: &TestNode, page: &str) {
    for path in ["/", "/healthz", page] {
        assert_eq!(node.page(path).await.status, 200, "{path}");
    }
    node.admin(&["comments", "list"]).await;
    node.admin(&["followers", "list"]).await;
}

#[apply(both_databases)]
async fn an_activity_of_any_shape_is_answered(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let Setting {
        node,
        actor,
        article,
        page,
        known,
    } = setting(node, "Person").await;
    let blog = node.blog();
    let strategy = (select(ACTIVITIES.to_vec()), changes(known));
    let (inside, sender, target) = (node.clone(), actor.clone(), article.clone());
    run_cases(128, strategy, move |handle, (kind, changes)| {
        let mut document = activity(kind, &sender, &target, &blog);
        apply(&mut document, &changes);
        let reply = handle.block_on(sender.send(&inside.inbox(), &document));
        // A peer that does not answer is the only reason to wait.
        prop_assert!(
            reply.status == 202 || (400..500).contains(&reply.status),
            "{reply:?} for {document}"
        );
        prop_assert!(
            reply.status == 202 || reply.is_problem(reply.status),
            "{reply:?} for {document}"
        );
        Ok(())
    });
    assert_well(&node, &page).await;
}

#[apply(both_databases)]
async fn an_actor_of_any_shape_is_answered(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let Setting {
        node,
        actor,
        page,
        known,
        ..
    } = setting(node, "Person").await;
    let blog = node.blog();
    let (inside, peer) = (node.clone(), actor.peer.clone());
    run_cases(64, changes(known), move |handle, changes| {
        let sender = handle.block_on(peer.actor(actor.new_id("a").rsplit('/').next().unwrap()));
        let mut document = sender.document();
        apply(&mut document, &changes);
        peer.serve(
            sender.id.strip_prefix(&peer.origin).unwrap(),
            Canned::document(&document),
        );
        let follow = sender.activity("Follow", json!(blog));
        let reply = handle.block_on(sender.send(&inside.inbox(), &follow));
        prop_assert!(
            reply.status == 202 || reply.is_problem(401),
            "{reply:?} for {document}"
        );
        Ok(())
    });
    assert_well(&node, &page).await;
}

#[apply(both_databases)]
async fn an_object_of_any_shape_is_answered(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let Setting {
        node,
        actor,
        article,
        page,
        known,
    } = setting(node, "Group").await;
    let (inside, peer, target) = (node.clone(), actor.peer.clone(), article.clone());
    run_cases(64, changes(known), move |handle, changes| {
        let mut note = actor.note(&target, "<p>A note.</p>");
        let id = note["id"].as_str().unwrap().to_owned();
        apply(&mut note, &changes);
        peer.serve(
            id.strip_prefix(&peer.origin).unwrap(),
            Canned::document(&note),
        );
        let announce = actor.activity("Announce", json!(id));
        let reply = handle.block_on(actor.send(&inside.inbox(), &announce));
        prop_assert!(reply.status == 202, "{reply:?} for {note}");
        Ok(())
    });
    assert_well(&node, &page).await;
}

// Threat 26, in what is fetched.
#[apply(both_databases)]
async fn a_fetched_document_with_nul_is_answered(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let Setting {
        node,
        actor,
        article,
        page,
        ..
    } = setting(node, "Group").await;
    let peer = &actor.peer;
    let sender = peer.actor("nul-after-pem").await;
    let mut document = sender.document();
    document["publicKey"]["publicKeyPem"] = json!(format!("{}\0", sender.key.public_key_pem()));
    peer.serve("/users/nul-after-pem", Canned::document(&document));
    let reply = sender
        .send(
            &node.inbox(),
            &sender.activity("Follow", json!(node.blog())),
        )
        .await;
    assert!(reply.is_problem(401), "PEM: {reply:?}");
    for (number, field) in FIELDS.iter().enumerate() {
        let sender = peer.actor(&format!("nul{number}")).await;
        let mut document = sender.document();
        document[*field] = match &document[*field] {
            Value::String(text) => json!(format!("{text}\0")),
            _ => {
                json!(["\0", {"id": "\0", "url": "http://a\0", "sharedInbox": "\0", "publicKeyPem": "\0"}])
            }
        };
        peer.serve(&format!("/users/nul{number}"), Canned::document(&document));
        let reply = sender
            .send(
                &node.inbox(),
                &sender.activity("Follow", json!(node.blog())),
            )
            .await;
        assert!(
            reply.status == 202 || reply.is_problem(401),
            "actor {field}: {reply:?}"
        );
        let mut note = actor.note(&article, "<p>A note.</p>");
        let id = note["id"].as_str().unwrap().to_owned();
        note[*field] = match &note[*field] {
            Value::String(text) => json!(format!("{text}\0")),
            _ => json!({"en": "\0", "id": "\0"}),
        };
        peer.serve(
            id.strip_prefix(&peer.origin).unwrap(),
            Canned::document(&note),
        );
        let reply = actor
            .send(&node.inbox(), &actor.activity("Announce", json!(id)))
            .await;
        assert_eq!(reply.status, 202, "note {field}: {reply:?}");
    }
    assert_well(&node, &page).await;
}
