//! What the servers in use send, each in its own shapes, from the follow to the deletion.

use crate::support::{
    Actor, Database, Peer, TestNode, both_databases, eventually,
    node::Article,
    peer::{Canned, embedded},
};
use rstest_reuse::apply;
use serde_json::Value;

const SENDERS: [(&str, &str); 7] = [
    ("mastodon", include_str!("fixtures/senders/mastodon.json")),
    ("misskey", include_str!("fixtures/senders/misskey.json")),
    ("pleroma", include_str!("fixtures/senders/pleroma.json")),
    (
        "gotosocial",
        include_str!("fixtures/senders/gotosocial.json"),
    ),
    ("lemmy", include_str!("fixtures/senders/lemmy.json")),
    ("peertube", include_str!("fixtures/senders/peertube.json")),
    ("friendica", include_str!("fixtures/senders/friendica.json")),
];

/// Returns a file of `fixtures/senders`, adapted to a peer and an article.
fn read(text: &str, peer: &Peer, node: &TestNode, article: &Article, key: &str) -> Value {
    let key = serde_json::to_string(key).unwrap();
    let text = text
        .replace("https://remote.example", &peer.origin)
        .replace("https://node.example", &node.origin)
        .replace("\"ARTICLE\"", &format!("\"{}\"", article.id))
        .replace("\"PUBLIC KEY\"", &key);
    serde_json::from_str(&text).unwrap()
}

/// Returns the path of an id, without its fragment.
fn path_of(id: &str) -> String {
    url::Url::parse(id).unwrap().path().to_owned()
}

async fn counts(node: &TestNode, article: &Article) -> [i64; 4] {
    [
        node.total(&format!("{}/followers", node.blog())).await,
        node.total(&format!("{}/replies", article.id)).await,
        node.total(&format!("{}/likes", article.id)).await,
        node.total(&format!("{}/shares", article.id)).await,
    ]
}

#[apply(both_databases)]
async fn each_server_s_own_shapes_are_understood(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    for (name, text) in SENDERS {
        let peer = Peer::start(name).await;
        let template = peer.actor("template").await;
        let sender = read(text, &peer, &node, &article, &template.key.public_key_pem());
        let actor = Actor {
            id: sender["actor"]["id"].as_str().unwrap().to_owned(),
            key_id: sender["key"].as_str().unwrap().to_owned(),
            ..template
        };
        peer.serve(&path_of(&actor.id), Canned::document(&sender["actor"]));
        if sender["key document"].is_object() {
            peer.serve(
                &path_of(&actor.key_id),
                Canned::document(&sender["key document"]),
            );
        }
        let [followers, replies, likes, boosts] = counts(&node, &article).await;
        for step in ["follow", "reply", "like", "boost"] {
            if sender[step].is_object() {
                let reply = actor.send(&node.inbox(), &sender[step]).await;
                assert_eq!(reply.status, 202, "{name}: {step}: {}", reply.body);
            }
        }
        let boosted = boosts + i64::from(sender["boost"].is_object());
        assert_eq!(
            counts(&node, &article).await,
            [followers + 1, replies + 1, likes + 1, boosted],
            "{name}"
        );
        let accept = eventually(&format!("{name}: the follow is accepted"), || async {
            peer.received_of("Accept").into_iter().next()
        })
        .await;
        assert_eq!(
            accept.activity["object"],
            embedded(&sender["follow"]),
            "{name}"
        );
        assert_eq!(
            accept.path,
            path_of(
                sender["actor"]["endpoints"]["sharedInbox"]
                    .as_str()
                    .unwrap()
            ),
            "{name}"
        );
        let comment = node.comments().await.remove(0);
        assert!(
            comment["text"].as_str().unwrap().ends_with("Well said."),
            "{name}: {comment}"
        );
        assert_eq!(comment["author"], "A reader", "{name}");
        assert_eq!(
            comment["handle"],
            format!("@reader@{}", peer.authority),
            "{name}"
        );
        for step in ["undo", "delete"] {
            let reply = actor.send(&node.inbox(), &sender[step]).await;
            assert_eq!(reply.status, 202, "{name}: {step}: {}", reply.body);
        }
        assert_eq!(
            counts(&node, &article).await,
            [followers, replies, likes + 1, boosted],
            "{name}"
        );
    }
}
