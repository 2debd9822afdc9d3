//! Secure mode: documents for servers that say who they are; pages for everyone.

use crate::support::{
    Database, Peer, SignedGet, TestNode, both_databases, eventually, peer::any_key, sql,
};
use chrono::{TimeDelta, Utc};
use pamphlet::crypto::signatures::Style;
use rstest_reuse::apply;

const ACTIVITY: &str = "application/activity+json";
const SECURE: &str = "[federation]\nauthorized_fetch = true\n";

#[apply(both_databases)]
async fn documents_are_for_those_who_sign(#[case] database: Database) {
    let node = TestNode::start_with(database, SECURE).await;
    let article = node
        .publish("---\ntitle: For all who read\ntags: [books]\n---\nText.\n")
        .await;
    let peer = Peer::start("reader").await;
    let actor = peer.actor("instance").await;
    let uid = article.id.rsplit('/').next().unwrap();
    let activity = eventually("the outbox has it", || async {
        let outbox = SignedGet::by(&actor)
            .of(&node, &node.url("/users/blog/outbox?page=first"))
            .await
            .json();
        outbox["orderedItems"][0]["id"].as_str().map(str::to_owned)
    })
    .await;
    for document in [
        "/users/blog".to_owned(),
        "/users/blog/outbox".into(),
        "/users/blog/outbox?page=first".into(),
        "/users/blog/followers".into(),
        "/users/blog/following".into(),
        "/users/blog/featured".into(),
        article.id.clone(),
        article.url.clone(),
        format!("/articles/{uid}/replies"),
        format!("/articles/{uid}/context"),
        format!("/articles/{uid}/likes"),
        activity,
    ] {
        let url = if document.starts_with('/') {
            node.url(&document)
        } else {
            document
        };
        let unsigned = node.document(&url).await;
        assert_eq!(unsigned.status, 401, "{url}: {}", unsigned.text);
        assert_eq!(unsigned.header("content-type"), "application/problem+json");
        assert!(
            unsigned
                .header("www-authenticate")
                .starts_with("Signature ")
        );
        // A document without a page is not open to requests for a page either.
        let as_reader = node.page(&url).await;
        assert_ne!(as_reader.header("content-type"), ACTIVITY, "{url}");
        for style in [Style::Cavage, Style::Rfc9421] {
            let signed = SignedGet {
                style,
                ..SignedGet::by(&actor)
            }
            .of(&node, &url)
            .await;
            assert_eq!(
                (signed.status, signed.header("content-type")),
                (200, ACTIVITY),
                "{url}: {}",
                signed.text
            );
            assert!(
                signed.header("cache-control").starts_with("private"),
                "{url}"
            );
        }
    }
    assert_eq!(
        peer.get_count("/users/instance"),
        1,
        "its key is asked for once"
    );
    for open in [
        "/",
        article.url.as_str(),
        "/tags/books",
        "/feed.atom",
        "/nodeinfo/2.1",
        "/.well-known/nodeinfo",
        "/.well-known/host-meta",
    ] {
        assert_eq!(node.page(open).await.status, 200, "{open}");
    }
    let finger = format!("/.well-known/webfinger?resource={}", node.blog());
    assert_eq!(node.document(&finger).await.status, 200);
    assert_eq!(
        node.document("/actor").await.json()["publicKey"]["owner"],
        node.url("/actor")
    );
    assert_eq!(node.document("/articles/nothing").await.status, 404);
}

#[apply(both_databases)]
async fn a_signature_must_be_right(#[case] database: Database) {
    let node = TestNode::start_with(database, SECURE).await;
    let (peer, silent) = (Peer::start("reader").await, Peer::start("silent").await);
    let actor = peer.actor("instance").await;
    let url = node.blog();
    let other_key = (0..4)
        .map(any_key)
        .find(|key| key.public() != actor.key.public())
        .unwrap();
    let nowhere = silent.url("/users/nobody#main-key");
    let own = format!("{}#main-key", node.blog());
    let ago = |hours| Utc::now() - TimeDelta::hours(hours);
    for (name, status, get) in [
        ("right", 200, SignedGet::by(&actor)),
        (
            "by another key",
            401,
            SignedGet {
                key: other_key,
                ..SignedGet::by(&actor)
            },
        ),
        (
            "for another path",
            401,
            SignedGet {
                signed_url: Some(node.url("/users/other")),
                ..SignedGet::by(&actor)
            },
        ),
        (
            "for another query",
            401,
            SignedGet {
                signed_url: Some(format!("{url}?page=1")),
                ..SignedGet::by(&actor)
            },
        ),
        (
            "too old",
            401,
            SignedGet {
                at: ago(13),
                ..SignedGet::by(&actor)
            },
        ),
        (
            "of the future",
            401,
            SignedGet {
                at: ago(-2),
                ..SignedGet::by(&actor)
            },
        ),
        (
            "with a key that is nowhere",
            401,
            SignedGet {
                key_id: &nowhere,
                ..SignedGet::by(&actor)
            },
        ),
        (
            "with a key of ours",
            403,
            SignedGet {
                key_id: &own,
                ..SignedGet::by(&actor)
            },
        ),
    ] {
        let answer = get.of(&node, &url).await;
        let is_again = status == 401 && answer.text.contains("was fetched just now");
        assert!(
            answer.status == status || is_again,
            "{name}: {} {}",
            answer.status,
            answer.text
        );
    }
    let garbage = node
        .get_with(&url, &[("accept", ACTIVITY), ("signature", "garbage")])
        .await;
    assert_eq!(garbage.status, 400, "{}", garbage.text);
    // A failed fetch is attempted once; the document may be there by the next time.
    for _ in 0..5 {
        assert_eq!(
            SignedGet {
                key_id: &nowhere,
                ..SignedGet::by(&actor)
            }
            .of(&node, &url)
            .await
            .status,
            503
        );
    }
    assert_eq!(silent.get_count("/users/nobody"), 1);
}

// NodeBB signs this way, and Mastodon accepts it.
#[apply(both_databases)]
async fn what_is_fetched_may_be_signed_without_its_query(#[case] database: Database) {
    let node = TestNode::start_with(database, SECURE).await;
    let actor = Peer::start("nodebb").await.actor("instance").await;
    let outbox = node.url("/users/blog/outbox");
    let page = format!("{outbox}?page=first");
    for (signed, status) in [
        (outbox.clone(), 200),
        (page.clone(), 200),
        (format!("{outbox}?page=last"), 401),
        (node.url("/users/blog/followers"), 503),
    ] {
        let get = SignedGet {
            signed_url: Some(signed.clone()),
            ..SignedGet::by(&actor)
        };
        let answer = get.of(&node, &page).await;
        assert_eq!(answer.status, status, "{signed}: {}", answer.text);
    }
    assert_eq!(
        actor.peer.get_count("/users/instance"),
        2,
        "once, and once more for what did not fit"
    );
}

#[apply(both_databases)]
async fn the_blocked_get_nothing_and_are_asked_nothing(#[case] database: Database) {
    let node = TestNode::start_with(database, SECURE).await;
    let mut node = node;
    let (evil, mixed) = (Peer::start("deep.evil").await, Peer::start("mixed").await);
    let outcast = evil.actor("instance").await;
    let (pest, friend) = (mixed.actor("pest").await, mixed.actor("friend").await);
    node.admin(&["block", "add", "evil.localhost"]).await;
    node.admin(&["block", "add", &pest.id]).await;
    for mode in ["secure", "open"] {
        for (who, status) in [(&outcast, 403), (&pest, 403), (&friend, 200)] {
            let answer = SignedGet::by(who).of(&node, &node.blog()).await;
            assert_eq!(answer.status, status, "{mode}, {}: {}", who.id, answer.text);
        }
        assert!(evil.gets().is_empty());
        let text = std::fs::read_to_string(&node.config_file).unwrap();
        std::fs::write(&node.config_file, text.replace(SECURE, "")).unwrap();
        node.restart().await;
    }
    assert_eq!(
        node.document(&node.blog()).await.status,
        200,
        "unsigned, in open mode"
    );
    let garbage = node
        .get_with(
            &node.blog(),
            &[("accept", ACTIVITY), ("signature", "garbage")],
        )
        .await;
    assert_eq!(garbage.status, 200, "in open mode nobody has to sign well");
}

#[apply(both_databases)]
async fn a_closed_federation_is_closed_to_readers_too(#[case] database: Database) {
    let node = TestNode::start_with(database, SECURE).await;
    let mut node = node;
    node.configure("allowed_hosts = [\"member.localhost\"]\n");
    node.restart().await;
    let (member, outside) = (Peer::start("member").await, Peer::start("outside").await);
    let (inside, stranger) = (
        member.actor("instance").await,
        outside.actor("instance").await,
    );
    assert_eq!(
        SignedGet::by(&inside).of(&node, &node.blog()).await.status,
        200
    );
    assert_eq!(
        SignedGet::by(&stranger)
            .of(&node, &node.blog())
            .await
            .status,
        403
    );
    assert!(outside.gets().is_empty());
}

#[apply(both_databases)]
async fn two_secure_servers_understand_each_other(#[case] database: Database) {
    let node = TestNode::start_with(database, SECURE).await;
    let other = TestNode::start_with(Database::Sqlite, SECURE).await;
    let (follower, inbox) = (node.blog(), node.inbox());
    let host = node.origin.strip_prefix("http://").unwrap();
    let follows = format!(
        "INSERT INTO destinations (inbox, host) VALUES ('{inbox}', '{host}');
             INSERT INTO remote_actors (uri, host, kind, username, handle_host, name, inbox, shared_inbox, fetched_at)
                VALUES ('{follower}', '{host}', 'Person', 'blog', '{host}', 'Blog', '{follower}/inbox', '{inbox}', 1);
             INSERT INTO followers (local_actor_id, actor_id, destination_id, follow_uri, created_at)
                VALUES (1, 1, 1, '{follower}/follow', 1);"
    );
    sql::run(&other.database_url, &follows).await;
    other
        .publish("---\ntitle: Between friends\n---\nText.\n")
        .await;
    eventually("the article of the one arrives at the other", || async {
        (node.dropped("post that is not about us").await == 1).then_some(())
    })
    .await;
}
