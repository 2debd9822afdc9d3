//! Keys of senders: whose they are, how they are replaced, which are too weak.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases,
    peer::{Canned, any_key},
    signed_post::RawResponse,
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// Sends an activity that is dropped after its signature is verified.
async fn knock(node: &TestNode, actor: &Actor) -> RawResponse {
    actor
        .send(&node.inbox(), &actor.activity("Knock", json!(node.blog())))
        .await
}

async fn rows(node: &TestNode) -> Value {
    json!(node.rows().await)
}

/// Does the same from a network behind the node's proxy.
async fn knock_from(network: &str, node: &TestNode, actor: &Actor) -> RawResponse {
    let activity = actor.activity("Knock", json!(node.blog()));
    let mut post = actor.signed(&node.inbox(), &activity);
    post.extra.push(("x-forwarded-for".into(), network.into()));
    post.send().await
}

fn path_of(actor: &Actor) -> String {
    actor
        .id
        .strip_prefix(&actor.peer.origin)
        .unwrap()
        .to_owned()
}

/// Replaces an actor's key in its document, and keeps the key's id.
fn rotate(actor: &mut Actor, number: usize) {
    actor.key = (0..4)
        .map(|offset| any_key(number + offset))
        .find(|key| key.public() != actor.key.public())
        .unwrap();
    actor
        .peer
        .serve(&path_of(actor), Canned::document(&actor.document()));
}

/// Returns a public key of this many bits, as PEM.
fn rsa_pem(bits: usize) -> String {
    let tagged = |tag: u8, content: &[u8]| {
        let length = content.len();
        let mut der = match length {
            0..128 => vec![tag, length as u8],
            128..256 => vec![tag, 0x81, length as u8],
            _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
        };
        der.extend_from_slice(content);
        der
    };
    let mut modulus = vec![0xb7; bits / 8];
    modulus.insert(0, 0);
    let numbers = [tagged(2, &modulus), tagged(2, &[1, 0, 1])].concat();
    let mut key = vec![0];
    key.extend(tagged(0x30, &numbers));
    let algorithm = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    let der = tagged(0x30, &[&algorithm[..], &tagged(3, &key)].concat());
    pem::encode(&pem::Pem::new("PUBLIC KEY", der))
}

// Threat 11.
#[apply(both_databases)]
async fn a_key_that_its_owner_does_not_name_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (peer, other) = (Peer::start("sender").await, Peer::start("other").await);
    let stranger = other.actor("stranger").await;
    let pem = stranger.key.public_key_pem();
    let key = |id: &str, owner: &str| {
        Canned::document(&json!({
            "@context": "https://w3id.org/security/v1", "id": id, "owner": owner, "publicKeyPem": pem,
        }))
    };
    let mut cases = Vec::new();
    for number in 0..6 {
        let mut actor = peer.actor(&format!("victim{number}")).await;
        actor.key = stranger.key.clone();
        cases.push(actor);
    }
    let [on_other, moved, unnamed, foreign, posing, lent] = &mut cases[..] else {
        panic!()
    };
    on_other.key_id = other.url("/keys/0");
    other.serve("/keys/0", key(&on_other.key_id, &on_other.id));
    moved.key_id = peer.url("/keys/1");
    other.serve("/keys/1", key(&moved.key_id, &moved.id));
    peer.serve("/keys/1", redirect(&other.url("/keys/1")));
    unnamed.key_id = peer.url("/keys/2");
    peer.serve("/keys/2", key(&unnamed.key_id, &unnamed.id));
    foreign.key_id = peer.url("/keys/3");
    peer.serve("/keys/3", key(&foreign.key_id, &stranger.id));
    // A document with a foreign id and a key of its own.
    posing.key_id = peer.url("/notes/4");
    let mut document = posing.document();
    document["publicKey"]["publicKeyPem"] = json!(pem);
    peer.serve("/notes/4", Canned::document(&document));
    let honest = Actor {
        key_id: format!("{}#main-key", posing.id),
        key: key_but(&stranger),
        ..posing.clone()
    };
    peer.serve(&path_of(posing), Canned::document(&honest.document()));
    // An actor whose document names another as the key's owner.
    let mut document = lent.document();
    document["publicKey"]["owner"] = json!(stranger.id);
    peer.serve(&path_of(lent), Canned::document(&document));
    let before = rows(&node).await;
    for (name, status, actor) in [
        ("on another host", 403, on_other),
        ("moved to another host", 401, moved),
        ("not named back", 401, unnamed),
        ("owned on another host", 401, foreign),
        ("posing as another", 401, posing),
        ("lent", 401, lent),
    ] {
        let reply = knock(&node, actor).await;
        assert!(reply.is_problem(status), "{name}: {reply:?}");
        assert_eq!(rows(&node).await, before, "{name}");
    }
}

// Threat 12.
#[apply(both_databases)]
async fn a_rotated_key_is_accepted_at_once_and_the_old_one_no_more(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("sender").await;
    let mut actor = peer.actor("reader").await;
    let old = actor.clone();
    assert_eq!(knock(&node, &old).await.status, 202);
    rotate(&mut actor, 0);
    assert_eq!(
        knock(&node, &old).await.status,
        202,
        "nobody has heard of the new one"
    );
    assert_eq!(knock(&node, &actor).await.status, 202, "the new one");
    assert!(knock(&node, &old).await.is_problem(401), "the old one");
    assert_eq!(knock(&node, &actor).await.status, 202, "the new one again");
    assert_eq!(peer.get_count("/users/reader"), 2);
}

// Threat 12: the new key has an id of its own.
#[apply(both_databases)]
async fn a_key_replaced_by_one_of_another_id_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("sender").await;
    let mut actor = peer.actor("reader").await;
    let old = actor.clone();
    assert_eq!(knock(&node, &old).await.status, 202);
    actor.key_id = format!("{}#second-key", actor.id);
    rotate(&mut actor, 1);
    assert_eq!(knock(&node, &actor).await.status, 202, "the new one");
    assert!(knock(&node, &old).await.is_problem(401), "the old one");
    assert_eq!(knock(&node, &actor).await.status, 202, "the new one again");
}

// Threat 12: an actor tells of its new key with an Update that the old one signed.
#[apply(both_databases)]
async fn a_key_replaced_by_an_update_is_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut actor = Peer::start("sender").await.actor("reader").await;
    let old = actor.clone();
    old.follow(&node.inbox(), &node.blog()).await;
    rotate(&mut actor, 2);
    old.deliver(&node.inbox(), &actor.activity("Update", actor.document()))
        .await;
    assert!(knock(&node, &old).await.is_problem(401), "the old one");
    assert_eq!(knock(&node, &actor).await.status, 202, "the new one");
}

// Threat 12: what arrives while the new key is being fetched is kept by its sender, not lost.
#[apply(both_databases)]
async fn a_rotation_under_load_loses_nothing(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut actor = Peer::start("sender").await.actor("reader").await;
    assert_eq!(knock(&node, &actor).await.status, 202);
    rotate(&mut actor, 3);
    let slow = Canned {
        delay: Duration::from_millis(300),
        ..Canned::document(&actor.document())
    };
    actor.peer.serve("/users/reader", slow);
    let (node, actor) = (&node, &actor);
    let replies = futures::future::join_all((0..12).map(|number| async move {
        tokio::time::sleep(Duration::from_millis(10 * number)).await;
        knock(node, actor).await
    }))
    .await;
    let refused: Vec<&RawResponse> = replies
        .iter()
        .filter(|reply| !matches!(reply.status, 202 | 503))
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(knock(node, actor).await.status, 202);
    assert_eq!(actor.peer.get_count("/users/reader"), 2);
}

// Threats 12 and 13: a passing fault must not look like a wrong signature.
#[apply(both_databases)]
async fn a_rotation_while_the_key_server_is_down_is_kept_for_later(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut actor = Peer::start("sender").await.actor("reader").await;
    assert_eq!(knock(&node, &actor).await.status, 202);
    rotate(&mut actor, 0);
    actor.peer.serve("/users/reader", Canned::status(500));
    for time in ["first", "second"] {
        let reply = knock(&node, &actor).await;
        assert!(reply.is_problem(503), "{time}: {reply:?}");
        assert!(reply.head.contains("retry-after: "), "{time}: {reply:?}");
    }
    assert_eq!(actor.peer.get_count("/users/reader"), 2);
}

// Threat 12.
#[apply(both_databases)]
async fn a_flood_of_bad_signatures_causes_one_fetch(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let actor = Peer::start("sender").await.actor("reader").await;
    assert_eq!(knock(&node, &actor).await.status, 202);
    let before = node.rows().await;
    let wrong = Actor {
        key: key_but(&actor),
        ..actor.clone()
    };
    let unnamed = |number: usize| Actor {
        key_id: format!("{}#key{number}", actor.id),
        ..wrong.clone()
    };
    let mut floods: Vec<Actor> = vec![wrong.clone(); 20];
    // Threat 51: as many key ids as one likes are in one document.
    floods.extend((0..20).map(unnamed));
    let replies = futures::future::join_all(floods.iter().map(|wrong| knock(&node, wrong))).await;
    for reply in &replies {
        assert!(matches!(reply.status, 401 | 503), "{reply:?}");
    }
    let refused = replies[..20]
        .iter()
        .filter(|reply| reply.status == 401)
        .count();
    assert!(
        refused <= 1,
        "the others may be right, as far as the node knows"
    );
    assert!(matches!(knock(&node, &wrong).await.status, 401 | 503));
    assert!(knock(&node, &wrong).await.is_problem(503));
    assert_eq!(actor.peer.get_count("/users/reader"), 2);
    assert_eq!(node.rows().await, before);
    assert_eq!(
        knock(&node, &actor).await.status,
        202,
        "the right one still passes"
    );
}

// Threat 12.
#[apply(both_databases)]
async fn a_forgery_uses_up_the_turn_of_its_own_network_alone(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut actor = Peer::start("victim").await.actor("reader").await;
    let (honest, hostile) = ("198.51.100.7", "192.0.2.1");
    assert_eq!(knock_from(honest, &node, &actor).await.status, 202);
    let forger = Actor {
        key: key_but(&actor),
        ..actor.clone()
    };
    let other_id = Actor {
        key_id: format!("{}#next-key", actor.id),
        ..forger.clone()
    };
    assert!(knock_from(hostile, &node, &forger).await.is_problem(401));
    for _ in 0..3 {
        let reply_to = |forger| knock_from(hostile, &node, forger);
        assert!(matches!(reply_to(&other_id).await.status, 401 | 503));
        for forger in [&forger, &other_id] {
            let reply = knock_from(hostile, &node, forger).await;
            assert!(reply.is_problem(503), "{reply:?}");
            assert!(reply.head.contains("retry-after: "), "{reply:?}");
        }
    }
    assert_eq!(actor.peer.get_count("/users/reader"), 2);
    let old = actor.clone();
    actor.key_id.clone_from(&other_id.key_id);
    rotate(&mut actor, 1);
    // For the node this is a forger in the same network: the owner gets a 503, never a final refusal.
    if actor.key.public() != forger.key.public() {
        assert!(knock_from(hostile, &node, &actor).await.is_problem(503));
    }
    assert_eq!(
        knock_from(honest, &node, &actor).await.status,
        202,
        "the new key"
    );
    assert_eq!(
        knock_from(hostile, &node, &actor).await.status,
        202,
        "it is known now"
    );
    assert!(
        knock_from(honest, &node, &old).await.is_problem(401),
        "the old key"
    );
    assert!(
        knock_from(honest, &node, &old).await.is_problem(503),
        "the old key, again"
    );
    assert_eq!(actor.peer.get_count("/users/reader"), 3);
}

// Threat 11.
#[apply(both_databases)]
async fn a_key_stays_with_its_owner(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let peer = Peer::start("shared").await;
    let like = |actor: &Actor, network: &str| {
        let mut post = actor.signed(&node.inbox(), &actor.activity("Like", json!(article.id)));
        post.extra.push(("x-forwarded-for".into(), network.into()));
        post
    };
    let [first, second, third] = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
    for is_stored in [true, false] {
        let victim = peer.actor(&format!("victim-{is_stored}")).await;
        let other = peer.actor(&format!("other-{is_stored}")).await;
        let other = Actor {
            key: key_but(&victim),
            ..other
        };
        match is_stored {
            true => assert_eq!(like(&victim, first).send().await.status, 202),
            false => assert_eq!(knock(&node, &victim).await.status, 202),
        }
        let key = |id: &str| json!({"id": id, "owner": other.id, "publicKeyPem": other.key.public_key_pem()});
        other.serve_with(json!({"publicKey": [key(&victim.key_id), key(&other.key_id)]}));
        assert_eq!(like(&other, first).send().await.status, 202);
        let thief = Actor {
            key_id: victim.key_id.clone(),
            ..other.clone()
        };
        assert!(matches!(
            like(&thief, second).send().await.status,
            401 | 403
        ));
        assert_eq!(
            knock(&node, &victim).await.status,
            202,
            "stored: {is_stored}"
        );
        assert_eq!(
            like(&victim, first).send().await.status,
            202,
            "stored: {is_stored}"
        );
    }
    // A key with a document of its own.
    let mut owner = peer.actor("owner").await;
    owner.key_id = peer.url("/keys/1");
    let mut heir = peer.actor("heir").await;
    heir.key_id.clone_from(&owner.key_id);
    heir.key = key_but(&owner);
    let serve_key = |actor: &Actor| {
        let key = json!({"id": actor.key_id, "owner": actor.id, "publicKeyPem": actor.key.public_key_pem()});
        peer.serve("/keys/1", Canned::document(&key));
    };
    serve_key(&owner);
    owner.serve_with(json!({}));
    assert_eq!(like(&owner, first).send().await.status, 202);
    serve_key(&heir);
    heir.serve_with(json!({}));
    assert!(
        like(&heir, first).send().await.is_problem(401),
        "its owner still names it"
    );
    assert_eq!(knock(&node, &owner).await.status, 202);
    owner.serve_with(json!({"publicKey": null}));
    assert_eq!(
        like(&heir, second).send().await.status,
        202,
        "its owner gave it away"
    );
    let refused = like(&owner, third).send().await;
    assert!(
        refused.is_problem(401) || refused.is_problem(403),
        "{refused:?}"
    );
}

// Threat 51.
#[apply(both_databases)]
async fn keys_of_unreasonable_size_are_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("sender").await;
    for (bits, is_usable) in [
        (1024, false),
        (2040, false),
        (2048, true),
        (4096, true),
        (8192, true),
        (8200, false),
        (16384, false),
    ] {
        let actor = peer.actor(&format!("bits{bits}")).await;
        let mut document = actor.document();
        document["publicKey"]["publicKeyPem"] = json!(rsa_pem(bits));
        peer.serve(&path_of(&actor), Canned::document(&document));
        let reply = knock(&node, &actor).await;
        assert!(reply.is_problem(401), "{bits}: {reply:?}");
        let reason = match is_usable {
            true => "the signature does not match the key",
            false => "does not name it as a key that can be used",
        };
        assert!(reply.body.contains(reason), "{bits}: {reply:?}");
    }
}

/// Returns a key that is not this actor's.
fn key_but(actor: &Actor) -> Arc<pamphlet::crypto::keys::PrivateKey> {
    let mut keys = (0..4).map(any_key);
    keys.find(|key| key.public() != actor.key.public()).unwrap()
}

fn redirect(target: &str) -> Canned {
    Canned {
        headers: vec![("location".into(), target.into())],
        ..Canned::status(302)
    }
}
