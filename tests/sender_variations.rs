//! Real senders vary: every shape in which a reply, a follow or an actor may come is understood.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually,
    node::Article,
    peer::{Canned, PUBLIC},
};
use pamphlet::crypto::keys::PrivateKey;
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::sync::Arc;

/// A peculiarity of one sender.
type Change = fn(&mut Value);

/// Returns a note with some properties replaced, or removed where the value is `(absent)`.
fn reply(actor: &Actor, article: &Article, changes: Value) -> Value {
    let mut note = actor.note(&article.id, "<p>As usual.</p>");
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::String(word) if word == "(absent)" => {
                drop(note.as_object_mut().unwrap().remove(name))
            }
            value => note[name] = value.clone(),
        }
    }
    note
}

fn find<'a>(comments: &'a [Value], note: &Value) -> Option<&'a Value> {
    comments.iter().find(|comment| comment["uri"] == note["id"])
}

#[apply(both_databases)]
async fn a_reply_is_understood_in_every_shape(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = Peer::start("varied").await.actor("reader").await;
    let article = node.publish_any().await;
    let context = json!(["https://www.w3.org/ns/activitystreams", {"sensitive": "as:sensitive"}]);
    let cases = [
        ("to as one value", json!({"to": PUBLIC, "cc": null})),
        (
            "to absent, public in cc",
            json!({"to": "(absent)", "cc": PUBLIC}),
        ),
        ("as:Public", json!({"to": "as:Public", "cc": []})),
        ("Public", json!({"to": ["Public"]})),
        (
            "an audience of objects",
            json!({"to": [{"id": PUBLIC, "type": "Collection"}]}),
        ),
        (
            "attributedTo as a list",
            json!({"attributedTo": [actor.id]}),
        ),
        (
            "attributedTo as an object",
            json!({"attributedTo": {"id": actor.id, "type": "Person"}}),
        ),
        (
            "attributedTo as a list of objects",
            json!({"attributedTo": [{"type": "Person", "id": actor.id}, {"type": "Group", "id": "https://else.example/g"}]}),
        ),
        (
            "type as a list",
            json!({"type": ["Note", "http://purl.org/x"]}),
        ),
        (
            "url as a list of links",
            json!({"url": [{"type": "Link", "href": "https://else.example/x", "mediaType": "video/mp4"}, {"type": "Link", "href": format!("{}/page", actor.id), "mediaType": "text/html"}]}),
        ),
        (
            "url as an object",
            json!({"url": {"type": "Link", "href": format!("{}/page", actor.id)}}),
        ),
        ("url absent", json!({"url": "(absent)"})),
        (
            "one tag",
            json!({"tag": {"type": "Mention", "href": node.blog(), "name": "@blog"}}),
        ),
        (
            "tag and attachment null",
            json!({"tag": null, "attachment": null, "summary": null, "updated": null, "sensitive": null, "replies": null}),
        ),
        (
            "one attachment",
            json!({"attachment": {"type": "Document", "url": "https://else.example/x.png"}}),
        ),
        ("its own context", json!({"@context": context})),
        ("no context", json!({"@context": "(absent)"})),
        (
            "content only in contentMap",
            json!({"content": "(absent)", "contentMap": {"en": "<p>As usual.</p>"}}),
        ),
        (
            "content null, contentMap",
            json!({"content": null, "contentMap": {"en": "<p>As usual.</p>", "de": "<p>Wie immer.</p>"}}),
        ),
        (
            "content as a language value",
            json!({"content": {"@value": "<p>As usual.</p>", "@language": "en"}}),
        ),
        (
            "no content, a name",
            json!({"content": "(absent)", "name": "As usual."}),
        ),
        (
            "inReplyTo as the permalink",
            json!({"inReplyTo": article.url}),
        ),
        (
            "inReplyTo as the permalink with a slash",
            json!({"inReplyTo": format!("{}/", article.url)}),
        ),
        (
            "inReplyTo as the permalink with a fragment and a query",
            json!({"inReplyTo": format!("{}?utm_source=x#comments", article.url)}),
        ),
        ("inReplyTo as a list", json!({"inReplyTo": [article.id]})),
        (
            "inReplyTo as an object",
            json!({"inReplyTo": {"id": article.id, "type": "Article"}}),
        ),
        (
            "inReplyTo as a link",
            json!({"inReplyTo": {"type": "Link", "href": article.url}}),
        ),
        (
            "inReplyTo as a list of an object",
            json!({"inReplyTo": [{"id": article.id}]}),
        ),
    ];
    let mut sent = Vec::new();
    for (name, changes) in cases {
        let note = reply(&actor, &article, changes);
        actor
            .deliver(&node.inbox(), &actor.activity("Create", note.clone()))
            .await;
        sent.push((name, note));
    }
    let comments = node.comments().await;
    for (name, note) in sent {
        let comment = find(&comments, &note).unwrap_or_else(|| panic!("{name}: no comment"));
        assert_eq!(comment["text"], "As usual.", "{name}");
        assert_eq!(comment["state"], "visible", "{name}");
    }
}

#[apply(both_databases)]
async fn an_activity_is_understood_in_every_shape(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = Peer::start("varied").await.actor("reader").await;
    let article = node.publish_any().await;
    let cases: [(&str, Change); 12] = [
        ("the object by its id", |create| {
            create["object"] = create["object"]["id"].clone()
        }),
        ("the object in a list", |create| {
            create["object"] = json!([create["object"]])
        }),
        ("its id in a list", |create| {
            create["object"] = json!([create["object"]["id"]])
        }),
        ("the object with an id alone", |create| {
            create["object"] = json!({"id": create["object"]["id"]})
        }),
        ("the actor as an object", |create| {
            create["actor"] = json!({"id": create["actor"], "type": "Person"})
        }),
        ("the actor in a list", |create| {
            create["actor"] = json!([create["actor"]])
        }),
        ("its type in a list", |create| {
            create["type"] = json!(["Create"])
        }),
        ("no id", |create| {
            drop(create.as_object_mut().unwrap().remove("id"))
        }),
        ("id null", |create| create["id"] = Value::Null),
        ("to and cc as one value", |create| {
            create["to"] = json!(PUBLIC);
            create["cc"] = Value::Null;
        }),
        ("no context", |create| {
            drop(create.as_object_mut().unwrap().remove("@context"))
        }),
        ("a linked-data signature and more", |create| {
            create["signature"] = json!({"type": "RsaSignature2017", "creator": "x", "created": "x", "signatureValue": "x"});
            create["proof"] = json!([{"type": "DataIntegrityProof"}]);
            create["published"] = json!("2026-11-23T12:00:00.123456+02:00");
        }),
    ];
    for (name, change) in cases {
        let note = actor.note(&article.id, "<p>As usual.</p>");
        let mut create = actor.activity("Create", note.clone());
        change(&mut create);
        actor.deliver(&node.inbox(), &create).await;
        assert!(
            node.replies(&article)
                .await
                .contains(&note["id"].as_str().unwrap().to_owned()),
            "{name}"
        );
    }
}

#[apply(both_databases)]
async fn dates_are_read_with_any_offset_and_fraction(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = Peer::start("dated").await.actor("reader").await;
    let article = node.publish_any().await;
    let send = async |written: Value| {
        let note = reply(&actor, &article, json!({"published": written}));
        actor
            .deliver(&node.inbox(), &actor.activity("Create", note.clone()))
            .await;
        note
    };
    let time = |date: &Value| {
        chrono::DateTime::parse_from_rfc3339(date.as_str().unwrap())
            .unwrap()
            .timestamp()
    };
    let mut right = Vec::new();
    for written in [
        "2026-11-20T10:00:00Z",
        "2026-11-20T10:00:00.123Z",
        "2026-11-20T10:00:00.123456789Z",
        "2026-11-20T12:00:00+02:00",
        "2026-11-20T04:30:00-05:30",
        "2026-11-20T10:00:00",
        "2026-11-20t10:00:00z",
        "2026-11-20T10:00Z",
        "2026-11-20 10:00:00",
        "2026-11-20T10:00:00+0000",
        "2026-11-20 12:00:00 +02",
        "20261120T100000Z",
        "2026-11-20T10:00:00,5Z",
        "2026-W47-5T10:00:00Z",
    ] {
        right.push((written, send(json!(written)).await));
    }
    // An invalid or a future date counts as the current time.
    let mut wrong = Vec::new();
    for written in [
        json!("yesterday"),
        json!(1_700_000_000),
        Value::Null,
        json!("2999-01-01T00:00:00Z"),
        json!("+1000000-01-01T00:00:00Z"),
    ] {
        wrong.push((written.clone(), send(written).await));
    }
    let comments = node.comments().await;
    for (written, note) in right {
        let shown = &find(&comments, &note).unwrap()["published"];
        assert_eq!(
            time(shown),
            time(&json!("2026-11-20T10:00:00Z")),
            "{written}"
        );
    }
    for (written, note) in wrong {
        let shown = &find(&comments, &note).unwrap()["published"];
        assert!(
            (chrono::Utc::now().timestamp() - time(shown)).abs() < 60,
            "{written}: {shown}"
        );
    }
}

#[apply(both_databases)]
async fn the_language_and_the_warning_of_a_reply_are_kept(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = Peer::start("polyglot").await.actor("reader").await;
    let article = node.publish_any().await;
    let note = reply(
        &actor,
        &article,
        json!({"contentMap": {"de-CH": "<p>As usual.</p>"}, "summary": "Spoiler & <b>more</b>", "sensitive": true}),
    );
    actor
        .deliver(&node.inbox(), &actor.activity("Create", note))
        .await;
    let page = node.page(&article.url).await.text;
    assert!(page.contains("lang=\"de-CH\""));
    assert!(
        page.contains("<details")
            && page.contains("Content warning: <bdi>Spoiler &amp; more</bdi>"),
        "{page}"
    );
}

#[apply(both_databases)]
async fn actors_of_every_kind_can_follow(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("kinds").await;
    let sentinel = Peer::start("sentinel").await;
    for (name, changes, inbox) in [
        (
            "noshared",
            json!({"endpoints": null}),
            "/users/noshared/inbox",
        ),
        (
            "nullshared",
            json!({"endpoints": {"sharedInbox": false}}),
            "/users/nullshared/inbox",
        ),
        (
            "elsewhereshared",
            json!({"endpoints": {"sharedInbox": sentinel.url("/inbox")}}),
            "/users/elsewhereshared/inbox",
        ),
        (
            "webfinger",
            json!({"preferredUsername": null, "webfinger": format!("finger@{}", peer.authority)}),
            "/inbox",
        ),
        (
            "service",
            json!({"type": ["Service", "Bot"], "name": null, "icon": [{"url": "x"}], "url": ["https://else.example/"]}),
            "/inbox",
        ),
        (
            "application",
            json!({"type": "Application", "preferredUsername": peer.authority, "name": {"@value": "Instance"}}),
            "/inbox",
        ),
    ] {
        let actor = peer.actor(name).await;
        actor.serve_with(changes);
        let before = peer.received().len();
        let follow = actor.activity("Follow", json!(node.blog()));
        actor.deliver(&node.inbox(), &follow).await;
        let accept = eventually(&format!("{name} is accepted"), || async {
            peer.received()
                .into_iter()
                .skip(before)
                .find(|accept| accept.activity["object"]["id"] == follow["id"])
        })
        .await;
        assert_eq!(accept.path, inbox, "{name}");
        accept.verified.unwrap();
    }
    assert!(sentinel.received().is_empty());
    let list = node.admin(&["followers", "list"]).await;
    assert!(
        list.contains(&format!("@finger@{}", peer.authority)),
        "{list}"
    );
    assert_eq!(node.total(&format!("{}/followers", node.blog())).await, 6);
}

#[apply(both_databases)]
async fn keys_are_found_wherever_a_server_keeps_them(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("keys").await;
    let article = node.publish_any().await;
    let ed25519 = Arc::new(PrivateKey::generate_ed25519().unwrap());
    let base = peer.actor("base").await;
    let other_key = crate::support::peer::any_key(peer.actor("count").await.id.len());
    for (name, key_path) in [
        ("fragment", "#main-key"),
        ("path", "/main-key"),
        ("document", "/publickey"),
        ("query", "?key=1"),
        ("list", "#second"),
        ("embedded", "#main-key"),
        ("stub", "/main-key"),
    ] {
        let actor = Actor {
            id: peer.url(&format!("/users/{name}")),
            ..base.clone()
        };
        let actor = Actor {
            key_id: format!("{}{key_path}", actor.id),
            ..actor
        };
        let key = json!({"id": actor.key_id, "type": "Key", "owner": actor.id, "publicKeyPem": actor.key.public_key_pem()});
        let public_key = match name {
            "list" => json!([
                {"id": format!("{}#main-key", actor.id), "owner": actor.id, "publicKeyPem": other_key.public_key_pem()},
                key.clone()
            ]),
            "embedded" => json!([key.clone()]),
            _ => key.clone(),
        };
        actor.serve_with(json!({
            "publicKey": public_key,
            "assertionMethod": [{"id": format!("{}#ed25519", actor.id), "type": "Multikey", "controller": actor.id, "publicKeyMultibase": ed25519.public_multibase()}]
        }));
        let key_url = actor.key_id.strip_prefix(&peer.origin).unwrap();
        match name {
            // A document of the key alone.
            "path" | "document" => peer.serve(key_url, Canned::document(&key)),
            // GoToSocial: the actor, with little more than its key.
            "stub" => peer.serve(key_url, Canned::document(&json!({"id": actor.id, "type": "Person", "preferredUsername": name, "publicKey": key}))),
            "query" => {
                let mut document = actor.document();
                document["publicKey"] = key;
                peer.serve(key_url, Canned::document(&document));
            }
            _ => {}
        }
        let reply = actor
            .send(&node.inbox(), &actor.activity("Like", json!(article.id)))
            .await;
        assert_eq!(reply.status, 202, "{name}: {}", reply.body);
    }
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 7);
}
