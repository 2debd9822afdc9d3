//! Our keys replaced while the node runs: nothing that is on its way is lost, and nobody has to ask.

use crate::support::{
    Database, Peer, TestNode, both_databases, eventually,
    peer::{Canned, ReceivedActivity},
};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Retries after half a second, and a short pause between the announcement of a key and its use.
const SOON: &str = "[delivery]\nfirst_retry = \"500 ms\"\nkey_change_pause = \"1500 ms\"\n";
const PAUSE: std::time::Duration = std::time::Duration::from_millis(1500);

/// Returns the id of the key that signed a request.
fn key_of(headers: &axum::http::HeaderMap) -> String {
    let signature = headers["signature"].to_str().unwrap();
    let (_, rest) = signature.split_once("keyId=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// Returns the names of the keys that signed the activities, in order. All signatures must be valid.
fn signers(delivered: &[ReceivedActivity]) -> Vec<(String, String)> {
    let signer = |delivered: &ReceivedActivity| {
        let kind = delivered.activity["type"].as_str().unwrap().to_owned();
        let key = delivered.verified.clone().unwrap();
        (kind, key.split_once('#').unwrap().1.to_owned())
    };
    delivered.iter().map(signer).collect()
}

async fn public_key(node: &TestNode, actor: &str) -> Value {
    node.document(actor).await.json()["publicKey"].clone()
}

fn pair(kind: &str, key: &str) -> (String, String) {
    (kind.to_owned(), key.to_owned())
}

#[apply(both_databases)]
async fn followers_get_the_new_key_signed_with_the_old_one(#[case] database: Database) {
    let node = TestNode::start_with(database, SOON).await;
    let peer = Peer::start("peer").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let old = public_key(&node, &node.blog()).await;
    node.admin(&["keys", "rotate", "--yes"]).await;
    let new = public_key(&node, &node.blog()).await;
    assert_ne!(old["publicKeyPem"], new["publicKeyPem"]);
    assert_eq!(new["owner"], node.blog());
    let name = new["id"]
        .as_str()
        .unwrap()
        .split_once('#')
        .unwrap()
        .1
        .to_owned();
    let update = peer.wait_for("Update").await;
    assert_eq!(update.activity["object"]["publicKey"], new);
    node.publish_any().await;
    let create = peer.wait_for("Create").await;
    assert!(
        create.at - update.at >= PAUSE,
        "nothing goes there for a while"
    );
    let expected = [
        pair("Accept", "main-key"),
        pair("Update", "main-key"),
        pair("Create", &name),
    ];
    assert_eq!(signers(&peer.received()), expected);
    // The replaced keys are listed for a week, for those who can read them.
    let listed = async || {
        let methods = node.document(&node.blog()).await.json()["assertionMethod"].clone();
        let ids = methods.as_array().unwrap().iter();
        ids.map(|method| {
            method["id"]
                .as_str()
                .unwrap()
                .split_once('#')
                .unwrap()
                .1
                .to_owned()
        })
        .collect::<Vec<_>>()
    };
    let ed25519 = name.replace("rsa", "ed25519");
    assert_eq!(
        listed().await,
        [ed25519.clone(), "main-key".into(), "ed25519-key".into()]
    );
    // A fetch of the old key by its id finds the key, in the form of FEP-521a and nothing more.
    let found =
        node.document(old["id"].as_str().unwrap()).await.json()["assertionMethod"][1].clone();
    assert_eq!(
        (&found["id"], &found["controller"]),
        (&old["id"], &old["owner"])
    );
    assert!(
        found["publicKeyMultibase"]
            .as_str()
            .unwrap()
            .starts_with("z4MX"),
        "RSA: {found}"
    );
    assert_eq!(found.as_object().unwrap().len(), 4);
    assert!(public_key(&node, &node.blog()).await.is_object());
    let mut node = node;
    node.sql("UPDATE local_keys SET replaced_at = 1 WHERE replaced_at IS NOT NULL")
        .await;
    node.restart().await;
    eventually("they are forgotten", || async {
        let methods = node.document(&node.blog()).await.json()["assertionMethod"].clone();
        (methods.as_array().unwrap().len() == 1
            && methods[0]["id"].as_str().unwrap().ends_with(&ed25519))
        .then_some(())
    })
    .await;
    let states = node.admin_json(&["keys", "list"]).await;
    assert!(
        states
            .as_array()
            .unwrap()
            .iter()
            .all(|key| key["state"] == "in use"),
        "{states}"
    );
}

#[apply(both_databases)]
async fn what_waits_is_sent_with_the_key_that_its_receiver_knows(#[case] database: Database) {
    let node = TestNode::start_with(database, SOON).await;
    let peer = Peer::start("peer").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    // An article is enqueued a moment after it was published.
    let enqueued = async |count: i64| {
        eventually("it is enqueued", || async {
            (node
                .number("SELECT COUNT(*) FROM activities WHERE kind = 'Create'")
                .await
                == Some(count))
            .then_some(())
        })
        .await
    };
    peer.respond_next(vec![Canned::status(503)]);
    node.publish_any().await;
    enqueued(1).await;
    node.admin(&["keys", "rotate", "--yes"]).await;
    node.publish("---\ntitle: The second\n---\nText.\n").await;
    enqueued(2).await;
    node.admin(&["keys", "rotate", "--yes"]).await;
    node.publish("---\ntitle: The third\n---\nText.\n").await;
    let all = eventually("all are there", || async {
        let received = peer.received();
        (received.len() == 6).then_some(received)
    })
    .await;
    let name = |number: usize| {
        all[number].activity["object"]["publicKey"]["id"]
            .as_str()
            .unwrap()
            .split_once('#')
            .unwrap()
            .1
    };
    let (second, third) = (name(2), name(4));
    let expected = [
        pair("Accept", "main-key"),
        pair("Create", "main-key"),
        pair("Update", "main-key"),
        pair("Create", second),
        pair("Update", second),
        pair("Create", third),
    ];
    assert_eq!(signers(&all), expected);
}

#[apply(both_databases)]
async fn who_looked_the_new_key_up_already_gets_it(#[case] database: Database) {
    let node = TestNode::start_with(database, SOON).await;
    let peer = Peer::start("peer").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    peer.respond_next(vec![Canned::status(401)]);
    node.admin(&["keys", "rotate", "--yes"]).await;
    let update = peer.wait_for("Update").await;
    assert_eq!(
        update.verified.unwrap(),
        public_key(&node, &node.blog()).await["id"]
            .as_str()
            .unwrap()
    );
}

#[apply(both_databases)]
async fn who_still_knows_only_the_old_key_gets_what_is_new(#[case] database: Database) {
    let node = TestNode::start_with(database, SOON).await;
    let peer = Peer::start("peer").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    node.admin(&["keys", "rotate", "--yes"]).await;
    peer.wait_for("Update").await;
    peer.respond_next(vec![Canned::status(401)]);
    node.publish_any().await;
    let create = peer.wait_for("Create").await;
    assert_eq!(
        create.verified.unwrap(),
        format!("{}#main-key", node.blog())
    );
}

#[apply(both_databases)]
async fn a_server_that_never_knew_the_old_key_does_not_wait_for_the_new_one(
    #[case] database: Database,
) {
    let node = TestNode::start_with(database, SOON).await;
    let (peer, later) = (Peer::start("peer").await, Peer::start("later").await);
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    node.admin(&["keys", "rotate", "--yes"]).await;
    peer.wait_for("Update").await;
    let follower = later.actor("follower").await;
    follower.follow(&node.inbox(), &node.blog()).await;
    let accept = later.wait_for("Accept").await;
    let key = public_key(&node, &node.blog()).await;
    assert_eq!(accept.verified.unwrap(), key["id"].as_str().unwrap());
}

#[apply(both_databases)]
async fn fetches_are_signed_with_a_new_key_and_all_servers_hear_of_it(#[case] database: Database) {
    let node = TestNode::start_with(database, SOON).await;
    let (peer, other) = (Peer::start("peer").await, Peer::start("other").await);
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    node.admin(&["keys", "rotate", "--actor", "instance", "--yes"])
        .await;
    let update = peer.wait_for("Update").await;
    let instance = node.url("/actor");
    assert_eq!(update.activity["actor"], instance);
    assert_eq!(update.verified.unwrap(), format!("{instance}#main-key"));
    let later = other.actor("later").await;
    later
        .deliver(&node.inbox(), &later.activity("Knock", json!(node.blog())))
        .await;
    let key = public_key(&node, &instance).await;
    assert_eq!(
        key_of(&other.headers_of("/users/later")),
        key["id"].as_str().unwrap()
    );
    assert!(key["id"].as_str().unwrap().contains("#rsa-"));
}

#[apply(both_databases)]
async fn a_key_in_wrong_hands_is_never_used_again(#[case] database: Database) {
    let node = TestNode::start_with(database, SOON).await;
    let peer = Peer::start("peer").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    node.admin(&["keys", "rotate", "--compromised", "--yes"])
        .await;
    let update = peer.wait_for("Update").await;
    assert_eq!(
        update.verified.unwrap(),
        public_key(&node, &node.blog()).await["id"]
            .as_str()
            .unwrap()
    );
    let document = node.document(&node.blog()).await.json();
    assert_eq!(document["assertionMethod"].as_array().unwrap().len(), 1);
    let output = node
        .cli(&["keys", "rotate", "--actor", "nobody", "--yes"])
        .await;
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("no local actor is named nobody")
    );
}

#[apply(both_databases)]
async fn senders_may_list_several_keys_of_both_kinds(#[case] database: Database) {
    let node = TestNode::start_with(database, SOON).await;
    let (peer, other) = (Peer::start("peer").await, Peer::start("other").await);
    let mut actor = peer.actor("reader").await;
    let stranger = other.actor("stranger").await;
    let multikey = |name: &str, controller: &str, key: String| {
        json!({
            "id": format!("{}#{name}", actor.id), "type": "Multikey", "controller": controller, "publicKeyMultibase": key,
        })
    };
    let own = actor.key.public_multibase();
    actor.serve_with(json!({
        "publicKey": [{"id": format!("{}#p256", actor.id), "owner": actor.id, "publicKeyPem": "of a kind to come"}],
        "assertionMethod": [
            multikey("p256", &actor.id, "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169".into()),
            multikey("rsa", &actor.id, own.clone()),
            multikey("lent", &stranger.id, own),
        ],
    }));
    for (name, status) in [("rsa", 202), ("p256", 401), ("lent", 401)] {
        actor.key_id = format!("{}#{name}", actor.id);
        let reply = actor
            .send(&node.inbox(), &actor.activity("Knock", json!(node.blog())))
            .await;
        assert_eq!(reply.status, status, "{name}: {}", reply.body);
    }
}
