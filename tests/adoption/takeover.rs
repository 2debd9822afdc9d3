//! A publication of other software goes on here, under its address: with its actors, their keys, followers and posts.

use crate::support::{
    Database, Peer, TestNode, both_databases, eventually,
    peer::{Actor, any_key},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use pamphlet::crypto::keys::PrivateKey;
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::sync::Arc;

/// The other software, with what other servers know of its publication.
struct Former {
    software: &'static str,
    export: &'static str,
    articles: (&'static str, &'static str),
    /// The actor that published, with the user part of its handle.
    actor: &'static str,
    handle: &'static str,
    inbox: &'static str,
    /// The number of the key in the export.
    key: usize,
    /// An article that other servers know, and its page.
    object: &'static str,
    page: &'static str,
    object_type: &'static str,
    followers: i64,
    /// Its description for other servers.
    nodeinfo: &'static str,
}

const WORDPRESS: Former = Former {
    software: "wordpress",
    export: include_str!("../fixtures/adoption/wordpress.jsonl"),
    articles: (
        "export.xml",
        include_str!("../fixtures/adoption/wordpress.xml"),
    ),
    actor: "/?author=1",
    handle: "Ada.Writes",
    inbox: "/wp-json/activitypub/1.0/actors/1/inbox",
    key: 1,
    object: "/?p=12",
    page: "/2025/02/on-trains/",
    object_type: "Note",
    followers: 2,
    nodeinfo: "/wp-json/activitypub/1.0/nodeinfo/2.1",
};

const GHOST: Former = Former {
    software: "ghost",
    export: include_str!("../fixtures/adoption/ghost.jsonl"),
    articles: (
        "export.json",
        include_str!("../fixtures/adoption/ghost.json"),
    ),
    actor: "/.ghost/activitypub/users/index",
    handle: "index",
    inbox: "/.ghost/activitypub/inbox/index",
    key: 0,
    object: "/.ghost/activitypub/article/4b1f3a5e-2c6d-4f00-9a51-0123456789ab",
    page: "/on-trains/",
    object_type: "Article",
    followers: 2,
    nodeinfo: "/.ghost/activitypub/nodeinfo/2.1",
};

const WRITEFREELY: Former = Former {
    software: "writefreely",
    export: include_str!("../fixtures/adoption/writefreely.jsonl"),
    articles: (
        "export.json",
        include_str!("../fixtures/adoption/writefreely.json"),
    ),
    actor: "/api/collections/ink-and-paper",
    handle: "ink-and-paper",
    inbox: "/api/collections/ink-and-paper/inbox",
    key: 0,
    object: "/api/posts/abcdefghij",
    page: "/ink-and-paper/on-trains",
    object_type: "Article",
    followers: 2,
    nodeinfo: "/api/nodeinfo",
};

/// The keys of the other software: two that any test may share, since they are slow to make.
fn keys() -> [Arc<PrivateKey>; 2] {
    [any_key(0), any_key(1)]
}

fn pem(tag: &str, der: &[u8]) -> String {
    format!(
        "-----BEGIN {tag}-----\n{}\n-----END {tag}-----\n",
        STANDARD.encode(der)
    )
}

/// A publication that stopped, its old followers, and this node in its place.
struct Scene {
    node: TestNode,
    readers: Peer,
    fans: Peer,
    first: Actor,
    fan: Actor,
    keys: [Arc<PrivateKey>; 2],
}

impl Scene {
    async fn new(database: Database) -> Self {
        let mut node = TestNode::start(database).await;
        node.stop().await;
        let (readers, fans) = (Peer::start("readers").await, Peer::start("fans").await);
        let (first, fan) = (readers.actor("first").await, fans.actor("fan").await);
        readers.actor("second").await;
        let keys = tokio::task::spawn_blocking(keys).await.unwrap();
        Scene {
            node,
            readers,
            fans,
            first,
            fan,
            keys,
        }
    }

    /// Fills the addresses and keys into a fixture.
    fn fill(&self, text: &str) -> String {
        let mut text = text
            .replace("ORIGIN", self.node.url("").trim_end_matches('/'))
            .replace("READERS", &self.readers.origin)
            .replace("FANS", &self.fans.origin);
        for (number, key) in self.keys.iter().enumerate() {
            let private = json!(pem("PRIVATE KEY", &key.to_pkcs8_der().unwrap())).to_string();
            let public = json!(key.public_key_pem()).to_string();
            text = text
                .replace(&format!("\"KEY {number}\""), &private)
                .replace(&format!("\"PUBLIC {number}\""), &public);
        }
        text
    }

    /// Imports the articles of a publication and adopts its actors. Returns the command's report.
    async fn adopt(&self, former: &Former) -> Value {
        let (name, articles) = former.articles;
        let articles = self.node.file(name, &self.fill(articles));
        let export = self.node.file("actors.jsonl", &self.fill(former.export));
        let arguments = ["import", former.software, &articles, "--actor", &export];
        self.node.admin_json(&arguments).await
    }

    fn key(&self, former: &Former) -> String {
        self.keys[former.key].public_key_pem()
    }
}

async fn goes_on(database: Database, former: &Former) {
    let mut scene = Scene::new(database).await;
    let report = scene.adopt(former).await;
    let adoption = &report["adoption"];
    assert_eq!(
        adoption["followers"],
        former.followers + i64::from(former.key == 1),
        "{report}"
    );
    assert!(!report.to_string().contains("PRIVATE"), "{report}");
    // A second run changes nothing.
    let again = scene.adopt(former).await;
    assert_eq!(again["adoption"]["followers"], 0, "{again}");
    assert_eq!(again["adoption"]["objects"], adoption["objects"]);
    scene.node.restart().await;
    let (node, readers, fans) = (&scene.node, &scene.readers, &scene.fans);
    let (actor, object) = (node.url(former.actor), node.url(former.object));

    // A follower's server that asks gets answers, at the old addresses and with the old key.
    let document = node.document(&actor).await.json();
    assert_eq!(document["id"], actor);
    assert_eq!(document["inbox"], node.url(former.inbox));
    assert_eq!(document["preferredUsername"], former.handle);
    assert_eq!(document["publicKey"]["id"], format!("{actor}#main-key"));
    assert_eq!(document["publicKey"]["publicKeyPem"], scene.key(former));
    let followers = document["followers"].as_str().unwrap().to_owned();
    assert_eq!(
        node.total(followers.strip_prefix(&node.url("")).unwrap())
            .await,
        former.followers
    );
    let domain = node.node.config.domain.clone();
    for user in [former.handle.to_owned(), former.handle.to_lowercase()] {
        let resource = format!("acct%3A{user}%40{}", domain.replace(':', "%3A"));
        let found = node
            .get_as(
                &format!("/.well-known/webfinger?resource={resource}"),
                "application/jrd+json",
            )
            .await;
        assert_eq!(found.status, 200, "{user}");
        let link = found.json()["links"]
            .as_array()
            .unwrap()
            .iter()
            .any(|link| link["rel"] == "self" && link["href"] == actor);
        assert!(link, "{}", found.json());
    }
    assert_eq!(
        node.get_as("/.well-known/nodeinfo", "*/*").await.status,
        200
    );
    let info = node.get_as(former.nodeinfo, "*/*").await;
    let location = info.header("location").to_owned();
    assert!(location.contains("/nodeinfo/2."), "{location}");
    // The node publishes what was imported a moment after its start.
    let note = eventually("the old article has its id", || async {
        let document = node.document(&object).await;
        (document.status == 200).then(|| document.json())
    })
    .await;
    assert_eq!(
        (&note["id"], &note["attributedTo"]),
        (&json!(object), &json!(actor))
    );
    let page = node.page(former.page).await;
    let moved = [200, 301, 308].contains(&page.status);
    assert!(moved, "{}", page.status);
    // Imported articles are announced to nobody.
    assert!(readers.received().is_empty() && fans.received().is_empty());

    // A new article reaches the old followers, signed with the old key.
    let author = if former.key == 1 {
        "author: ada_writes\n"
    } else {
        ""
    };
    let text = format!("---\ntitle: On bicycles\n{author}---\n\nThey need no rails.\n");
    let file = node.file("bicycles.md", &text);
    node.admin(&["post", "publish", &file]).await;
    for peer in [readers, fans] {
        let create = peer.wait_for("Create").await;
        assert_eq!(create.activity["actor"], actor);
        assert_eq!(create.verified, Ok(format!("{actor}#main-key")));
        assert_eq!(create.activity["object"]["attributedTo"], actor);
    }

    // A reply to the old id becomes a comment below the old article.
    let reply = scene
        .first
        .comment(&node.url(former.inbox), &object, "I prefer trains.")
        .await;
    let comment = eventually("the reply is a comment", || async {
        let mut comments = node.comments().await;
        comments.retain(|comment| comment["uri"] == reply["id"] || comment["url"] == reply["id"]);
        comments.pop()
    })
    .await;
    assert!(comment.to_string().contains("on-trains"), "{comment}");

    // An edit of the old article is an Update of the old id, and its end a Delete of it.
    let text = format!("---\ntitle: On slow trains\n{author}---\n\nThey arrive.\n");
    let file = node.file("trains.md", &text);
    node.admin(&["post", "edit", "on-trains", &file]).await;
    for peer in [readers, fans] {
        let update = peer.wait_for("Update").await;
        assert_eq!(update.activity["object"]["id"], object);
        // Servers take an edit only if the type stays.
        assert_eq!(update.activity["object"]["type"], former.object_type);
        assert_eq!(update.verified, Ok(format!("{actor}#main-key")));
    }
    // Nobody had to follow again, and who follows may leave.
    let follow = json!({"id": scene.fan.new_id("follow"), "type": "Follow", "actor": scene.fan.id, "object": actor});
    let undo = scene.fan.activity("Undo", follow);
    scene.fan.deliver(&node.url(former.inbox), &undo).await;
    eventually("the fan has left", || async {
        let path = followers.strip_prefix(&node.url("")).unwrap();
        (node.total(path).await == former.followers - 1).then_some(())
    })
    .await;
    node.admin(&["post", "delete", "on-trains", "--yes"]).await;
    let delete = readers.wait_for("Delete").await;
    let deleted = &delete.activity["object"];
    assert!(
        *deleted == json!(object) || deleted["id"] == json!(object),
        "{delete:?}"
    );
    // A third run, of the actors alone, does not bring back who has left. While the node runs, it is refused.
    let export = node.file("actors.jsonl", &scene.fill(former.export));
    let arguments = ["import", former.software, "--actor", &export];
    let refused = node.cli(&arguments).await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("stop pamphlet serve"));
    scene.node.stop().await;
    // Nor does it bring back a key that was replaced here.
    let username = if former.key == 1 {
        "ada_writes"
    } else {
        "blog"
    };
    let rotate = ["keys", "rotate", "--actor", username, "--yes"];
    scene.node.admin(&rotate).await;
    let third = scene.node.admin_json(&arguments).await;
    assert_eq!(third["adoption"]["followers"], 0, "{third}");
    let rotated = format!(
        "SELECT COUNT(*) FROM local_keys k JOIN local_actors a ON a.id = k.local_actor_id
         WHERE a.uri = '{actor}' AND k.algorithm = 'rsa' AND k.replaced_at IS NULL AND k.name LIKE 'rsa-%'"
    );
    assert_eq!(scene.node.number(&rotated).await, Some(1));
}

#[apply(both_databases)]
async fn a_wordpress_goes_on_with_its_followers(#[case] database: Database) {
    goes_on(database, &WORDPRESS).await;
}

#[apply(both_databases)]
async fn a_ghost_goes_on_with_its_followers(#[case] database: Database) {
    goes_on(database, &GHOST).await;
}

#[apply(both_databases)]
async fn a_writefreely_goes_on_with_its_followers(#[case] database: Database) {
    goes_on(database, &WRITEFREELY).await;
}

/// The articles were imported, and published to nobody, before the actors were adopted.
#[apply(both_databases)]
async fn articles_that_were_served_before_are_their_actors(#[case] database: Database) {
    let mut scene = Scene::new(database).await;
    let (name, articles) = WORDPRESS.articles;
    let articles = scene.node.file(name, &scene.fill(articles));
    scene.node.admin(&["import", "wordpress", &articles]).await;
    scene.node.restart().await;
    eventually("the articles are published", || async {
        let live = "SELECT COUNT(*) FROM publications WHERE state = 'live'";
        (scene.node.number(live).await == Some(2)).then_some(())
    })
    .await;
    scene.node.stop().await;
    // A follower that was blocked in the first run comes in with the second one, if the block has ended.
    scene.node.admin(&["block", "add", &scene.fan.id]).await;
    let first = scene.adopt(&WORDPRESS).await;
    assert_eq!(first["adoption"]["followers"], 2, "{first}");
    scene.node.admin(&["block", "remove", &scene.fan.id]).await;
    let second = scene.adopt(&WORDPRESS).await;
    assert_eq!(second["adoption"]["followers"], 1, "{second}");
    scene.node.restart().await;
    let node = &scene.node;
    let served = node.document(WORDPRESS.object).await.json();
    assert_eq!(served["id"], node.url(WORDPRESS.object));
    assert_eq!(served["attributedTo"], node.url(WORDPRESS.actor));
    assert_eq!(served["type"], WORDPRESS.object_type);
    let own = "SELECT COUNT(*) FROM activities WHERE public AND object_uri LIKE '%/articles/%'";
    assert_eq!(node.number(own).await, Some(0));
    // The handle of a deleted author is gone, in the form that others know.
    node.admin(&["author", "remove", "ada_writes", "--delete-actor", "--yes"])
        .await;
    let domain = node.node.config.domain.replace(':', "%3A");
    let finger = format!("/.well-known/webfinger?resource=acct%3AAda.Writes%40{domain}");
    eventually("the handle is gone", || async {
        let found = node
            .get_with(&finger, &[("cache-control", "no-cache")])
            .await;
        (found.status == 410).then_some(())
    })
    .await;
}

/// Returns the line of a WordPress user in an export.
fn user(number: usize, name: &str) -> String {
    json!({
        "kind": "actor", "key": number.to_string(), "type": "user", "login": name, "handle": name,
        "id": format!("ORIGIN/?author={number}"), "inbox": format!("ORIGIN/inboxes/{number}"),
        "private_key": "KEY 0", "public_key": "PUBLIC 0",
    })
    .to_string()
}

#[apply(both_databases)]
async fn no_two_actors_become_one(#[case] database: Database) {
    let scene = Scene::new(database).await;
    let file = |users: &[String]| {
        let head = WORDPRESS.export.lines().next().unwrap();
        let end = "{\"kind\":\"end\"}";
        let text = format!("{head}\n{}\n{end}\n", users.join("\n"));
        scene.node.file("users.jsonl", &scene.fill(&text))
    };
    for users in [
        [user(1, "Ada"), user(2, "ada")],
        // The publication is @blog.
        [user(1, "ada"), user(2, "Blog")],
    ] {
        let export = file(&users);
        let refused = scene
            .node
            .cli(&["import", "wordpress", "--actor", &export])
            .await;
        let error = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(error.contains("would both be @"), "{error}");
    }
    let actors = "SELECT COUNT(*) FROM local_actors WHERE uri IS NOT NULL";
    assert_eq!(scene.node.number(actors).await, Some(0));

    let export = file(&[user(1, "john.doe"), user(2, "john_doe"), user(3, "***")]);
    let arguments = ["import", "wordpress", "--actor", &export];
    let report = scene.node.admin_json(&arguments).await;
    let usernames: Vec<&Value> = report["adoption"]["actors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|actor| &actor["username"])
        .collect();
    assert_eq!(usernames, ["john_doe", "john_doe_2", "author"]);
    let again = scene.node.admin_json(&arguments).await;
    assert_eq!(again["adoption"]["actors"], report["adoption"]["actors"]);
    let other = [&arguments[..], &["--site-actor", "john.doe"]].concat();
    let refused = scene.node.cli(&other).await;
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(error.contains("in an earlier run"), "{error}");
}
