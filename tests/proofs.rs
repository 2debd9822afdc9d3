//! Integrity proofs (FEP-8b32): on all that we send, and heeded in what comes from its actor.

use crate::support::{Database, ForeignServer, Peer, Prover, TestNode, both_databases, eventually};
use chrono::Utc;
use pamphlet::crypto::{integrity_proofs::Proof, keys::PublicKey};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Checks the proof of a document with the actor's key as it is served.
fn verify(document: &Value, actor: &Value) {
    let proof = Proof::of(document, Utc::now())
        .unwrap()
        .expect("it has a proof");
    let method = &actor["assertionMethod"][0];
    assert_eq!(proof.method, method["id"].as_str().unwrap());
    assert_eq!(method["controller"], actor["id"]);
    let key = PublicKey::from_multibase(method["publicKeyMultibase"].as_str().unwrap()).unwrap();
    proof.verify(&key).unwrap();
}

#[apply(both_databases)]
async fn all_that_we_send_proves_itself(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.admin(&["author", "add", "ana", "--name", "Ana", "--federated"])
        .await;
    let ana = node.url("/users/ana");
    eventually("the author has an actor", || async {
        (node.document(&ana).await.status == 200).then_some(())
    })
    .await;
    let peer = Peer::start("follower").await;
    let prover = Prover::at(&peer, "reader").await;
    for whom in [node.blog(), ana.clone()] {
        // The embedded object has its own proof and contexts, which we do not repeat.
        let follow = prover.activity("Follow", json!(whom));
        prover.actor.deliver(&node.inbox(), &follow).await;
    }
    let article = node
        .publish("---\ntitle: Hello\nauthor: Ana\n---\nText.\n")
        .await;
    peer.wait_for("Create").await;
    peer.wait_for("Announce").await;
    let edited = node.file(
        "edited.md",
        "---\ntitle: Hello\nauthor: Ana\n---\nOther text.\n",
    );
    node.admin(&["post", "edit", &article.slug, &edited]).await;
    peer.wait_for("Update").await;
    node.admin(&["post", "delete", &article.slug, "--yes"])
        .await;
    peer.wait_for("Delete").await;
    let sent = peer.received();
    assert!(sent.len() >= 6, "{sent:?}");
    for delivered in &sent {
        let activity = &delivered.activity;
        let actor = node
            .document(activity["actor"].as_str().unwrap())
            .await
            .json();
        verify(activity, &actor);
        if activity["type"] == "Accept" {
            assert_eq!(activity["object"]["type"], "Follow");
            for name in ["proof", "@context"] {
                assert_eq!(activity["object"].get(name), None, "{name}");
            }
        }
    }
    let delete = peer.received_of("Delete").remove(0).activity;
    let served = node.document(delete["id"].as_str().unwrap()).await.json();
    assert_eq!(served, delete, "it is served as it was sent");
}

#[apply(both_databases)]
async fn fedify_believes_our_proofs_and_we_fedifys(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let fedify = ForeignServer::fedify().await;
    let article = node.publish_any().await;
    let outbox = node
        .document(&format!("{}/outbox?page=first", node.blog()))
        .await
        .json();
    // It is delivered without an HTTP signature.
    let status = fedify.post_unsigned(&outbox["orderedItems"][0]).await;
    assert_eq!(status, 202);
    fedify.wait_for("Create", &node.blog(), &article.id).await;

    let peer = Peer::start("follower").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let reply = json!({"inReplyTo": article.id, "to": node.blog(), "content": "<p>From afar.</p>"});
    let note = fedify.send("reply", reply).await;
    let passed_on = peer.wait_for("Create").await.activity;
    assert_eq!(passed_on["object"]["id"], note.as_str());
    let proof = Proof::of(&passed_on, Utc::now())
        .unwrap()
        .expect("Fedify proves what it sends");
    let reader = fedify.ask("fetch", json!({"id": fedify.reader()})).await;
    let methods = reader["assertionMethod"].as_array().unwrap();
    let method = methods
        .iter()
        .find(|method| method["id"] == proof.method.as_str())
        .unwrap();
    proof
        .verify(&PublicKey::from_multibase(method["publicKeyMultibase"].as_str().unwrap()).unwrap())
        .unwrap();
}

#[apply(both_databases)]
async fn a_proof_goes_before_the_signature_of_the_request(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (peer, other) = (Peer::start("prover").await, Peer::start("other").await);
    let mut prover = Prover::at(&peer, "author").await;
    let (neighbour, stranger) = (
        Prover::at(&peer, "neighbour").await,
        Prover::at(&other, "stranger").await,
    );
    let article = node.publish_any().await;
    let like = || prover.actor.activity("Like", json!(article.id));
    let changed = |change: fn(&mut Value)| {
        let mut activity = prover.prove(&like());
        change(&mut activity);
        activity
    };
    for sender in [&prover, &neighbour, &stranger] {
        sender
            .actor
            .deliver(&node.inbox(), &sender.activity("Like", json!(article.id)))
            .await;
    }
    let lent = |lender: &Prover| lender.prove(&like());
    for (name, expected, activity) in [
        ("whole", 202, changed(|_| {})),
        (
            "with a linked-data signature",
            202,
            changed(|it| it["signature"] = json!({"type": "RsaSignature2017"})),
        ),
        (
            "of a suite that is not known",
            202,
            changed(|it| it["proof"]["cryptosuite"] = json!("mldsa44-jcs-2024")),
        ),
        (
            "of a key that is not known",
            202,
            changed(|it| {
                it["proof"]["verificationMethod"] =
                    json!(format!("{}#other", it["actor"].as_str().unwrap()))
            }),
        ),
        (
            "of a DID",
            202,
            changed(|it| it["proof"]["verificationMethod"] = json!("did:key:z6Mk#z6Mk")),
        ),
        (
            "expired",
            202,
            changed(|it| it["proof"]["expires"] = json!("2020-01-01T00:00:00Z")),
        ),
        ("changed", 401, changed(|it| it["content"] = json!("!"))),
        (
            "for another purpose",
            401,
            changed(|it| it["proof"]["proofPurpose"] = json!("authentication")),
        ),
        (
            "of nonsense",
            401,
            changed(|it| it["proof"]["proofValue"] = json!("zzzz")),
        ),
        ("of a neighbour", 401, lent(&neighbour)),
        ("of a stranger", 401, lent(&stranger)),
        (
            "of this node",
            401,
            changed(|it| it["proof"]["verificationMethod"] = json!(it["object"])),
        ),
    ] {
        let reply = prover.actor.send(&node.inbox(), &activity).await;
        assert_eq!(reply.status, expected, "{name}: {}", reply.body);
    }
    assert_eq!(node.total(&format!("{}/likes", article.id)).await, 3);
    // A key that was replaced is read anew, but not at every failure.
    node.sql("UPDATE remote_actors SET refetched_at = 0").await;
    prover.rotate();
    let note = prover.actor.note(&article.id, "<p>By a new key.</p>");
    prover
        .actor
        .deliver(&node.inbox(), &prover.activity("Create", note.clone()))
        .await;
    assert_eq!(node.replies(&article).await, [note["id"].as_str().unwrap()]);
    let gets = peer.get_count("/users/author");
    for _ in 0..3 {
        let mut spoiled = prover.activity("Like", json!(article.id));
        spoiled["content"] = json!("!");
        assert_eq!(prover.actor.send(&node.inbox(), &spoiled).await.status, 401);
    }
    assert_eq!(peer.get_count("/users/author"), gets);
}
