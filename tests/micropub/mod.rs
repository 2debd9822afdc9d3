//! Micropub: the cases of the test suite micropub.rocks, and what this site adds.

use crate::{
    api::{
        Client,
        media::{FORM, form, picture},
        sent,
    },
    support::{Database, Peer, Response, TestNode, both_databases, eventually},
};
use reqwest::Method;
use rstest_reuse::apply;
use serde_json::{Value, json};

async fn post_form(client: &Client<'_>, fields: &[(&str, &str)]) -> Response {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let request = client
        .request(Method::POST, "/micropub")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.finish());
    sent(request).await
}

async fn post_parts(
    client: &Client<'_>,
    path: &str,
    parts: &[(&str, Option<&str>, &[u8])],
) -> Response {
    let request = client
        .request(Method::POST, path)
        .header("content-type", FORM)
        .body(form(parts));
    sent(request).await
}

/// Asserts that something was created. Returns its address.
#[track_caller]
fn created(response: &Response) -> String {
    assert_eq!(response.status, 201, "{}", response.text);
    let location = response.header("location");
    assert!(location.starts_with("http://"), "{location}");
    location.to_owned()
}

#[track_caller]
fn assert_error(response: &Response, status: u16, name: &str) {
    assert_eq!(response.status, status, "{}", response.text);
    assert_eq!(response.json()["error"], json!(name), "{}", response.text);
    assert!(response.json()["error_description"].is_string());
}

/// Returns the properties of a post.
async fn source(client: &Client<'_>, url: &str) -> Value {
    let query: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
    let response = client.get(&format!("/micropub?q=source&url={query}")).await;
    assert_eq!(response.status, 200, "{}", response.text);
    response.json()["properties"].clone()
}

/// Waits until a post is public, and returns its page.
async fn page(node: &TestNode, url: &str) -> String {
    eventually("the post is public", || async {
        let page = node.page(url).await;
        (page.status == 200).then_some(page.text)
    })
    .await
}

#[apply(both_databases)]
async fn the_cases_of_micropub_rocks_that_create_are_met(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let client = Client::new(&node, "create,media").await;
    // 100, 101, 107: forms.
    let plain = created(&post_form(&client, &[("h", "entry"), ("content", "Form-encoded.")]).await);
    assert!(plain.contains("/notes/"), "{plain}");
    assert!(page(&node, &plain).await.contains("Form-encoded."));
    let tagged = [
        ("h", "entry"),
        ("content", "With tags"),
        ("category[]", "first"),
        ("category[]", "second one"),
    ];
    let tagged = created(&post_form(&client, &tagged).await);
    let text = page(&node, &tagged).await;
    assert!(
        text.contains("first") && text.contains("secondone"),
        "{text}"
    );
    let one = created(&post_form(&client, &[("content", "One tag"), ("category", "alone")]).await);
    assert!(page(&node, &one).await.contains("alone"));
    // 104, 105: pictures by address.
    let photo = "https://photos.example/sunset.jpg";
    let remote = [("h", "entry"), ("content", "A photo"), ("photo", photo)];
    let remote = created(&post_form(&client, &remote).await);
    assert_eq!(source(&client, &remote).await["photo"], json!([photo]));
    // 200 to 206: JSON.
    let entry = |properties: Value| json!({"type": ["h-entry"], "properties": properties});
    let post = async |properties: Value| client.post("/micropub", entry(properties)).await;
    created(&post(json!({"content": ["JSON."]})).await);
    created(&post(json!({"content": ["Tags"], "category": ["a", "b"]})).await);
    let html =
        created(&post(json!({"content": [{"html": "<p>Some <b>bold</b> text.</p>"}]})).await);
    assert!(page(&node, &html).await.contains("<b>bold</b>"));
    let two = json!({"content": ["Two photos"], "photo": [photo, {"value": "https://photos.example/b.jpg", "alt": "B"}]});
    let two = created(&post(two).await);
    let text = page(&node, &two).await;
    assert!(
        text.contains("b.jpg") && text.contains("alt=\"B\""),
        "{text}"
    );
    let checked = post(json!({"content": ["In a place"], "location": [{"type": ["h-geo"], "properties": {"latitude": ["1"]}}]})).await;
    created(&checked);
    // 300, 301: a file, and the media endpoint (700).
    let parts = [
        ("h", None, &b"entry"[..]),
        ("content", None, b"A file"),
        ("photo", Some("a.png"), &picture(5)),
    ];
    let note = created(&post_parts(&client, "/micropub", &parts).await);
    let text = page(&node, &note).await;
    assert!(
        note.contains("/notes/") && text.contains("/media/"),
        "{text}"
    );
    let file = [
        ("file", Some("b.png"), &picture(6)[..]),
        ("alt", None, b"Dark"),
    ];
    let media = created(&post_parts(&client, "/micropub/media", &file).await);
    assert!(media.contains("/media/"));
    let with = created(&post(json!({"content": ["Of the endpoint"], "photo": [media]})).await);
    assert!(page(&node, &with).await.contains("alt=\"Dark\""));

    // An article has a name, and what an editor says about it.
    let article = json!({"name": ["On trains"], "content": ["# Slow\n\n*Really* slow."], "summary": ["Slow ones"],
        "mp-slug": ["Slow Trains"], "category": ["Travel"], "mp-syndicate-to": ["https://x.example"],
        "published": ["2020-05-06T07:08:09+02:00"]});
    let article = created(&post(article).await);
    assert_eq!(article, node.url("/2020/05/slow-trains"));
    assert!(page(&node, &article).await.contains("<em>Really</em>"));
    let again = created(
        &post(json!({"name": ["On trains"], "mp-slug": ["slow-trains"], "content": ["x"]})).await,
    );
    assert!(again.ends_with("/slow-trains-2"), "{again}");
    let draft = created(
        &post(json!({"content": ["Some words of a draft"], "post-status": ["draft"]})).await,
    );
    assert_eq!(node.page(&draft).await.status, 404);
    let found = source(&client, &draft).await;
    assert_eq!(
        (&found["name"], &found["post-status"]),
        (&json!(["Some words of a draft"]), &json!(["draft"]))
    );

    for bad in [
        json!({}),
        json!({"content": [""]}),
        json!({"like-of": ["https://a.example"]}),
        json!({"content": ["x"], "visibility": ["private"]}),
        json!({"content": ["x"], "post-status": ["odd"]}),
        json!({"name": ["x"], "content": ["x"], "published": ["soon"]}),
        json!({"content": ["x"], "in-reply-to": ["nothing"]}),
    ] {
        assert_error(&post(bad).await, 400, "invalid_request");
    }
    let event = client
        .post("/micropub", json!({"type": ["h-event"], "properties": {}}))
        .await;
    assert_error(&event, 400, "invalid_request");
}

#[apply(both_databases)]
async fn posts_are_changed_and_deleted(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let client = Client::new(&node, "create,update,delete,undelete").await;
    let made = json!({"type": ["h-entry"], "properties": {"name": ["A"], "content": ["Old"], "category": ["a", "b"]}});
    let url = created(&client.post("/micropub", made).await);
    let update = async |mut change: Value| {
        change["action"] = json!("update");
        change["url"] = json!(url);
        client.post("/micropub", change).await
    };
    // 400 to 407.
    assert_eq!(
        update(json!({"replace": {"content": ["New"]}}))
            .await
            .status,
        204
    );
    assert_eq!(
        update(json!({"add": {"category": ["c"]}})).await.status,
        204
    );
    assert_eq!(
        update(json!({"delete": {"category": ["a"]}})).await.status,
        204
    );
    let now = source(&client, &url).await;
    assert_eq!(
        (&now["content"], &now["category"]),
        (&json!(["New"]), &json!(["b", "c"]))
    );
    assert_eq!(update(json!({"delete": ["category"]})).await.status, 204);
    assert_eq!(source(&client, &url).await.get("category"), None);
    for bad in [
        json!({"replace": "x"}),
        json!({"replace": {"content": "x"}}),
        json!({}),
        json!({"delete": [1]}),
    ] {
        assert_error(&update(bad).await, 400, "invalid_request");
    }
    let renamed = update(json!({"replace": {"mp-slug": ["b"]}})).await;
    let renamed = created(&renamed);
    assert!(renamed.ends_with("/b"), "{renamed}");

    // 500 to 503, as form and as JSON.
    let deleted = post_form(&client, &[("action", "delete"), ("url", &renamed)]).await;
    assert_eq!(deleted.status, 204, "{}", deleted.text);
    assert_ne!(node.page(&renamed).await.status, 200);
    let unknown = client
        .post("/micropub", json!({"action": "delete", "url": renamed}))
        .await;
    assert_error(&unknown, 404, "not_found");
    let note = created(&post_form(&client, &[("content", "A note")]).await);
    page(&node, &note).await;
    let gone = client
        .post("/micropub", json!({"action": "delete", "url": note}))
        .await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    eventually("the note is gone", || async {
        (node.page(&note).await.status == 410).then_some(())
    })
    .await;
    for url in ["https://other.example/x", "", "x"] {
        let refused = post_form(&client, &[("action", "undelete"), ("url", url)]).await;
        assert!([400, 404].contains(&refused.status), "{}", refused.text);
    }
}

#[apply(both_databases)]
async fn clients_find_the_endpoint_and_learn_what_it_can_do(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let home = node.page("/").await;
    assert!(
        home.text
            .contains("<link rel=\"micropub\" href=\"/micropub\">")
    );
    let links: Vec<_> = home.headers.get_all("link").iter().collect();
    assert!(
        links
            .iter()
            .any(|link| *link == "</micropub>; rel=\"micropub\""),
        "{links:?}"
    );

    let client = Client::new(&node, "create").await;
    node.publish("---\ntitle: A\ntags: [Books]\n---\nText.\n")
        .await;
    let config = client.get("/micropub?q=config").await.json();
    assert_eq!(config["media-endpoint"], json!(node.url("/micropub/media")));
    assert_eq!(client.get("/micropub").await.json(), config);
    assert_eq!(
        client.get("/micropub?q=syndicate-to").await.json(),
        json!({"syndicate-to": []})
    );
    assert_eq!(
        client.get("/micropub?q=category").await.json(),
        json!({"categories": ["Books"]})
    );
    assert_eq!(
        client.get("/micropub?q=post-types").await.json()["post-types"][0]["type"],
        "note"
    );
    let listed = client
        .get("/micropub?q=source&properties[]=name")
        .await
        .json();
    assert_eq!(listed["items"][0]["properties"], json!({"name": ["A"]}));
    assert_error(&client.get("/micropub?q=odd").await, 400, "invalid_request");
    let preflight = node
        .client()
        .request(Method::OPTIONS, node.url("/micropub"))
        .header("origin", "https://editor.example")
        .header("access-control-request-method", "POST");
    assert_eq!(
        sent(preflight).await.header("access-control-allow-origin"),
        "*"
    );
}

#[apply(both_databases)]
async fn tokens_may_come_in_the_form_and_do_what_their_scopes_say(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let creator = Client::new(&node, "create").await;
    let drafter = Client::new(&node, "draft").await;
    let reader = Client::new(&node, "articles:read").await;
    let writer = Client::new(&node, "articles:write,notes:write").await;
    let in_body = |token: &str| {
        let body = format!("h=entry&content=Hello&access_token={token}");
        node.client()
            .post(node.url("/micropub"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    };
    created(&sent(in_body(&creator.token)).await);
    assert_error(&sent(in_body("pamphlet_x")).await, 401, "unauthorized");
    let both = in_body(&creator.token).bearer_auth(&creator.token);
    assert_error(&sent(both).await, 400, "invalid_request");
    let none = node
        .client()
        .post(node.url("/micropub"))
        .header("content-type", "application/json")
        .body("{}");
    assert_error(&sent(none).await, 401, "unauthorized");
    let other = creator
        .request(Method::POST, "/micropub")
        .header("content-type", "text/plain")
        .body("x");
    assert_eq!(sent(other).await.status, 415);

    let entry = json!({"type": ["h-entry"], "properties": {"name": ["A"], "content": ["x"]}});
    assert_error(
        &reader.post("/micropub", entry.clone()).await,
        403,
        "insufficient_scope",
    );
    let draft = created(&drafter.post("/micropub", entry.clone()).await);
    assert_eq!(node.page(&draft).await.status, 404, "it stays a draft");
    let published = created(&writer.post("/micropub", entry).await);
    assert_eq!(node.page(&published).await.status, 200);
    for client in [&creator, &drafter] {
        let delete = json!({"action": "delete", "url": published});
        assert_error(
            &client.post("/micropub", delete).await,
            403,
            "insufficient_scope",
        );
        let update = json!({"action": "update", "url": published, "replace": {"content": ["y"]}});
        assert_error(
            &client.post("/micropub", update).await,
            403,
            "insufficient_scope",
        );
    }
    let without = [("file", Some("b.png"), &picture(6)[..])];
    let refused = post_parts(&reader, "/micropub/media", &without).await;
    assert_error(&refused, 403, "insufficient_scope");
    // A repeated request with a key makes nothing more.
    let keyed = || {
        creator
            .request(Method::POST, "/micropub")
            .header("idempotency-key", "k")
            .json(&json!({"type": ["h-entry"], "properties": {"content": ["Once"]}}))
    };
    let (first, second) = (sent(keyed()).await, sent(keyed()).await);
    assert_eq!(created(&first), created(&second));
}

#[apply(both_databases)]
async fn a_reply_reaches_the_post_and_old_posts_are_silent(#[case] database: Database) {
    let peer = Peer::start("peer").await;
    let node = TestNode::start(database).await;
    let reader = peer.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    let article = node.publish_any().await;
    let client = Client::new(&node, "create").await;
    let old = json!({"type": ["h-entry"], "properties": {"name": ["Old"], "content": ["x"], "published": ["2020-01-01"]}});
    created(&client.post("/micropub", old).await);
    let reply = created(
        &post_form(
            &client,
            &[("content", "I add"), ("in-reply-to", &article.url)],
        )
        .await,
    );
    assert_eq!(
        source(&client, &reply).await["in-reply-to"],
        json!([article.id])
    );
    eventually("the reply is delivered", || async {
        let received = peer.received();
        let texts: Vec<String> = received
            .iter()
            .map(|one| one.activity.to_string())
            .collect();
        assert!(!texts.iter().any(|text| text.contains("\"Old\"")));
        texts
            .iter()
            .any(|text| text.contains("I add"))
            .then_some(())
    })
    .await;
}
