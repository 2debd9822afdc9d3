//! Articles by the API: from a draft to its end.

use super::{Client, assert_problem, next_of, sent};
use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use reqwest::Method;
use rstest_reuse::apply;
use serde_json::{Value, json};

#[apply(both_databases)]
async fn an_article_goes_from_a_draft_to_its_readers_and_back(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let client = Client::new(&node, "articles:write").await;
    let made = client
        .post(
            "/api/v1/articles",
            json!({
                "title": "On: reading # slowly", "tags": ["Books", "Time"], "summary": "Long \"books\"",
                "language": "en", "comment_days": 7, "sensitive": true,
                "markdown": "A *short* text.\n\n---\n\nWith a line."
            }),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let article = made.json();
    let path = "/api/v1/articles/on-reading-slowly";
    assert_eq!(made.header("location"), node.url(path));
    assert_eq!(article["status"], "draft");
    assert_eq!(article["warnings"], json!([]));
    assert_eq!(article["title"], "On: reading # slowly");
    assert_eq!(article["comment_days"], 7);
    assert_eq!(
        node.page(article["url"].as_str().unwrap()).await.status,
        404
    );

    // It is the same by its uid, and the file that it is made from gives it again.
    let shown = client.get(path).await;
    assert_eq!(shown.header("etag"), made.header("etag"));
    assert!(shown.header("etag").starts_with('"'), "a strong tag");
    let by_uid = format!("/api/v1/articles/{}", article["uid"].as_str().unwrap());
    assert_eq!(client.get(&by_uid).await.json(), shown.json());
    let request = client
        .request(Method::GET, path)
        .header("if-none-match", shown.header("etag"));
    assert_eq!(sent(request).await.status, 304);
    let source = shown.json()["source"].clone();
    let same = client.put(path, json!({"source": source})).await;
    assert_eq!(same.header("etag"), shown.header("etag"), "{}", same.text);

    let published = client.post(&format!("{path}/publish"), json!({})).await;
    assert_eq!(published.status, 200, "{}", published.text);
    assert_eq!(published.json()["status"], "published");
    let url = published.json()["url"].as_str().unwrap().to_owned();
    assert!(node.page(&url).await.text.contains("<em>short</em>"));
    let again = client.post(&format!("{path}/publish"), json!({})).await;
    assert_problem(&again, 409, "conflict");

    // A patch changes what it names, null is the default.
    let patch = json!({"title": "On reading", "summary": null, "announcement": "quiet"});
    let patched = client.patch(path, patch).await;
    assert_eq!(patched.status, 200, "{}", patched.text);
    let now: Value = patched.json();
    assert_eq!(
        (&now["title"], now.get("summary"), &now["tags"]),
        (&json!("On reading"), None, &json!(["Books", "Time"]))
    );
    assert_eq!(now["slug"], "on-reading-slowly");

    let draft = client.post(&format!("{path}/unpublish"), json!({})).await;
    assert_eq!(draft.json()["status"], "draft");
    let date = "2099-01-02T03:04:05Z";
    let scheduled = client
        .post(&format!("{path}/schedule"), json!({"date": date}))
        .await;
    assert_eq!(
        scheduled.json()["status"],
        "scheduled",
        "{}",
        scheduled.text
    );
    assert_eq!(scheduled.json()["date"], date);
    assert!([404, 410].contains(&node.page(&url).await.status));
    let past = client
        .post(&format!("{path}/schedule"), json!({"date": "2020-01-01"}))
        .await;
    assert_problem(&past, 422, "invalid");
    assert_eq!(past.json()["field"], "date");

    assert_eq!(client.delete(path).await.status, 204);
    assert_problem(&client.get(path).await, 404, "not_found");
    assert_problem(&client.delete(path).await, 404, "not_found");
}

#[apply(both_databases)]
async fn mistakes_name_their_field_and_store_nothing(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let client = Client::new(&node, "articles:write").await;
    let secret = node.file("secret.png", "no picture");
    for (body, field) in [
        (json!({"markdown": "No title."}), "title"),
        (json!({"title": "A", "date": "soon"}), "date"),
        (json!({"title": "A", "slug": "A B"}), "slug"),
        (json!({"title": "A", "comments": "maybe"}), "comments"),
        (json!({"title": "A", "colour": "red"}), "colour"),
        (json!({"title": "A", "status": "gone"}), "gone"),
        (json!({"title": "A", "status": "scheduled"}), "date"),
        (json!({"source": "# A", "title": "A"}), "source"),
        (
            json!({"title": "A", "date": "2020-01-01", "status": "published"}),
            "announcement",
        ),
    ] {
        let refused = client.post("/api/v1/articles", body.clone()).await;
        assert_eq!(refused.status, 422, "{body} {}", refused.text);
        assert_eq!(refused.json()["field"], json!(field), "{}", refused.text);
    }
    // No file of the server gets into an article.
    for body in [
        json!({"title": "A", "markdown": "![a](secret.png)"}),
        json!({"title": "A", "image": "secret.png", "markdown": "x"}),
        json!({"title": "A", "image": secret, "markdown": "x"}),
    ] {
        let refused = client.post("/api/v1/articles", body).await;
        assert_problem(&refused, 422, "invalid");
    }
    for (kind, body, status) in [
        ("text/plain", "{\"title\": \"A\"}", 415),
        ("application/json", "{\"title\": ", 400),
        ("application/json", "[]", 422),
        ("application/json", "{\"title\": 7}", 422),
        ("application/json", "\u{0}", 400),
    ] {
        let request = client
            .request(Method::POST, "/api/v1/articles")
            .header("content-type", kind)
            .body(body);
        assert_eq!(sent(request).await.status, status, "{body}");
    }
    let large = json!({"title": "A", "markdown": "x".repeat(5 * 1024 * 1024)});
    let refused = client.post("/api/v1/articles", large).await;
    assert_problem(&refused, 413, "body_too_large");
    let compressed = client
        .request(Method::POST, "/api/v1/articles")
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .body("x");
    assert_eq!(sent(compressed).await.status, 415);
    assert_eq!(node.number("SELECT COUNT(*) FROM articles").await, Some(0));

    client.article(json!({"title": "A"})).await;
    let taken = client.post("/api/v1/articles", json!({"title": "A"})).await;
    assert_problem(&taken, 409, "taken");
    assert_eq!(taken.json()["field"], "slug");
    client.article(json!({"title": "B"})).await;
    let taken = client
        .patch("/api/v1/articles/b", json!({"slug": "a"}))
        .await;
    assert_problem(&taken, 409, "taken");
}

#[apply(both_databases)]
async fn of_two_editors_none_overwrites_the_other(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let client = Client::new(&node, "articles:write").await;
    client
        .article(json!({"title": "A", "markdown": "First."}))
        .await;
    let path = "/api/v1/articles/a";
    let seen = client.get(path).await.header("etag").to_owned();
    let put = |etag: String, text: &str| {
        let request = client.request(Method::PUT, path).header("if-match", etag);
        sent(request.json(&json!({"title": "A", "markdown": text})))
    };
    let first = put(seen.clone(), "Second.").await;
    assert_eq!(first.status, 200, "{}", first.text);
    let second = put(seen.clone(), "Third.").await;
    assert_problem(&second, 412, "changed");
    // A proxy that compresses makes tags weak.
    let weak = format!("W/{}", first.header("etag"));
    assert_eq!(put(weak, "Third.").await.status, 200);
    assert_eq!(put("*".to_owned(), "Fourth.").await.status, 200);
    for action in ["publish", "unpublish", "schedule"] {
        let request = client
            .request(Method::POST, &format!("{path}/{action}"))
            .header("if-match", &seen)
            .json(&match action {
                "schedule" => json!({"date": "2099-01-01"}),
                _ => json!({}),
            });
        assert_problem(&sent(request).await, 412, "changed");
    }
    let request = client
        .request(Method::DELETE, path)
        .header("if-match", &seen);
    assert_problem(&sent(request).await, 412, "changed");

    // At the same moment, too.
    let seen = client.get(path).await.header("etag").to_owned();
    let texts: Vec<String> = (0..8).map(|number| format!("Text {number}.")).collect();
    let puts = texts.iter().map(|text| put(seen.clone(), text));
    let answers = futures::future::join_all(puts).await;
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_problem(answer, 412, "changed");
    }
}

#[apply(both_databases)]
async fn a_repeated_request_makes_no_second_article(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let client = Client::new(&node, "all").await;
    let post = |key: &str, title: &str| {
        let request = client
            .request(Method::POST, "/api/v1/articles")
            .header("idempotency-key", key);
        sent(request.json(&json!({"title": title, "status": "published"})))
    };
    let first = post("one", "A").await;
    assert_eq!(first.status, 201, "{}", first.text);
    let again = post("one", "A").await;
    assert_eq!(
        (again.status, &again.text, again.header("location")),
        (201, &first.text, first.header("location"))
    );
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_problem(&post("one", "B").await, 422, "key_reused");
    // A failure is not remembered.
    assert_problem(&post("two", "A").await, 409, "taken");
    client.delete("/api/v1/articles/a").await;
    assert_eq!(post("two", "A").await.status, 201);
    // Another token has keys of its own.
    let other = Client::new(&node, "articles:write").await;
    let request = other
        .request(Method::POST, "/api/v1/articles")
        .header("idempotency-key", "one")
        .json(&json!({"title": "C"}));
    assert_eq!(sent(request).await.status, 201);
    // One that was cut off is not done twice.
    node.sql("UPDATE api_requests SET response = NULL").await;
    assert_problem(&post("two", "A").await, 409, "in_progress");
    // At the same moment.
    let posts = (0..5).map(|_| post("three", "Once only"));
    let statuses: Vec<u16> = futures::future::join_all(posts)
        .await
        .iter()
        .map(|response| response.status)
        .collect();
    assert!(
        statuses.contains(&201) && statuses.iter().all(|it| [201, 409].contains(it)),
        "{statuses:?}"
    );
    let count = "SELECT COUNT(*) FROM articles WHERE title = 'Once only'";
    assert_eq!(node.number(count).await, Some(1));
    assert_problem(&post("", "D").await, 400, "bad_request");
}

#[apply(both_databases)]
async fn lists_have_filters_and_pages(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let client = Client::new(&node, "articles:write").await;
    node.admin(&["author", "add", "ana", "--name", "Ana"]).await;
    for number in 0..5 {
        let tags = json!([if number % 2 == 0 { "Even" } else { "Odd" }]);
        let body = json!({"title": format!("Number {number}"), "tags": tags,
            "date": format!("2026-01-0{}", number + 1), "author": (number == 3).then_some("ana")});
        client.article(body).await;
    }
    let publish = json!({"announcement": "silent"});
    client
        .post("/api/v1/articles/number-0/publish", publish)
        .await;
    let date = json!({"date": "2099-01-01"});
    client
        .post("/api/v1/articles/number-1/schedule", date)
        .await;
    let titles = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap().iter();
        items
            .map(|item| item["slug"].as_str().unwrap().replace("number-", ""))
            .collect()
    };
    for (query, expected) in [
        ("", &["1", "4", "3", "2", "0"][..]),
        ("?status=draft", &["4", "3", "2"]),
        ("?status=published", &["0"]),
        ("?status=scheduled", &["1"]),
        ("?tag=even", &["4", "2", "0"]),
        ("?author=ana", &["3"]),
        ("?author=ana&tag=even", &[]),
        ("?tag=none", &[]),
    ] {
        let list = client.get(&format!("/api/v1/articles{query}")).await;
        assert_eq!(list.status, 200, "{}", list.text);
        assert_eq!(titles(&list.json()), expected, "{query}");
    }
    let mut url = "/api/v1/articles?limit=2&status=draft".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = client.get(&url).await;
        seen.push(titles(&page.json()));
        match next_of(&page) {
            Some(next) => url = next,
            None => break,
        }
    }
    assert_eq!(seen, [vec!["4", "3"], vec!["2"]]);
    for bad in [
        "?limit=0",
        "?limit=101",
        "?limit=x",
        "?after=x",
        "?after=1.x",
        "?status=gone",
        "?author=nobody",
    ] {
        let status = client.get(&format!("/api/v1/articles{bad}")).await.status;
        assert!([400, 422].contains(&status), "{bad}: {status}");
    }
}

#[apply(both_databases)]
async fn followers_are_told_as_the_client_says(#[case] database: Database) {
    let peer = Peer::start("follower").await;
    let node = TestNode::start(database).await;
    let reader = peer.actor("reader").await;
    reader.follow(&node.inbox(), &node.blog()).await;
    let client = Client::new(&node, "articles:write").await;
    let silent = json!({"title": "Silent", "date": "2020-05-05", "status": "published",
        "announcement": "silent"});
    client.article(silent).await;
    client
        .article(json!({"title": "Told", "status": "published"}))
        .await;
    let told = peer.wait_for("Create").await;
    assert_eq!(told.activity["object"]["name"], "Told");
    let page = node.page("/2020/05/silent").await;
    assert_eq!(page.status, 200);
    client
        .patch(
            "/api/v1/articles/told",
            json!({"title": "Told well", "announcement": "quiet"}),
        )
        .await;
    // A quiet change that waits beside an announced one may be told with it.
    eventually("the quiet change is handled", || async {
        (node.number("SELECT COUNT(*) FROM changes").await == Some(0)).then_some(())
    })
    .await;
    client
        .patch("/api/v1/articles/told", json!({"title": "Told better"}))
        .await;
    let update = peer.wait_for("Update").await;
    assert_eq!(update.activity["object"]["name"], "Told better");
    let about = |activity: &Value| activity["object"]["name"].as_str().map(str::to_owned);
    eventually("nothing waits", || async {
        (node.number("SELECT COUNT(*) FROM deliveries").await == Some(0)).then_some(())
    })
    .await;
    let names: Vec<_> = peer
        .received()
        .iter()
        .filter_map(|one| about(&one.activity))
        .collect();
    assert_eq!(names, ["Told", "Told better"]);
}
