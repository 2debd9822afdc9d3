//! Signatures that real servers send, each in its own way, and that must all pass (threat 10).

use crate::support::{
    Actor, Database, Peer, SignedPost, TestNode, both_databases, http_client,
    peer::{Canned, any_key},
    signed_post::{digest_of, send_raw},
};
use chrono::{TimeDelta, Utc};
use pamphlet::crypto::keys::PrivateKey;
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

async fn a_like(node: &TestNode) -> (Actor, impl Fn() -> SignedPost + use<>) {
    let actor = Peer::start("sender").await.actor("reader").await;
    let (inbox, article) = (node.inbox(), node.publish_any().await.id);
    let liker = actor.clone();
    (actor, move || {
        liker.signed(&inbox, &liker.activity("Like", json!(article)))
    })
}

/// Checks that a request with the response 202 was also stored.
async fn assert_received(node: &TestNode, name: &str, status: u16, before: i64) {
    assert_eq!(status, 202, "{name}");
    assert_eq!(node.rows().await["received"], before + 1, "{name}");
}

/// The changed properties of an actor's document; `null` removes one.
type Shape = Box<dyn Fn(&Actor) -> Vec<(&'static str, Value)>>;

/// Returns an actor's document with changed properties.
fn changed(actor: &Actor, changes: &[(&str, Value)]) -> Value {
    let mut document = actor.document();
    for (name, value) in changes {
        match value {
            Value::Null => drop(document.as_object_mut().unwrap().remove(*name)),
            value => document[*name] = value.clone(),
        }
    }
    document
}

pub(crate) fn content_digest(body: &[u8]) -> String {
    digest_of(body).replacen("SHA-256=", "sha-256=:", 1) + ":"
}

#[apply(both_databases)]
async fn a_signature_written_otherwise_passes(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (_, post) = a_like(&node).await;
    let now = Utc::now();
    let parameters = |list: &[&str]| {
        let mut post = post();
        post.parameters = list.iter().map(|text| (*text).to_owned()).collect();
        post
    };
    let created = |form: String| {
        parameters(&["algorithm=\"hs2019\"", &form]).covering(&[
            "(request-target)",
            "(created)",
            "host",
            "digest",
        ])
    };
    let dated = |by: TimeDelta| post().header("date", &httpdate::fmt_http_date((now + by).into()));
    let reordered = |separator: &str| {
        let post = post();
        let signature = post.signature();
        let mut parts: Vec<&str> = signature.split(',').collect();
        parts.reverse();
        let text = parts.join(separator);
        (post, text)
    };
    let digest_named = |name: &str| {
        let post = post();
        let digest = digest_of(&post.body).replacen("SHA-256", name, 1);
        post.header("digest", &digest)
    };
    let host = post().headers[0].1.clone();
    let mut cases = vec![
        ("no algorithm", parameters(&[])),
        ("hs2019", parameters(&["algorithm=\"hs2019\""])),
        (
            "created in place of the date",
            created(format!("created={}", now.timestamp())),
        ),
        (
            "created in quotes",
            created(format!("created=\"{}\"", now.timestamp())),
        ),
        ("expires in a minute", {
            let mut post = created(format!("created={}", now.timestamp()));
            post.parameters
                .push(format!("expires={}", now.timestamp() + 60));
            post
        }),
        (
            "a parameter that nobody knows",
            parameters(&["algorithm=\"rsa-sha256\"", "opaque=\"x\""]),
        ),
        ("more headers than needed", {
            post().header("user-agent", "Test/1.0").covering(&[
                "(request-target)",
                "host",
                "date",
                "digest",
                "content-type",
                "user-agent",
            ])
        }),
        (
            "another order",
            post().covering(&["digest", "date", "host", "(request-target)"]),
        ),
        ("dated fifty minutes ahead", dated(TimeDelta::minutes(50))),
        ("dated eleven hours ago", dated(TimeDelta::hours(-11))),
        ("a digest in small letters", digest_named("sha-256")),
        ("a digest in mixed letters", digest_named("Sha-256")),
        ("a digest beside others", {
            let post = post();
            let value = format!("md5=AAAA, {}", digest_of(&post.body));
            post.header("digest", &value)
        }),
        ("Content-Digest alone", {
            let post = post().without("digest");
            let value = content_digest(&post.body);
            post.header("content-digest", &value).covering(&[
                "(request-target)",
                "host",
                "date",
                "content-digest",
            ])
        }),
        (
            "the host in capitals",
            post().header("host", &host.to_uppercase()),
        ),
        (
            "JSON-LD",
            post().header(
                "content-type",
                "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
            ),
        ),
        (
            "a charset",
            post().header("content-type", "application/activity+json; charset=utf-8"),
        ),
    ];
    let mut own_inbox = post();
    own_inbox.url.set_path("/users/blog/inbox");
    cases.push(("the actor's own inbox", own_inbox));
    for (name, post) in cases {
        let before = node.rows().await["received"];
        let reply = post.send().await;
        assert_received(&node, name, reply.status, before).await;
    }
    for separator in [",", ", ", " , ", ",\t"] {
        let before = node.rows().await["received"];
        let (post, signature) = reordered(separator);
        let reply = post.send_with_signature(Some(&signature)).await;
        assert_received(&node, separator, reply.status, before).await;
    }
    let (before, post) = (node.rows().await["received"], post());
    let capitals = post.signature().replacen(
        "headers=\"(request-target) host",
        "headers=\"(request-target) Host",
        1,
    );
    let reply = post.send_with_signature(Some(&capitals)).await;
    assert_received(&node, "names of headers in capitals", reply.status, before).await;
}

#[apply(both_databases)]
async fn a_key_with_any_form_of_id_passes(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("sender").await;
    let article = node.publish_any().await.id;
    let mut cases = Vec::new();
    for (name, key_id) in [
        ("fragment", "#main-key"),
        ("path", "/main-key"),
        ("query", "?key"),
        ("bare", ""),
        ("actor at the path", "/main-key"),
    ] {
        let mut actor = peer.actor(&name.replace(' ', "-")).await;
        actor.key_id = format!("{}{key_id}", actor.id);
        let path = actor.id.strip_prefix(&peer.origin).unwrap().to_owned();
        peer.serve(&path, Canned::document(&actor.document()));
        let key = json!({
            "@context": "https://w3id.org/security/v1", "id": actor.key_id, "type": "Key",
            "owner": actor.id, "publicKeyPem": actor.key.public_key_pem(),
        });
        match name {
            "path" => peer.serve(&format!("{path}/main-key"), Canned::document(&key)),
            "query" | "actor at the path" => {
                peer.serve(
                    &format!("{path}{key_id}"),
                    Canned::document(&actor.document()),
                );
            }
            _ => {}
        }
        cases.push((name, actor));
    }
    for (name, actor) in cases {
        let before = node.rows().await["received"];
        let reply = actor
            .send(&node.inbox(), &actor.activity("Like", json!(article)))
            .await;
        assert_received(&node, name, reply.status, before).await;
    }
}

#[apply(both_databases)]
async fn an_actor_of_any_shape_passes(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("sender").await;
    let article = node.publish_any().await.id;
    let other_key = any_key(0).public_key_pem();
    let shapes: Vec<(&str, Shape)> = vec![
        (
            "no shared inbox",
            Box::new(|_| vec![("endpoints", Value::Null)]),
        ),
        (
            "no user name but a handle",
            Box::new(|actor| {
                vec![
                    ("preferredUsername", Value::Null),
                    (
                        "webfinger",
                        json!(format!("someone@{}", actor.peer.authority)),
                    ),
                ]
            }),
        ),
        (
            "several keys",
            Box::new(move |actor| {
                vec![(
                    "publicKey",
                    json!([
                        {"id": format!("{}#old", actor.id), "owner": actor.id, "publicKeyPem": other_key},
                        {"id": format!("{}#broken", actor.id), "owner": actor.id, "publicKeyPem": "nothing"},
                        actor.document()["publicKey"],
                    ]),
                )]
            }),
        ),
        (
            "a key without owner",
            Box::new(|actor| {
                vec![(
                    "publicKey",
                    json!({
                        "id": actor.key_id, "publicKeyPem": actor.key.public_key_pem(),
                    }),
                )]
            }),
        ),
        (
            "a type in a list",
            Box::new(|_| vec![("type", json!(["Service", "Person"]))]),
        ),
        (
            "PEM with other line ends",
            Box::new(|actor| {
                vec![(
                    "publicKey",
                    json!({
                        "id": actor.key_id, "owner": actor.id,
                        "publicKeyPem": actor.key.public_key_pem().replace('\n', "\r\n"),
                    }),
                )]
            }),
        ),
    ];
    for (number, (name, changes)) in shapes.into_iter().enumerate() {
        let actor = peer.actor(&format!("actor{number}")).await;
        let document = changed(&actor, &changes(&actor));
        peer.serve(
            &format!("/users/actor{number}"),
            Canned::document(&document),
        );
        let before = node.rows().await["received"];
        let reply = actor
            .send(&node.inbox(), &actor.activity("Like", json!(article)))
            .await;
        assert_received(&node, name, reply.status, before).await;
    }
}

#[apply(both_databases)]
async fn a_message_signature_passes(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (mut actor, like) = a_like(&node).await;
    let post = || {
        let post = like();
        let digest = content_digest(&post.body);
        post.without("digest")
            .without("date")
            .header("content-digest", &digest)
    };
    let created = format!(";created={}", Utc::now().timestamp());
    let cases: Vec<(&str, Vec<&str>, String)> = vec![
        (
            "with its algorithm",
            vec!["@method", "@target-uri", "content-digest"],
            format!("{created};alg=\"rsa-v1_5-sha256\""),
        ),
        (
            "without algorithm",
            vec!["@method", "@target-uri", "content-digest"],
            created.clone(),
        ),
        (
            "host and path",
            vec!["@method", "@authority", "@path", "content-digest"],
            created.clone(),
        ),
        (
            "more",
            vec![
                "content-type",
                "@target-uri",
                "content-digest",
                "@method",
                "host",
            ],
            format!("{created};nonce=\"a\";tag=\"b\""),
        ),
    ];
    for (name, components, parameters) in cases {
        let before = node.rows().await["received"];
        let reply = post().send_as_message(&components, &parameters).await;
        assert_received(&node, name, reply.status, before).await;
    }
    // Beside the signature of a proxy.
    let (before, behind_proxy) = (node.rows().await["received"], post());
    let (input, signature) =
        behind_proxy.message_signature(&["@method", "@target-uri", "content-digest"], &created);
    let reply = behind_proxy
        .send_with_message_signature((
            format!("proxy=(\"@authority\"){created};keyid=\"https://proxy.example/key\", {input}"),
            format!("proxy=:AAAA:, {signature}"),
        ))
        .await;
    assert_received(&node, "beside a proxy's", reply.status, before).await;
    // By Ed25519, with a key that the actor had from the beginning.
    actor = actor.peer.actor("modern").await;
    let key = Arc::new(PrivateKey::generate_ed25519().unwrap());
    actor.key_id = format!("{}#ed25519-key", actor.id);
    let document = changed(
        &actor,
        &[
            (
                "assertionMethod",
                json!([{
                    "id": actor.key_id, "type": "Multikey", "controller": actor.id,
                    "publicKeyMultibase": key.public_multibase(),
                }]),
            ),
            ("publicKey", Value::Null),
        ],
    );
    actor
        .peer
        .serve("/users/modern", Canned::document(&document));
    actor.key = key;
    for parameters in [created.clone(), format!("{created};alg=\"ed25519\"")] {
        let before = node.rows().await["received"];
        let like = actor.activity("Announce", json!(node.blog()));
        let post = actor.signed(&node.inbox(), &like);
        let digest = content_digest(&post.body);
        let post = post.header("content-digest", &digest);
        let reply = post
            .send_as_message(&["@method", "@target-uri", "content-digest"], &parameters)
            .await;
        assert_eq!(reply.status, 202, "Ed25519 {parameters}: {reply:?}");
        assert_eq!(
            node.rows().await["received"],
            before,
            "a boost of nothing is dropped"
        );
    }
    assert_eq!(node.dropped("boost of nothing here").await, 2);
}

#[apply(both_databases)]
async fn a_request_by_http_2_passes(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (_, post) = a_like(&node).await;
    let post = post();
    let client = http_client()
        .http2_prior_knowledge()
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    let mut request = client
        .post(post.url.clone())
        .header("signature", post.signature());
    // HTTP/2 has no Host: the host stands beside the headers.
    for (name, value) in post.headers.iter().filter(|(name, _)| name != "host") {
        request = request.header(name, value);
    }
    let before = node.rows().await["received"];
    let response = request.body(post.body.clone()).send().await.unwrap();
    assert_eq!(response.version(), reqwest::Version::HTTP_2);
    assert_received(&node, "HTTP/2", response.status().as_u16(), before).await;
}

#[apply(both_databases)]
async fn a_body_in_chunks_passes(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (_, post) = a_like(&node).await;
    let post = post();
    let mut text = format!(
        "POST {} HTTP/1.1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n",
        post.target()
    );
    for (name, value) in &post.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("signature: {}\r\n\r\n", post.signature()));
    for chunk in post.body.chunks(100) {
        text.push_str(&format!(
            "{:x}\r\n{}\r\n",
            chunk.len(),
            std::str::from_utf8(chunk).unwrap()
        ));
    }
    text.push_str("0\r\n\r\n");
    let before = node.rows().await["received"];
    let reply = send_raw(&post.url, text.as_bytes()).await;
    assert_received(&node, "chunks", reply.status, before).await;
}
