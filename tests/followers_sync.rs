//! Followers synchronization (FEP-8fcf): servers notice follows and ends of follows that got lost.

use crate::support::{
    Database, Peer, SignedGet, TestNode, both_databases, eventually, peer::Canned,
};
use pamphlet::federation::followers_sync::FollowersDigest;
use rstest_reuse::apply;
use serde_json::{Value, json};

/// Returns a parameter of `Collection-Synchronization`.
fn parameter(header: &str, name: &str) -> String {
    let part = header
        .split(", ")
        .find_map(|part| part.strip_prefix(&format!("{name}=")));
    part.unwrap().trim_matches('"').to_owned()
}

fn digest_of(ids: &[&str]) -> String {
    let mut digest = FollowersDigest::default();
    ids.iter().for_each(|id| digest.add(id));
    digest.to_hex()
}

#[apply(both_databases)]
async fn a_fan_out_says_whom_we_believe_to_follow_on_the_receiving_server(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let (home, other) = (
        Peer::start("sync-home").await,
        Peer::start("sync-other").await,
    );
    let (ana, ben) = (home.actor("ana").await, home.actor("ben").await);
    let cleo = other.actor("cleo").await;
    for actor in [&ana, &ben, &cleo] {
        actor.follow(&node.inbox(), &node.blog()).await;
    }
    node.publish("---\ntitle: News\n---\nText.\n").await;
    let create = home.wait_for("Create").await;
    let header = create.headers["collection-synchronization"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(create.verified.is_ok(), "{:?}", create.verified);
    let covered = create.headers["signature"].to_str().unwrap();
    assert!(
        covered.contains("collection-synchronization"),
        "the signature covers it: {covered}"
    );
    assert_eq!(
        parameter(&header, "collectionId"),
        format!("{}/followers", node.blog())
    );
    assert_eq!(parameter(&header, "digest"), digest_of(&[&ana.id, &ben.id]));
    let accept = home.wait_for("Accept").await;
    assert!(
        !accept.headers.contains_key("collection-synchronization"),
        "only followers are told"
    );

    let url = parameter(&header, "url");
    let list = SignedGet::by(&ana).of(&node, &url).await.json();
    let mut listed: Vec<String> = serde_json::from_value(list["orderedItems"].clone()).unwrap();
    listed.sort();
    assert_eq!(listed, [ana.id.clone(), ben.id.clone()]);
    let list = SignedGet::by(&cleo).of(&node, &url).await.json();
    assert_eq!(list["orderedItems"], json!([cleo.id]));
    assert_eq!(node.document(&url).await.status, 401, "unsigned");
    node.admin(&[
        "block",
        "add",
        &other.url("").replace("http://", "").replace('/', ""),
    ])
    .await;
    assert_eq!(
        SignedGet::by(&cleo).of(&node, &url).await.status,
        403,
        "blocked"
    );

    // One follower leaves: the next fan-out has another digest.
    let undo = ben.activity("Undo", ben.activity("Follow", json!(node.blog())));
    ben.deliver(&node.inbox(), &undo).await;
    let before = home.received_of("Create").len();
    node.publish("---\ntitle: More\n---\nText.\n").await;
    let create = eventually("the next one comes", || async {
        home.received_of("Create").get(before).cloned()
    })
    .await;
    let header = create.headers["collection-synchronization"]
        .to_str()
        .unwrap();
    assert_eq!(parameter(header, "digest"), digest_of(&[&ana.id]));
}

#[apply(both_databases)]
async fn what_another_server_believes_of_our_follows_is_mended(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let home = Peer::start("sync-writer").await;
    let (writer, stranger) = (home.actor("writer").await, home.actor("stranger").await);
    for actor in [&writer, &stranger] {
        actor.serve_with(json!({"followers": format!("{}/followers", actor.id)}));
    }
    node.admin(&["follow", &writer.handle()]).await;
    let follow = home.wait_for("Follow").await.activity;
    writer
        .deliver(&node.inbox(), &writer.activity("Accept", follow))
        .await;
    eventually("we follow", || async {
        (node.total("/users/blog/following").await == 1).then_some(())
    })
    .await;
    let says = |actor: &crate::support::Actor, ids: &[&str]| {
        format!(
            "collectionId=\"{0}/followers\", url=\"{0}/part\", digest=\"{1}\"",
            actor.id,
            digest_of(ids)
        )
    };
    let part = |actor: &crate::support::Actor, items: Value| {
        let path = format!(
            "{}/part",
            actor.id.replace(&home.url(""), "").trim_start_matches('/')
        );
        let list = json!({"id": format!("{}/part", actor.id), "type": "OrderedCollection", "orderedItems": items});
        home.serve(&format!("/{path}"), Canned::document(&list));
        format!("/{path}")
    };
    let post = |actor: &crate::support::Actor| {
        actor.activity("Create", actor.note("https://elsewhere.example/1", "Hi"))
    };
    let blog = node.blog();

    // The digests agree: nobody fetches the list.
    let path = part(&writer, json!([]));
    let send = writer.signed(&node.inbox(), &post(&writer));
    let header = says(&writer, &[&blog]);
    assert_eq!(
        send.header("collection-synchronization", &header)
            .send()
            .await
            .status,
        202
    );

    // Their list has a follow that we never sent: it is undone.
    let other_path = part(&stranger, json!([blog]));
    let send = stranger.signed(&node.inbox(), &post(&stranger));
    let header = says(&stranger, &[&blog]);
    assert_eq!(
        send.header("collection-synchronization", &header)
            .send()
            .await
            .status,
        202
    );
    let undo = home.wait_for("Undo").await.activity;
    assert_eq!(undo["object"]["type"], "Follow");
    assert_eq!(undo["object"]["object"], stranger.id);
    assert_eq!(home.get_count(&other_path), 1);
    assert_eq!(home.get_count(&path), 0, "they agreed");

    // Their list lacks our follow: it is removed here too.
    let send = writer.signed(&node.inbox(), &post(&writer));
    let header = says(&writer, &[]);
    assert_eq!(
        send.header("collection-synchronization", &header)
            .send()
            .await
            .status,
        202
    );
    eventually("the follow is over", || async {
        (node.total("/users/blog/following").await == 0).then_some(())
    })
    .await;

    // A list on another origin is not fetched.
    let elsewhere = Peer::start("sync-elsewhere").await;
    let header = format!(
        "collectionId=\"{}/followers\", url=\"{}\", digest=\"00\"",
        writer.id,
        elsewhere.url("/part")
    );
    let send = writer.signed(&node.inbox(), &post(&writer));
    assert_eq!(
        send.header("collection-synchronization", &header)
            .send()
            .await
            .status,
        202
    );
    assert!(elsewhere.gets().is_empty());
}
