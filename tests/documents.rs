//! The documents of actors, articles and activities, and the pages beside them at the same addresses.

use crate::support::{
    Database, Peer, Response, TestNode, both_databases, eventually, peer::PUBLIC,
};
use rstest_reuse::apply;
use serde_json::{Value, json};

const ACTIVITY: &str = "application/activity+json";

/// Returns a page without the token of its form, which has the time.
fn without_token(page: &str) -> String {
    match page.split_once("name=\"token\" value=\"") {
        Some((before, after)) => before.to_owned() + after.split_once('"').unwrap().1,
        None => page.to_owned(),
    }
}

/// Returns whether the response varies by `Accept`.
fn varies_by_accept(answer: &Response) -> bool {
    let values = answer.headers.get_all("vary").iter();
    let names: Vec<&str> = values
        .flat_map(|value| value.to_str().unwrap().split(','))
        .collect();
    names
        .iter()
        .any(|name| name.trim().eq_ignore_ascii_case("accept"))
}

async fn wait_for_document(node: &TestNode, id: &str) -> Value {
    eventually(&format!("{id} can be fetched"), || async {
        let response = node.document(id).await;
        (response.status == 200).then(|| response.json())
    })
    .await
}

#[apply(both_databases)]
async fn the_publications_actor_says_all_that_servers_ask_for(#[case] database: Database) {
    let node = TestNode::start_with(database, "[site]\nname = \"The <Reader>\"\nsummary = \"Essays on *books*.\"\nactor_type = \"Group\"\n").await;
    let response = node.document(&node.blog()).await;
    assert_eq!(response.header("content-type"), ACTIVITY);
    assert!(!response.text.contains("PRIVATE"));
    let actor = response.json();
    let context = actor["@context"].as_array().unwrap();
    for known in [
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/v1",
    ] {
        assert!(context.contains(&json!(known)), "{known}");
    }
    let host = node.origin.strip_prefix("http://").unwrap();
    let part = |name: &str| json!(format!("{}/{name}", node.blog()));
    for (field, value) in [
        ("id", json!(node.blog())),
        ("type", json!("Group")),
        ("preferredUsername", json!("blog")),
        ("webfinger", json!(format!("blog@{host}"))),
        ("name", json!("The <Reader>")),
        ("summary", json!("<p>Essays on <em>books</em>.</p>")),
        ("url", json!(node.url("/"))),
        ("inbox", part("inbox")),
        ("outbox", part("outbox")),
        ("followers", part("followers")),
        ("following", part("following")),
        ("featured", part("featured")),
        ("featuredTags", part("tags")),
        ("endpoints", json!({"sharedInbox": node.inbox()})),
        ("attributionDomains", json!([host])),
        ("manuallyApprovesFollowers", json!(false)),
        ("discoverable", json!(true)),
        ("indexable", json!(true)),
    ] {
        assert_eq!(trimmed(&actor[field]), value, "{field}");
    }
    let key = &actor["publicKey"];
    assert_eq!(key["id"], format!("{}#main-key", node.blog()));
    assert_eq!(key["owner"], node.blog());
    assert!(
        key["publicKeyPem"]
            .as_str()
            .unwrap()
            .starts_with("-----BEGIN PUBLIC KEY-----\n")
    );
    let method = &actor["assertionMethod"][0];
    assert_eq!(method["type"], "Multikey");
    assert_eq!(method["controller"], node.blog());
    assert!(
        method["publicKeyMultibase"]
            .as_str()
            .unwrap()
            .starts_with("z6Mk")
    );
    let website = &actor["attachment"][0];
    assert_eq!(website["type"], "PropertyValue");
    assert_eq!(
        website["value"],
        format!("<a href=\"{0}\" rel=\"me\">{0}</a>", node.url("/"))
    );
    assert!(chrono::DateTime::parse_from_rfc3339(actor["published"].as_str().unwrap()).is_ok());
    for field in [
        "outbox",
        "followers",
        "following",
        "featured",
        "featuredTags",
    ] {
        let id = actor[field].as_str().unwrap();
        assert_eq!(node.document(id).await.json()["id"], id, "{field}");
    }
}

fn trimmed(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.trim()),
        other => other.clone(),
    }
}

#[apply(both_databases)]
async fn the_instance_actor_can_be_fetched_by_servers_that_check_our_fetches(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let id = node.url("/actor");
    let actor = node.document(&id).await.json();
    assert_eq!(actor["id"], id);
    assert_eq!(actor["type"], "Application");
    assert_eq!(actor["publicKey"]["id"], format!("{id}#main-key"));
    assert_eq!(actor["publicKey"]["owner"], id);
    assert_eq!(
        actor["preferredUsername"],
        node.origin.strip_prefix("http://").unwrap()
    );
    let outbox = actor["outbox"].as_str().unwrap();
    assert_eq!(node.document(outbox).await.json()["totalItems"], 0);
    // An inbox takes only POST.
    assert_eq!(
        node.document(actor["inbox"].as_str().unwrap()).await.status,
        405
    );
}

#[apply(both_databases)]
async fn an_authors_article_is_theirs_and_boosted_by_the_publication(#[case] database: Database) {
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
    let ana = node.url("/users/ana");
    let actor = wait_for_document(&node, &ana).await;
    assert_eq!(actor["type"], "Person");
    assert_eq!(actor["name"], "Ana");
    assert_eq!(trimmed(&actor["summary"]), "<p>Writes.</p>");
    assert_eq!(actor["url"], node.url("/authors/ana"));
    assert_ne!(
        actor["publicKey"]["publicKeyPem"],
        node.document(&node.blog()).await.json()["publicKey"]["publicKeyPem"]
    );

    let (of_ana, of_site) = (
        Peer::start("ana-follower").await,
        Peer::start("site-follower").await,
    );
    of_ana
        .actor("reader")
        .await
        .follow(&node.inbox(), &ana)
        .await;
    of_site
        .actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let article = node
        .publish("---\ntitle: Hello\nauthor: Ana\n---\nText.\n")
        .await;
    let create = of_ana.wait_for("Create").await;
    assert_eq!(create.verified, Ok(format!("{ana}#main-key")));
    assert_eq!(create.activity["actor"], ana);
    let object = &create.activity["object"];
    assert_eq!(object["attributedTo"], ana);
    assert_eq!(object["to"], json!([PUBLIC]));
    assert_eq!(
        object["cc"],
        json!([
            format!("{ana}/followers"),
            format!("{}/followers", node.blog())
        ])
    );
    let announce = of_site.wait_for("Announce").await;
    assert_eq!(announce.verified, Ok(format!("{}#main-key", node.blog())));
    assert_eq!(announce.activity["actor"], node.blog());
    assert_eq!(announce.activity["object"], article.id);
    assert_eq!(announce.activity["published"], object["published"]);
    assert_eq!(of_site.wait_for("Create").await.activity, create.activity);
    assert!(of_ana.received_of("Announce").is_empty());
    for (outbox, kind) in [
        (node.url("/users/blog/outbox"), "Announce"),
        (format!("{ana}/outbox"), "Create"),
    ] {
        let page = node.document(&format!("{outbox}?page=first")).await.json();
        assert_eq!(page["orderedItems"][0]["type"], kind, "{outbox}");
    }
}

#[apply(both_databases)]
async fn one_address_answers_servers_and_readers(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    for (accept, form) in [
        ("application/activity+json", ACTIVITY),
        (
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
            ACTIVITY,
        ),
        ("text/html;q=0.5, application/activity+json", ACTIVITY),
        ("application/ld+json, text/html;q=0.9, */*;q=0.1", ACTIVITY),
        ("text/html", "text/html; charset=utf-8"),
        (
            "text/html, application/activity+json;q=0.9",
            "text/html; charset=utf-8",
        ),
        ("*/*", "text/html; charset=utf-8"),
        ("application/activity+json;q=0", "text/html; charset=utf-8"),
    ] {
        let response = node.get_as(&article.url, accept).await;
        assert_eq!(response.status, 200, "{accept}");
        assert_eq!(response.header("content-type"), form, "{accept}");
        assert!(varies_by_accept(&response), "{accept}");
    }
    assert_eq!(node.document(&article.url).await.json()["id"], article.id);
    for (target, accept, status, location) in [
        (&article.id, "text/html", 303, &article.url),
        (&node.blog(), "text/html", 303, &node.url("/")),
        (&node.url("/"), ACTIVITY, 303, &node.blog()),
        (
            &node.url(&format!("/1999/01/{}", article.slug)),
            ACTIVITY,
            308,
            &article.url,
        ),
        (
            &node.url(&format!("/1999/01/{}", article.slug)),
            "text/html",
            308,
            &article.url,
        ),
    ] {
        let response = node.get_as(target, accept).await;
        assert_eq!(
            (response.status, response.header("location")),
            (status, location.as_str()),
            "{target} as {accept}"
        );
        assert!(
            status == 308 || varies_by_accept(&response),
            "{target} as {accept}"
        );
    }
    for accept in [ACTIVITY, "text/html"] {
        let response = node.get_as("/2020/01/nothing", accept).await;
        assert_eq!(response.status, 404, "{accept}");
        assert!(varies_by_accept(&response), "{accept}");
    }
}

#[apply(both_databases)]
async fn what_did_not_change_is_not_sent_again(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let outbox = node.url("/users/blog/outbox?page=first");
    let create = node.document(&outbox).await.json()["orderedItems"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let webfinger = node.url(&format!("/.well-known/webfinger?resource={}", node.blog()));
    for (target, accept) in [
        (&article.id, ACTIVITY),
        (&article.url, ACTIVITY),
        (&article.url, "text/html"),
        (&node.blog(), ACTIVITY),
        (&node.url("/actor"), ACTIVITY),
        (&node.url("/"), "text/html"),
        (&node.url("/feed.atom"), "*/*"),
        (&outbox, ACTIVITY),
        (&format!("{}/replies", article.id), ACTIVITY),
        (&create, ACTIVITY),
        (&webfinger, "*/*"),
        (&node.url("/.well-known/nodeinfo"), "*/*"),
        (&node.url("/nodeinfo/2.1"), "*/*"),
        (&node.url("/.well-known/host-meta"), "*/*"),
    ] {
        let first = node.get_as(target, accept).await;
        assert_eq!(first.status, 200, "{target}");
        let tag = first.header("etag");
        assert!(!tag.is_empty(), "{target}");
        for known in [tag.to_owned(), format!("\"other\", W/{tag}")] {
            let again = node
                .get_with(target, &[("accept", accept), ("if-none-match", &known)])
                .await;
            assert_eq!(
                (again.status, again.text.as_str()),
                (304, ""),
                "{target} {known}"
            );
            assert_eq!(again.header("etag"), tag, "{target}");
        }
        let other = node
            .get_with(
                target,
                &[("accept", accept), ("if-none-match", "\"other\"")],
            )
            .await;
        assert_eq!(
            (other.status, without_token(&other.text)),
            (200, without_token(&first.text)),
            "{target}"
        );
    }
    let old = node.document(&article.id).await;
    let file = node.file(
        "edited.md",
        "---\ntitle: On reading slowly\n---\nAnother text.\n",
    );
    node.admin(&["post", "edit", &article.slug, &file]).await;
    let new = node
        .get_with(
            &article.id,
            &[("accept", ACTIVITY), ("if-none-match", old.header("etag"))],
        )
        .await;
    assert_eq!(new.status, 200);
    assert_ne!(new.header("etag"), old.header("etag"));
}

#[apply(both_databases)]
async fn each_page_names_its_document(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.admin(&["author", "add", "ana", "--name", "Ana", "--federated"])
        .await;
    wait_for_document(&node, &node.url("/users/ana")).await;
    let article = node.publish_any().await;
    for (page, document) in [
        (&article.url, &article.id),
        (&node.url("/"), &node.blog()),
        (&node.url("/authors/ana"), &node.url("/users/ana")),
    ] {
        let response = node.page(page).await;
        assert_eq!(
            response.header("link"),
            format!("<{document}>; rel=\"alternate\"; type=\"{ACTIVITY}\""),
            "{page}"
        );
        let element = format!("<link rel=\"alternate\" type=\"{ACTIVITY}\" href=\"{document}\">");
        assert!(response.text.contains(&element), "{page}");
        assert_eq!(
            node.document(document).await.json()["id"],
            document.as_str(),
            "{page}"
        );
    }
    let article_page = node.page(&article.url).await.text;
    assert!(
        article_page.contains("<meta name=\"fediverse:creator\" content=\"@blog@"),
        "{article_page}"
    );
}

#[apply(both_databases)]
async fn what_was_withdrawn_is_gone_and_leaves_a_tombstone(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("follower").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let article = node
        .publish("---\ntitle: Hello\n---\nA word to regret.\n")
        .await;
    let create = peer.wait_for("Create").await.activity["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(node.document(&create).await.status, 200);
    node.admin(&["post", "unpublish", &article.slug, "--yes"])
        .await;
    let delete = peer.wait_for("Delete").await;
    assert_eq!(delete.activity["to"], json!([PUBLIC]));
    for target in [&article.id, &article.url] {
        let response = node.document(target).await;
        assert_eq!(response.status, 410, "{target}");
        assert_eq!(response.header("content-type"), ACTIVITY, "{target}");
        assert!(varies_by_accept(&response), "{target}");
        let tombstone = response.json();
        assert_eq!(tombstone["id"], article.id, "{target}");
        assert_eq!(tombstone["type"], "Tombstone", "{target}");
        assert_eq!(tombstone["formerType"], "Article", "{target}");
        assert_eq!(
            tombstone["deleted"], delete.activity["object"]["deleted"],
            "{target}"
        );
        let page = node.page(target).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (410, "text/html; charset=utf-8"),
            "{target}"
        );
        assert!(!page.text.contains("regret"), "{target}");
    }
    let old = node.document(&create).await;
    assert_eq!(old.status, 410);
    assert!(!old.text.contains("regret"));
    assert_eq!(
        node.document(delete.activity["id"].as_str().unwrap())
            .await
            .json(),
        delete.activity
    );

    let draft = node.file("draft.md", "---\ntitle: A draft\n---\nNot yet.\n");
    let draft = node.admin_json(&["post", "draft", &draft]).await;
    for name in ["id", "url"] {
        let target = draft[name].as_str().unwrap();
        assert_eq!(node.document(target).await.status, 404, "{target}");
        assert_eq!(node.page(target).await.status, 404, "{target}");
    }
}

#[apply(both_databases)]
async fn public_activities_can_be_fetched_as_they_were_sent(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let peer = Peer::start("follower").await;
    peer.actor("reader")
        .await
        .follow(&node.inbox(), &node.blog())
        .await;
    let article = node.publish("---\ntitle: Hello\n---\nFirst.\n").await;
    let create = peer.wait_for("Create").await.activity;
    let file = node.file("edited.md", "---\ntitle: Hello\n---\nSecond.\n");
    node.admin(&["post", "edit", &article.slug, &file]).await;
    let update = peer.wait_for("Update").await.activity;
    for activity in [&create, &update] {
        assert_eq!(
            &node.document(activity["id"].as_str().unwrap()).await.json(),
            activity
        );
        for field in ["to", "cc", "published"] {
            assert_eq!(activity[field], activity["object"][field], "{field}");
        }
    }
    // The document equals the activity, except for its counters.
    let document = node.document(&article.id).await.json();
    for (field, sent) in update["object"].as_object().unwrap() {
        match field.as_str() {
            "likes" | "shares" => assert_eq!(&document[field]["id"], sent, "{field}"),
            _ => assert_eq!(&document[field], sent, "{field}"),
        }
    }
    let accept = peer.wait_for("Accept").await.activity;
    assert_eq!(
        node.document(accept["id"].as_str().unwrap()).await.status,
        404
    );
    assert_eq!(node.document("/activities/unknown").await.status, 404);
}
