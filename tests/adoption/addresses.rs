//! Ids and addresses that other software gave away are served, understood and written.

use crate::support::{
    Database, Peer, Response, SignedGet, TestNode, both_databases, eventually,
    node::Article,
    peer::{Actor, any_key},
};
use pamphlet::store::ActorAddresses;
use rstest_reuse::apply;
use serde_json::{Value, json};

/// The node's host, in the form of a handle's domain.
fn host(node: &TestNode) -> &str {
    node.origin.strip_prefix("http://").unwrap()
}

/// Gives the publication the addresses of the WordPress plugin's blog actor, and an article the id of its post 12.
async fn adopt(node: &TestNode, article: &Article) {
    let own = |path: &str| Some(node.url(path));
    let rest = "/wp-json/activitypub/1.0";
    let addresses = ActorAddresses {
        uri: own("/?author=0"),
        handle: Some(host(node).to_owned()),
        inbox: own(&format!("{rest}/actors/0/inbox")),
        outbox: own("/?rest_route=/activitypub/1.0/actors/0/outbox"),
        followers: own(&format!("{rest}/actors/0/followers")),
        following: own(&format!("{rest}/actors/0/following")),
        featured: own(&format!("{rest}/actors/0/collections/featured")),
        shared_inbox: own(&format!("{rest}/inbox")),
    };
    let site = node.node.site_id();
    let mut tx = node.node.store.begin().await.unwrap();
    tx.adopt_actor_addresses(site, &addresses).await.unwrap();
    let key = any_key(7).to_pkcs8_der().unwrap();
    tx.replace_local_key(site, "rsa", "main-key", &key)
        .await
        .unwrap();
    let uid = article.id.rsplit('/').next().unwrap();
    tx.set_object_uri(uid, &node.url("/?p=12")).await.unwrap();
    tx.add_address("/hello-world/", &format!("/articles/{uid}"))
        .await
        .unwrap();
    tx.add_address(&format!("{rest}/nodeinfo/2.0"), "/nodeinfo/2.0")
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn webfinger(node: &TestNode, resource: &str) -> Response {
    let encoded: String = url::form_urlencoded::byte_serialize(resource.as_bytes()).collect();
    let target = format!("/.well-known/webfinger?resource={encoded}");
    node.get_with(&target, &[("cache-control", "no-cache")])
        .await
}

/// Sends a reply, and waits until it is a comment on the article.
async fn reply(node: &TestNode, article: &Article, actor: &Actor, inbox: &str, to: &str) {
    let note = actor
        .comment(inbox, to, "<p>I remember this one.</p>")
        .await;
    let id = note["id"].as_str().unwrap().to_owned();
    let replies = node.replies(article).await;
    assert!(replies.contains(&id), "{to}: {replies:?}");
}

#[apply(both_databases)]
async fn an_actor_and_its_posts_stay_what_other_servers_know(#[case] database: Database) {
    let mut node = TestNode::start(database).await;
    let article = node.publish_any().await;
    adopt(&node, &article).await;
    let peer = Peer::start("old").await;
    let follower = peer.actor("friend").await;
    let (id, object) = (node.url("/?author=0"), node.url("/?p=12"));

    // The actor is served at its id, without a redirect, in every spelling and also to signed requests.
    for path in [
        "/?author=0",
        "/index.php?author=0",
        "/?author=0&utm_source=x",
        "/users/blog",
    ] {
        let response = node.document(path).await;
        assert_eq!(response.status, 200, "{path}: {}", response.text);
        assert_eq!(response.json()["id"], id, "{path}");
    }
    let signed = SignedGet::by(&follower).of(&node, &id).await;
    assert_eq!(signed.status, 200, "{}", signed.text);
    let actor = node.document("/?author=0").await.json();
    assert_eq!(actor["preferredUsername"], host(&node));
    assert_eq!(actor["publicKey"]["id"], format!("{id}#main-key"));
    assert_eq!(
        actor["publicKey"]["publicKeyPem"],
        any_key(7).public_key_pem()
    );
    let inbox = actor["inbox"].as_str().unwrap().to_owned();
    assert_eq!(inbox, node.url("/wp-json/activitypub/1.0/actors/0/inbox"));
    let shared = actor["endpoints"]["sharedInbox"].as_str().unwrap();
    let outbox = actor["outbox"].as_str().unwrap();
    for name in [
        "outbox",
        "followers",
        "following",
        "featured",
        "featuredTags",
    ] {
        let collection = actor[name].as_str().unwrap();
        let response = node.document(collection).await;
        assert_eq!(response.json()["id"], collection, "{name}");
    }
    let whole = node.document(outbox).await.json();
    let first = whole["first"].as_str().unwrap();
    assert_eq!(first, format!("{outbox}&page=first"));
    let page = node.document(first).await.json();
    assert_eq!(page["id"], first);
    assert_eq!(page["partOf"], outbox);

    // Readers are led to the pages.
    for (path, page) in [
        ("/?p=12", article.url.as_str()),
        ("/index.php?p=12", &article.url),
        ("/hello-world/?utm_source=x", &article.url),
        ("/?author=0", &node.url("/")),
    ] {
        let response = node.get_as(path, "text/html").await;
        assert_eq!(response.status, 301, "{path}");
        assert_eq!(response.header("location"), page, "{path}");
    }
    assert_eq!(node.page("/?unknown=1").await.status, 200);
    // To a server, an id that nobody knows is not the publication.
    assert_eq!(node.document("/?p=999").await.status, 404);
    assert_eq!(node.document("/").await.status, 303);
    let info = node.page("/wp-json/activitypub/1.0/nodeinfo/2.0").await;
    assert_eq!(info.header("location"), node.url("/nodeinfo/2.0"));
    assert_eq!(node.page("/nodeinfo/2.0").await.json()["version"], "2.0");

    // The handle of old finds the actor; the instance actor has another one.
    let handle = format!("{0}@{0}", host(&node));
    for resource in [
        format!("acct:{handle}"),
        format!("acct:{}", handle.to_uppercase()),
        format!("acct:blog@{}", host(&node)),
        id.clone(),
        node.url("/"),
    ] {
        let found = webfinger(&node, &resource).await.json();
        assert_eq!(found["subject"], format!("acct:{handle}"), "{resource}");
        assert_eq!(found["links"][0]["href"], id, "{resource}");
    }
    let instance = node.document("/actor").await.json();
    let found = webfinger(&node, &format!("acct:instance.actor@{}", host(&node))).await;
    assert_eq!(instance["preferredUsername"], "instance.actor");
    assert_eq!(found.json()["links"][0]["href"], instance["id"]);

    // Activities arrive at the old inboxes and name the old ids.
    let follow = follower.follow(&inbox, &id).await;
    assert_eq!(node.total(actor["followers"].as_str().unwrap()).await, 1);
    reply(&node, &article, &follower, &inbox, &object).await;
    reply(&node, &article, &follower, shared, &format!("{object}&x=y")).await;
    reply(&node, &article, &follower, &node.inbox(), &article.id).await;
    reply(
        &node,
        &article,
        &follower,
        &inbox,
        &node.url("/hello-world"),
    )
    .await;
    let like = follower.activity("Like", json!(object));
    follower.deliver(&inbox, &like).await;
    let served = node.document("/?p=12").await.json();
    assert_eq!(served["id"], object);
    assert_eq!(served["attributedTo"], id);
    assert_eq!(served["cc"], json!([actor["followers"]]));
    assert_eq!(served["likes"]["totalItems"], 1);
    assert_eq!(served["replies"]["totalItems"], 4);
    assert_eq!(node.document(&article.id).await.json()["id"], object);

    // The activity is the old actor's, about the old object, signed with the old key.
    node.sql("UPDATE articles SET title = 'Another title'")
        .await;
    let update = peer.wait_for("Update").await;
    assert_eq!(update.verified, Ok(format!("{id}#main-key")));
    assert_eq!(update.activity["actor"], id);
    assert_eq!(update.activity["object"]["id"], object);
    let undo = follower.activity("Undo", follow);
    follower.deliver(&inbox, &undo).await;
    assert_eq!(node.total(actor["followers"].as_str().unwrap()).await, 0);
    follower.follow(&inbox, &id).await;

    // The id ends with the article. It stays known after a restart.
    node.restart().await;
    node.sql("UPDATE articles SET status = 'draft'").await;
    let delete = peer.wait_for("Delete").await;
    assert_eq!(delete.activity["object"]["id"], object);
    let tombstone = node.document("/?p=12").await;
    assert_eq!(
        (tombstone.status, tombstone.json()["id"].clone()),
        (410, json!(object))
    );
    node.sql("UPDATE articles SET status = 'published'").await;
    let create = peer.wait_for("Create").await;
    let renewed: &Value = &create.activity["object"]["id"];
    assert!(
        renewed.as_str().unwrap().contains("/articles/"),
        "{renewed}"
    );
    assert_eq!(node.document("/?p=12").await.status, 410);
    let reader = node.get_as("/?p=12", "text/html").await;
    assert_eq!(reader.header("location"), article.url);
}

/// Gets a path at another host name.
async fn at(node: &TestNode, host: &str, path: &str, accept: &str) -> Response {
    node.get_with(path, &[("host", host), ("accept", accept)])
        .await
}

#[apply(both_databases)]
async fn a_former_host_leads_here(#[case] database: Database) {
    let mut node = TestNode::start(database).await;
    let (_, port) = node.origin.rsplit_once(':').unwrap();
    let (old, port) = (format!("old.example:{port}"), port.to_owned());
    let mut tx = node.node.store.begin().await.unwrap();
    tx.add_former_host(&old).await.unwrap();
    tx.add_address(&format!("https://{old}/api/collections/x"), "/users/blog")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    node.restart().await;
    let activity = "application/activity+json";
    for path in ["/api/collections/x", "/users/blog"] {
        let response = at(&node, &old, path, activity).await;
        assert_eq!(response.status, 200, "{path}");
        assert_eq!(response.json()["id"], node.blog(), "{path}");
    }
    assert_eq!(node.document("/api/collections/x").await.status, 404);
    let moved = at(&node, &old, "/archive?x=y", "text/html").await;
    assert_eq!(moved.status, 301);
    assert_eq!(moved.header("location"), node.url("/archive?x=y"));
    let found = webfinger(&node, &format!("acct:blog@{old}")).await;
    assert_eq!(found.json()["links"][0]["href"], node.blog());
    // Ids there are ours, whatever the scheme.
    let article = node.publish_any().await;
    let peer = Peer::start("reader").await;
    let reader = peer.actor("reader").await;
    let id = article.id.replace(&format!("localhost:{port}"), &old);
    assert_ne!(id, article.id);
    reply(&node, &article, &reader, &node.inbox(), &id).await;
    eventually("the reply is shown", || async {
        (node.comments().await.len() == 1).then_some(())
    })
    .await;
}
