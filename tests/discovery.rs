//! How other servers find the node and its actors: WebFinger, NodeInfo, host-meta.

use crate::support::{Database, Response, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::{Value, json};

async fn webfinger(node: &TestNode, resource: &str) -> Response {
    let encoded: String = url::form_urlencoded::byte_serialize(resource.as_bytes()).collect();
    node.get_as(
        &format!("/.well-known/webfinger?resource={encoded}"),
        "application/jrd+json",
    )
    .await
}

/// Returns the link with a relation.
fn link<'a>(document: &'a Value, rel: &str) -> &'a Value {
    let links = document["links"].as_array().unwrap();
    let found = links.iter().find(|link| link["rel"] == rel);
    found.unwrap_or_else(|| panic!("no {rel} in {document}"))
}

fn host(node: &TestNode) -> &str {
    node.origin.strip_prefix("http://").unwrap()
}

#[apply(both_databases)]
async fn the_publication_is_found_by_each_of_its_names(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let host = host(&node);
    for resource in [
        format!("acct:blog@{host}"),
        format!("acct:@blog@{host}"),
        format!("acct:BLOG@{}", host.to_uppercase()),
        node.blog(),
        node.url("/"),
        node.origin.clone(),
    ] {
        let answer = webfinger(&node, &resource).await;
        assert_eq!(answer.status, 200, "{resource}");
        assert_eq!(
            answer.header("content-type"),
            "application/jrd+json",
            "{resource}"
        );
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "*",
            "{resource}"
        );
        let found = answer.json();
        assert_eq!(found["subject"], format!("acct:blog@{host}"), "{resource}");
        assert_eq!(
            found["aliases"],
            json!([node.blog(), node.url("/")]),
            "{resource}"
        );
        let own = link(&found, "self");
        assert_eq!(own["type"], "application/activity+json", "{resource}");
        assert_eq!(own["href"], node.blog(), "{resource}");
        let page = link(&found, "http://webfinger.net/rel/profile-page");
        assert_eq!(page["type"], "text/html", "{resource}");
        assert_eq!(page["href"], node.url("/"), "{resource}");
    }
}

#[apply(both_databases)]
async fn a_name_that_is_not_ours_is_not_found(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let host = host(&node);
    for resource in [
        format!("acct:nobody@{host}"),
        "acct:blog@elsewhere.example".into(),
        "acct:blog".into(),
        format!("acct:@{host}"),
        format!("acct:instance.actor@{host}"),
        node.url("/users/nobody"),
        node.url("/authors/nobody"),
        "https://elsewhere.example/users/blog".into(),
        "blog".into(),
    ] {
        let answer = webfinger(&node, &resource).await;
        assert_eq!(answer.status, 404, "{resource}");
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{resource}"
        );
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "*",
            "{resource}"
        );
    }
    for question in ["", "?resource=", "?rel=self"] {
        let answer = node
            .document(&format!("/.well-known/webfinger{question}"))
            .await;
        assert_eq!(answer.status, 400, "{question:?}");
    }
}

#[apply(both_databases)]
async fn an_author_is_found_by_handle_actor_and_page(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.admin(&["author", "add", "ana", "--name", "Ana", "--federated"])
        .await;
    node.admin(&["author", "add", "guest", "--name", "A Guest"])
        .await;
    let host = host(&node);
    let actor = node.url("/users/ana");
    eventually("the author has an actor", || async {
        (node.document(&actor).await.status == 200).then_some(())
    })
    .await;
    for resource in [
        format!("acct:ana@{host}"),
        actor.clone(),
        node.url("/authors/ana"),
    ] {
        let found = webfinger(&node, &resource).await;
        assert_eq!(found.status, 200, "{resource}");
        assert_eq!(link(&found.json(), "self")["href"], actor, "{resource}");
    }
    assert_eq!(
        webfinger(&node, &format!("acct:guest@{host}")).await.status,
        404
    );
    assert_eq!(node.document("/users/guest").await.status, 404);
}

#[apply(both_databases)]
async fn nodeinfo_says_what_runs_here(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.publish_any().await;
    let links = node
        .get_as("/.well-known/nodeinfo", "application/json")
        .await
        .json();
    let schema = "http://nodeinfo.diaspora.software/ns/schema/2.1";
    let response = node
        .get_as(
            link(&links, schema)["href"].as_str().unwrap(),
            "application/json",
        )
        .await;
    assert_eq!(
        response.header("content-type"),
        format!("application/json; profile=\"{schema}#\"")
    );
    let info = response.json();
    assert_eq!(info["version"], "2.1");
    assert_eq!(info["software"]["name"], "pamphlet");
    assert_eq!(info["software"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(info["protocols"], json!(["activitypub"]));
    assert_eq!(info["openRegistrations"], false);
    assert_eq!(
        info["usage"]["users"],
        json!({"total": 1, "activeMonth": 1, "activeHalfyear": 1})
    );
    assert_eq!(info["usage"]["localPosts"], 1);
    assert!(info["services"]["inbound"].is_array() && info["services"]["outbound"].is_array());
    let application = link(&links, "https://www.w3.org/ns/activitystreams#Application")["href"]
        .as_str()
        .unwrap();
    assert_eq!(
        node.document(application).await.json()["type"],
        "Application"
    );
}

#[apply(both_databases)]
async fn host_meta_names_webfinger(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let response = node.get_as("/.well-known/host-meta", "*/*").await;
    assert_eq!(response.status, 200);
    assert_eq!(
        response.header("content-type"),
        "application/xrd+xml; charset=utf-8"
    );
    let (_, rest) = response.text.split_once("template=\"").unwrap();
    let (template, _) = rest.split_once('"').unwrap();
    let found = node
        .get_as(&template.replace("{uri}", &node.blog()), "*/*")
        .await;
    assert_eq!(found.json()["aliases"][0], node.blog());
}

#[apply(both_databases)]
async fn a_handle_on_another_domain_is_found_there_and_here(#[case] database: Database) {
    let node = TestNode::start_with(database, "domain = \"publication.example\"\n").await;
    let host = host(&node);
    for resource in [
        "acct:blog@publication.example".to_owned(),
        format!("acct:blog@{host}"),
        node.blog(),
    ] {
        let found = webfinger(&node, &resource).await;
        assert_eq!(found.status, 200, "{resource}");
        assert_eq!(
            found.json()["subject"],
            "acct:blog@publication.example",
            "{resource}"
        );
        assert_eq!(
            link(&found.json(), "self")["href"],
            node.blog(),
            "{resource}"
        );
    }
    let actor = node.document(&node.blog()).await.json();
    assert_eq!(actor["id"], node.blog());
    assert_eq!(actor["webfinger"], "blog@publication.example");
    assert!(
        node.page("/")
            .await
            .text
            .contains("@blog@publication.example")
    );
    let instance = webfinger(&node, "acct:publication.example@publication.example")
        .await
        .json();
    assert_eq!(
        instance["subject"],
        "acct:publication.example@publication.example"
    );
    assert_eq!(link(&instance, "self")["href"], node.url("/actor"));
}
