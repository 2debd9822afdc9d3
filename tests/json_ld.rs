//! Our documents as a JSON-LD processor understands them: every term has a meaning.

use crate::support::{Database, Peer, TestNode, both_databases, eventually, foreign_server};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use data_encoding::HEXLOWER;
use pamphlet::crypto::keys::{Algorithm, PublicKey};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::{
    io::Write,
    process::{Command, Stdio},
};

const AS: &str = "https://www.w3.org/ns/activitystreams#";

/// Removes the signature from an activity, as its verification requires.
fn unsigned(activity: &Value) -> Value {
    let mut bare = activity.clone();
    bare.as_object_mut().unwrap().remove("signature");
    bare
}

/// Expands documents with PyLD, or canonicalizes them to N-Quads (`normalize`), with the contexts that the node signs
/// by.
fn by_pyld(form: &str, documents: &[Value]) -> Vec<Value> {
    let folder = foreign_server::installed("python");
    let mut process = Command::new(folder.join(".venv/bin/python"))
        .args(["expand.py", form])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = serde_json::to_vec(documents).unwrap();
    process.stdin.take().unwrap().write_all(&input).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Collects the terms of an expanded document that no context defines. ActivityStreams gives them a
/// blank node's name.
fn meaningless(expanded: &Value, found: &mut Vec<String>) {
    match expanded {
        Value::Array(list) => list.iter().for_each(|value| meaningless(value, found)),
        Value::Object(object) => {
            let types = object.get("@type").and_then(Value::as_array);
            let names = types.into_iter().flatten().filter_map(Value::as_str);
            found.extend(
                object
                    .keys()
                    .map(String::as_str)
                    .chain(names)
                    .filter(|name| {
                        name.starts_with("_:") || !name.contains(':') && !name.starts_with('@')
                    })
                    .map(str::to_owned),
            );
            object.values().for_each(|value| meaningless(value, found));
        }
        _ => {}
    }
}

async fn document(node: &TestNode, id: &str) -> Value {
    eventually(&format!("{id} is served"), || async {
        let response = node.document(id).await;
        [200, 410]
            .contains(&response.status)
            .then(|| response.json())
    })
    .await
}

/// Returns an article with all properties that an article can have.
fn full(federate: &str) -> String {
    format!(
        "---\ntitle: {federate}\nfederate: {federate}\ntags: [Books, On Reading]\nsummary: An abstract\n\
         content_warning: Spoilers\nimage: https://example.org/a.png\nimage_alt: A picture\nlanguage: en\n---\n\
         Some *text*.\n"
    )
}

#[apply(both_databases)]
async fn every_term_of_ours_has_a_meaning(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.admin(&[
        "author",
        "add",
        "ana",
        "--name",
        "Ana",
        "--bio",
        "Writes.",
        "--federated",
    ])
    .await;
    let peer = Peer::start("follower").await;
    let reader = peer.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    let mut articles = Vec::new();
    for form in ["article", "note", "teaser"] {
        articles.push(node.publish(&full(form)).await);
    }
    let by_ana = node
        .publish("---\ntitle: Hello\nauthor: Ana\n---\nText.\n")
        .await;
    eventually("all are told of", || async {
        (peer.received_of("Create").len() == 3).then_some(())
    })
    .await;
    reader
        .comment(&node.inbox(), &articles[0].id, "<p>Yes.</p>")
        .await;
    node.admin(&[
        "post",
        "edit",
        &articles[1].slug,
        &node.file("edited.md", &full("note").replace("text", "words")),
    ])
    .await;
    node.admin(&["post", "delete", &articles[2].slug, "--yes"])
        .await;
    for kind in ["Announce", "Update", "Delete"] {
        peer.wait_for(kind).await;
    }
    let blog = node.blog();
    let mut ids = vec![
        blog.clone(),
        node.url("/users/ana"),
        node.url("/actor"),
        by_ana.id.clone(),
    ];
    ids.extend(articles.iter().map(|article| article.id.clone()));
    for name in [
        "outbox",
        "outbox?page=first",
        "followers",
        "followers?page=first",
        "following",
        "featured",
        "tags",
    ] {
        ids.push(format!("{blog}/{name}"));
    }
    for name in [
        "replies",
        "replies?page=first",
        "context",
        "context?page=first",
        "likes",
        "shares",
    ] {
        ids.push(format!("{}/{name}", articles[0].id));
    }
    let mut documents = Vec::new();
    for id in &ids {
        documents.push(document(&node, id).await);
    }
    documents.extend(peer.received().iter().map(|one| unsigned(&one.activity)));
    let kinds: std::collections::BTreeSet<&str> = documents
        .iter()
        .map(|one| one["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        [
            "Accept",
            "Announce",
            "Application",
            "Article",
            "Create",
            "Delete",
            "Note",
            "OrderedCollection",
            "OrderedCollectionPage",
            "Person",
            "Tombstone",
            "Update"
        ]
    );

    let expanded = tokio::task::spawn_blocking({
        let documents = documents.clone();
        move || by_pyld("expand", &documents)
    })
    .await
    .unwrap();
    for (document, expanded) in documents.iter().zip(&expanded) {
        let mut lost = Vec::new();
        meaningless(expanded, &mut lost);
        assert!(lost.is_empty(), "{lost:?} in {document}");
        assert_eq!(expanded[0]["@id"], document["id"]);
    }

    let of = |id: &str| &expanded[ids.iter().position(|known| known == id).unwrap()][0];
    let actor = of(&blog);
    assert_eq!(
        actor["http://www.w3.org/ns/ldp#inbox"],
        json!([{"@id": format!("{blog}/inbox")}])
    );
    let key = &actor["https://w3id.org/security#publicKey"][0];
    assert_eq!(key["https://w3id.org/security#owner"][0]["@id"], blog);
    let method = &actor["https://w3id.org/security#assertionMethod"][0];
    assert_eq!(
        method["@type"],
        json!(["https://w3id.org/security#Multikey"])
    );
    assert_eq!(
        method["https://w3id.org/security#controller"][0]["@id"],
        blog
    );
    assert_eq!(
        actor[format!("{AS}endpoints")][0][format!("{AS}sharedInbox")][0]["@id"],
        node.inbox()
    );
    let article = of(&articles[0].id);
    assert_eq!(article["@type"], json!([format!("{AS}Article")]));
    for (name, part) in [
        ("attributedTo", blog.clone()),
        ("context", format!("{}/context", articles[0].id)),
        ("replies", format!("{}/replies", articles[0].id)),
        ("to", format!("{AS}Public")),
    ] {
        assert_eq!(article[format!("{AS}{name}")][0]["@id"], part, "{name}");
    }
    assert_eq!(
        article[format!("{AS}tag")][0]["@type"],
        json!([format!("{AS}Hashtag")])
    );
    assert_eq!(article[format!("{AS}sensitive")][0]["@value"], true);
    let context = of(&format!("{}/context", articles[0].id));
    assert_eq!(context[format!("{AS}attributedTo")][0]["@id"], blog);
    let update = expanded
        .iter()
        .find(|one| one[0]["@type"] == json!([format!("{AS}Update")]))
        .unwrap();
    let proof = &update[0]["https://w3id.org/security#proof"][0]["@graph"][0];
    assert_eq!(
        proof["@type"],
        json!(["https://w3id.org/security#DataIntegrityProof"])
    );
    assert_eq!(
        proof["https://w3id.org/security#proofPurpose"][0]["@id"],
        "https://w3id.org/security#assertionMethod"
    );
}

#[apply(both_databases)]
async fn our_replies_carry_a_linked_data_signature_for_those_who_are_forwarded_them(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("follower").await;
    let reader = peer.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    let article = node.publish_any().await;
    reader
        .comment(&node.inbox(), &article.id, "<p>Yes?</p>")
        .await;
    node.admin(&["comments", "reply", "1", "Yes, \"indeed\": *tags* & 🎉."])
        .await;
    let replied = eventually("the answer arrives", || async {
        let creates = peer.received_of("Create");
        creates
            .into_iter()
            .find(|one| one.activity["object"]["inReplyTo"].is_string())
    })
    .await;
    replied.verified.clone().unwrap();
    let reply = replied.activity;
    let signature = reply["signature"].clone();
    let blog = node.document(&node.blog()).await.json();
    assert_eq!(
        (&signature["type"], &signature["creator"]),
        (&json!("RsaSignature2017"), &blog["publicKey"]["id"])
    );
    let options = json!({"@context": "https://w3id.org/security/v1", "creator": signature["creator"], "created": signature["created"]});
    let canonical = tokio::task::spawn_blocking({
        let parts = vec![options, unsigned(&reply)];
        move || by_pyld("normalize", &parts)
    })
    .await
    .unwrap();
    let hash =
        |text: &Value| HEXLOWER.encode(digest(&SHA256, text.as_str().unwrap().as_bytes()).as_ref());
    let message = hash(&canonical[0]) + &hash(&canonical[1]);
    let key = PublicKey::from_pem(blog["publicKey"]["publicKeyPem"].as_str().unwrap()).unwrap();
    let value = BASE64
        .decode(signature["signatureValue"].as_str().unwrap())
        .unwrap();
    assert!(
        key.verify(Algorithm::RsaSha256, message.as_bytes(), &value)
            .is_ok(),
        "{}",
        canonical[1]
    );
    // The proof is valid beside the signature. An article has only a proof.
    assert!(reply["proof"].is_object());
    let created = peer
        .received_of("Create")
        .into_iter()
        .find(|one| one.activity["object"]["inReplyTo"].is_null())
        .unwrap();
    assert!(created.activity["signature"].is_null() && created.activity["proof"].is_object());
}

#[apply(both_databases)]
async fn contexts_of_others_are_never_fetched(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("contexts").await;
    let reader = peer.actor("reader").await;
    let article = node.publish_any().await;
    let contexts = json!(["https://www.w3.org/ns/activitystreams", peer.url("/context"), {"own": peer.url("/ns#own"),
        "@import": peer.url("/import")}]);
    reader.serve_with(json!({"@context": contexts}));
    let mut note = reader.note(&article.id, "<p>In a context of our own.</p>");
    note["@context"] = contexts.clone();
    note["own"] = json!({"@context": peer.url("/inner"), "id": peer.url("/own")});
    let mut create = reader.activity("Create", note.clone());
    create["@context"] = contexts;
    reader.deliver(&node.inbox(), &create).await;
    assert_eq!(node.replies(&article).await, [note["id"].as_str().unwrap()]);
    assert_eq!(peer.gets(), ["/users/reader"]);
}
