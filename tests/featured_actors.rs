//! Remote collections that feature local actors (FEP-7aa9): requested, admitted by the configuration, listed, and
//! ended by either side.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually,
    peer::{Canned, PUBLIC, ReceivedActivity},
};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Serves a collection of an actor's. Returns its id.
fn collection(actor: &Actor, name: &str) -> String {
    let id = actor.new_id("collections");
    let document = json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "FeaturedCollection", "name": name,
        "attributedTo": actor.id, "totalItems": 0, "orderedItems": [],
    });
    let path = id.strip_prefix(&actor.peer.origin).unwrap();
    actor.peer.serve(path, Canned::document(&document));
    id
}

/// Builds a request as Mastodon 4.6.5 sends it, but with an actor.
fn request(actor: &Actor, whom: &str, collection: &str) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/activitystreams", {"FeatureRequest": "https://w3id.org/fep/7aa9#FeatureRequest"}],
        "id": actor.new_id("feature_requests"), "type": "FeatureRequest", "actor": actor.id,
        "instrument": collection, "object": whom,
    })
}

async fn answer_to(actor: &Actor, id: &Value) -> ReceivedActivity {
    eventually("the request is answered", || async {
        let received = actor.peer.received();
        received
            .into_iter()
            .find(|answer| answer.activity["object"] == *id)
    })
    .await
}

/// Sends a request and returns the answer.
async fn ask(node: &TestNode, actor: &Actor, whom: &str, collection: &str) -> ReceivedActivity {
    let request = request(actor, whom, collection);
    actor.deliver(&node.inbox(), &request).await;
    answer_to(actor, &request["id"]).await
}

async fn can_feature(node: &TestNode, actor: &str) -> Value {
    node.document(actor).await.json()["interactionPolicy"]["canFeature"]["automaticApproval"]
        .clone()
}

async fn list(node: &TestNode) -> Vec<Value> {
    let list = node.admin_json(&["features", "list"]).await;
    list.as_array().unwrap().clone()
}

#[apply(both_databases)]
async fn a_collection_is_admitted_with_an_authorization_that_can_be_fetched(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("peer").await;
    let alice = peer.actor("alice").await;
    assert_eq!(can_feature(&node, &node.blog()).await, json!([PUBLIC]));
    assert_eq!(
        node.document("/actor").await.json()["interactionPolicy"],
        Value::Null
    );
    let pack = collection(&alice, "Blogs <b>worth</b> reading");
    let answer = ask(&node, &alice, &node.blog(), &pack).await;
    answer.verified.clone().unwrap();
    assert_eq!(
        (&answer.activity["type"], &answer.activity["actor"]),
        (&json!("Accept"), &json!(node.blog()))
    );
    assert_eq!(answer.activity["to"], json!([alice.id]));
    let authorization = answer.activity["result"].as_str().unwrap().to_owned();
    let stamp = node.document(&authorization).await.json();
    assert_eq!(
        (&stamp["id"], &stamp["type"]),
        (&json!(authorization), &json!("FeatureAuthorization"))
    );
    assert_eq!(
        (&stamp["interactingObject"], &stamp["interactionTarget"]),
        (&json!(pack), &json!(node.blog()))
    );
}

#[apply(both_databases)]
async fn each_actor_and_collection_has_an_authorization_of_its_own(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("peer").await;
    let alice = peer.actor("alice").await;
    let pack = collection(&alice, "Blogs");
    let first = ask(&node, &alice, &node.blog(), &pack).await.activity;
    let again = ask(&node, &alice, &node.blog(), &pack).await.activity;
    assert_eq!(again["result"], first["result"]);
    node.admin(&["author", "add", "ana", "--name", "Ana", "--federated"])
        .await;
    let ana = node.url("/users/ana");
    eventually("the author has an actor", || async {
        (node.document(&ana).await.status == 200).then_some(())
    })
    .await;
    let hers = ask(&node, &alice, &ana, &pack).await.activity;
    assert_eq!(
        (&hers["type"], &hers["actor"]),
        (&json!("Accept"), &json!(ana))
    );
    assert_ne!(hers["result"], first["result"]);
    let unpublished = alice.new_id("collections");
    let accept = ask(&node, &alice, &node.blog(), &unpublished).await;
    assert_eq!(accept.activity["type"], "Accept");
    assert_eq!(list(&node).await.len(), 3);
}

#[apply(both_databases)]
async fn the_admin_sees_the_collections(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("peer").await;
    let alice = peer.actor("alice").await;
    let pack = collection(&alice, "Blogs <b>worth</b> reading");
    let accept = ask(&node, &alice, &node.blog(), &pack).await.activity;
    let listed = &list(&node).await[0];
    for (name, value) in [
        ("collection", json!(pack)),
        ("name", json!("Blogs <b>worth</b> reading")),
        ("featured", json!("blog")),
        ("handle", json!(alice.handle())),
        ("authorization", accept["result"].clone()),
        ("state", json!("accepted")),
    ] {
        assert_eq!(listed[name], value, "{name}");
    }
    assert!(node.admin(&["features", "list"]).await.contains("worth"));
    let notice = &node.notices().await[0];
    assert_eq!(notice["kind"], "feature");
    let text = notice["text"].as_str().unwrap();
    assert!(text.contains("@blog into the collection “Blogs"), "{text}");
}

/// Mastodon's own request names no actor: it belongs to its signer.
#[apply(both_databases)]
async fn a_request_without_an_actor_is_its_signers(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("peer").await;
    let alice = peer.actor("alice").await;
    let bare = collection(&alice, "Without an actor");
    let mut asked = request(&alice, &node.blog(), &bare);
    asked.as_object_mut().unwrap().remove("actor");
    alice.deliver(&node.inbox(), &asked).await;
    let accept = answer_to(&alice, &asked["id"]).await;
    assert_eq!(accept.activity["type"], "Accept");
    node.admin(&["features", "revoke", &bare, "--yes"]).await;
    peer.wait_for("Delete").await;
}

#[apply(both_databases)]
async fn a_request_for_what_is_not_the_senders_or_not_here_gets_no_response(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("peer").await;
    let alice = peer.actor("alice").await;
    let other = peer.actor("other").await;
    let pack = collection(&alice, "Mine");
    let foreign = collection(&other, "Not mine");
    let cases = [
        ("another's collection", 202, node.blog(), json!(foreign)),
        (
            "on another host",
            403,
            node.blog(),
            json!("http://elsewhere.localhost/c/1"),
        ),
        ("no collection", 400, node.blog(), Value::Null),
        ("nobody here", 202, node.url("/users/nobody"), json!(pack)),
        ("the node's own actor", 202, node.url("/actor"), json!(pack)),
        (
            "an article",
            202,
            node.url("/articles/0123456789abcdef"),
            json!(pack),
        ),
    ];
    let before = peer.received().len();
    for (name, status, whom, instrument) in cases {
        let mut asked = request(&alice, &whom, "");
        asked["instrument"] = instrument;
        assert_eq!(
            alice.send(&node.inbox(), &asked).await.status,
            status,
            "{name}"
        );
    }
    assert_eq!(peer.received().len(), before);
    assert_eq!(list(&node).await, Vec::<Value>::new());
}

#[apply(both_databases)]
async fn either_side_ends_it(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (peer, home) = (Peer::start("peer").await, Peer::start("home").await);
    let (alice, pest) = (peer.actor("alice").await, peer.actor("pest").await);
    home.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let standing = async |authorization: &str| node.document(authorization).await.status;
    let admitted = async |pack: &str| {
        ask(&node, &alice, &node.blog(), pack).await.activity["result"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    // Its owner removes the entry, deletes the collection, or undoes the request.
    let pack = collection(&alice, "One");
    let authorization = admitted(&pack).await;
    let item = json!({
        "id": alice.new_id("collection_items"), "type": "FeaturedItem", "featuredObject": node.blog(),
        "featureAuthorization": authorization,
    });
    let mut add = alice.activity("Add", item.clone());
    add["target"] = json!(pack);
    alice.deliver(&node.inbox(), &add).await;
    let remove = |actor: &Actor| {
        let mut remove = actor.activity("Remove", item["id"].clone());
        remove["target"] = json!(pack);
        remove
    };
    pest.deliver(&node.inbox(), &remove(&pest)).await;
    assert_eq!(
        standing(&authorization).await,
        200,
        "another's Remove is nothing"
    );
    alice.deliver(&node.inbox(), &remove(&alice)).await;
    assert_eq!(standing(&authorization).await, 404);
    let authorization = admitted(&pack).await;
    pest.send(&node.inbox(), &pest.activity("Delete", json!(pack)))
        .await;
    assert_eq!(standing(&authorization).await, 200);
    alice
        .deliver(&node.inbox(), &alice.activity("Delete", json!(pack)))
        .await;
    assert_eq!(standing(&authorization).await, 404);
    for whole in [true, false] {
        let asked = request(&alice, &node.blog(), &pack);
        alice.deliver(&node.inbox(), &asked).await;
        let authorization = answer_to(&alice, &asked["id"]).await.activity["result"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut inner = asked.clone();
        inner.as_object_mut().unwrap().remove("@context");
        if whole {
            inner["id"] = json!(alice.new_id("feature_requests"));
        }
        let undone = if whole { inner } else { asked["id"].clone() };
        alice
            .deliver(&node.inbox(), &alice.activity("Undo", undone))
            .await;
        assert_eq!(standing(&authorization).await, 404, "{whole}");
    }
    // The admin leaves a collection, which can't add the publication again.
    let authorization = admitted(&pack).await;
    node.admin(&["features", "revoke", &pack, "--yes"]).await;
    for peer in [&peer, &home] {
        let delete = peer.wait_for("Delete").await;
        delete.verified.unwrap();
        assert_eq!(
            (&delete.activity["object"], &delete.activity["actor"]),
            (&json!(authorization), &json!(node.blog()))
        );
    }
    assert_eq!(standing(&authorization).await, 410);
    assert_eq!(
        ask(&node, &alice, &node.blog(), &pack).await.activity["type"],
        "Reject"
    );
    alice
        .deliver(&node.inbox(), &alice.activity("Delete", json!(pack)))
        .await;
    assert_eq!(
        ask(&node, &alice, &node.blog(), &pack).await.activity["type"],
        "Reject"
    );
    for (text, sentence) in [
        (pack.as_str(), "already revoked"),
        ("4711", "no such collection: 4711"),
    ] {
        let output = node.cli(&["features", "revoke", text, "--yes"]).await;
        assert!(
            String::from_utf8(output.stderr).unwrap().contains(sentence),
            "{text}"
        );
    }
    // A blocked actor gets no authorization, and its former ones are void.
    let other = collection(&alice, "Two");
    let authorization = admitted(&other).await;
    node.admin(&["block", "add", &alice.id]).await;
    assert_eq!(standing(&authorization).await, 410);
    let third = collection(&alice, "Three");
    assert_eq!(
        alice
            .send(&node.inbox(), &request(&alice, &node.blog(), &third))
            .await
            .status,
        403
    );
    // The personal data are exported and erased.
    node.admin(&["block", "remove", &alice.id]).await;
    let kept: Value =
        serde_json::from_str(&node.admin(&["export", "person", &alice.id]).await).unwrap();
    assert_eq!(kept["features"].as_array().unwrap().len(), 2);
    node.admin(&["actor", "erase", &alice.id, "--yes"]).await;
    assert!(list(&node).await.is_empty());
}

#[apply(both_databases)]
async fn the_configuration_decides_who_may(#[case] database: Database) {
    let node = TestNode::start_with(
        database,
        "[site]\ncan_feature = \"followers\"\n[comments]\nguests = \"open\"\n",
    )
    .await;
    let peer = Peer::start("peer").await;
    let (friend, stranger) = (peer.actor("friend").await, peer.actor("stranger").await);
    friend.follow(&node.inbox(), &node.blog()).await;
    assert_eq!(
        can_feature(&node, &node.blog()).await,
        json!([format!("{}/followers", node.blog())])
    );
    for (actor, answer) in [(&stranger, "Reject"), (&friend, "Accept")] {
        let given = ask(&node, actor, &node.blog(), &collection(actor, "Pack"))
            .await
            .activity;
        assert_eq!(
            (&given["type"], given.get("result").is_some()),
            (&json!(answer), answer == "Accept")
        );
    }
    let mut node = node;
    node.stop().await;
    let text = std::fs::read_to_string(&node.config_file).unwrap();
    std::fs::write(
        &node.config_file,
        text.replace("\"followers\"", "\"nobody\""),
    )
    .unwrap();
    node.restart().await;
    assert_eq!(can_feature(&node, &node.blog()).await, json!([node.blog()]));
    let update = peer.wait_for("Update").await.activity;
    assert_eq!(
        update["object"]["interactionPolicy"]["canFeature"]["automaticApproval"],
        json!([node.blog()])
    );
    assert_eq!(
        ask(&node, &friend, &node.blog(), &collection(&friend, "New"))
            .await
            .activity["type"],
        "Reject"
    );
}
