//! Tokens: who may do what, from where, and how often.

use super::{Client, assert_problem, sent};
use crate::support::{Database, TestNode, both_databases};
use reqwest::Method;
use rstest_reuse::apply;
use serde_json::json;

#[apply(both_databases)]
async fn a_token_is_shown_once_and_ends_when_it_is_revoked_or_expires(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let made = node
        .cli(&[
            "token",
            "create",
            "--name",
            "phone",
            "--scope",
            "articles:read",
        ])
        .await;
    assert!(made.status.success());
    let secret = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    assert!(
        secret.starts_with("pamphlet_") && secret.len() == 68,
        "{secret}"
    );
    let told = String::from_utf8(made.stderr).unwrap();
    assert!(told.contains("not shown again") && !told.contains(&secret));
    // The database has a hash only.
    let stored =
        "SELECT COUNT(*) FROM api_tokens WHERE hash LIKE '%pamphlet%' OR LENGTH(hash) <> 64";
    assert_eq!(node.number(stored).await, Some(0));

    let client = Client {
        node: &node,
        token: secret.clone(),
    };
    assert_eq!(client.get("/api/v1/articles").await.status, 200);
    let list = node.admin_json(&["token", "list"]).await;
    assert_eq!(list[0]["name"], "phone");
    assert_eq!(list[0]["scopes"], json!(["articles:read"]));
    assert!(list[0]["last_used"].is_string() && list[0]["expires"].is_string());
    assert!(!list.to_string().contains(&secret));

    // A name is unique while its token is valid.
    let again = node
        .cli(&["token", "create", "--name", "phone", "--scope", "all"])
        .await;
    let error = String::from_utf8(again.stderr).unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert!(error.contains("token revoke \"phone\""), "{error}");

    let unasked = node.cli(&["token", "revoke", "phone"]).await;
    assert_eq!(unasked.status.code(), Some(2));
    node.admin(&["token", "revoke", "phone", "--yes"]).await;
    assert_problem(&client.get("/api/v1/articles").await, 401, "token_invalid");
    assert_eq!(node.admin(&["token", "list"]).await.lines().count(), 1);
    assert!(
        node.admin(&["token", "list", "--all"])
            .await
            .contains("revoked")
    );

    let brief = Client::new(&node, "articles:read").await;
    node.sql("UPDATE api_tokens SET expires_at = 1000 WHERE name = 'test articles:read'")
        .await;
    assert_problem(&brief.get("/api/v1/articles").await, 401, "token_invalid");
    assert!(node.admin(&["token", "list"]).await.contains("expired"));
    let mistakes = [
        (["--name", "a", "--scope", "articles"], "is no scope"),
        (["--name", " ", "--scope", "all"], "1 to 100 characters"),
        (["--name", "12", "--scope", "all"], "ID of another token"),
    ];
    for (arguments, part) in mistakes {
        let output = node
            .cli(&[&["token", "create"], &arguments[..]].concat())
            .await;
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(part), "{error}");
    }
    let output = node
        .cli(&[
            "token",
            "create",
            "--name",
            "x",
            "--scope",
            "all",
            "--expires",
            "soon",
        ])
        .await;
    assert_eq!(output.status.code(), Some(2));
    let output = node.cli(&["token", "revoke", "nobody", "-y"]).await;
    assert_eq!(output.status.code(), Some(1));
}

#[apply(both_databases)]
async fn each_request_needs_the_scope_of_what_it_does(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let reader = Client::new(&node, "articles:read").await;
    let writer = Client::new(&node, "articles:write").await;
    let micropub = Client::new(&node, "create,update,delete,media").await;

    let site = reader.get("/api/v1/site").await.json();
    assert_eq!(site["token"]["scopes"], json!(["articles:read"]));
    assert_eq!(site["url"], json!(node.url("/")));

    let refused = reader
        .post("/api/v1/articles", json!({"title": "A", "markdown": "B"}))
        .await;
    assert_problem(&refused, 403, "scope_missing");
    assert_eq!(
        refused.header("www-authenticate"),
        "Bearer error=\"insufficient_scope\", scope=\"articles:write\""
    );
    for (client, path, status) in [
        (&reader, "/api/v1/articles", 200),
        (&writer, "/api/v1/articles", 200),
        (&micropub, "/api/v1/articles", 403),
        (&reader, "/api/v1/media", 403),
        (&writer, "/api/v1/media", 403),
        (&micropub, "/api/v1/media", 403),
        (&micropub, "/api/v1/site", 200),
    ] {
        assert_eq!(client.get(path).await.status, status, "{path}");
    }

    // What is no token, or in the wrong place.
    let url = node.url("/api/v1/articles");
    let get = || node.client().get(&url);
    let missing = sent(get()).await;
    assert_problem(&missing, 401, "token_missing");
    assert_eq!(
        missing.header("www-authenticate"),
        "Bearer realm=\"Pamphlet\""
    );
    let in_cookie = get().header("cookie", format!("token={}", reader.token));
    assert_problem(&sent(in_cookie).await, 401, "token_missing");
    let basic = get().basic_auth("admin", Some(&reader.token));
    assert_problem(&sent(basic).await, 401, "token_missing");
    let in_query = node
        .client()
        .get(format!("{url}?access_token={}", reader.token));
    assert_problem(&sent(in_query).await, 401, "token_missing");
    let twice = get()
        .bearer_auth(&reader.token)
        .header("authorization", "Bearer x");
    assert_problem(&sent(twice).await, 401, "token_missing");
    for wrong in ["", "x", "pamphlet_", &reader.token[..67], "\u{e9}"] {
        let header = format!("Bearer {wrong}");
        let response = sent(get().header("authorization", header.as_bytes())).await;
        assert_eq!(response.status, 401, "{wrong}");
        assert!(!response.text.contains(&reader.token[9..60]));
    }
    // Other schemes in any case of letters.
    let lower = get().header("authorization", format!("bearer {}", reader.token));
    assert_eq!(sent(lower).await.status, 200);
}

#[apply(both_databases)]
async fn an_address_with_many_wrong_tokens_and_a_busy_token_must_wait(#[case] database: Database) {
    let limits = "[limits]\nwrong_tokens_of_address = 3\napi_requests_of_token = 5\napi_creations_of_token = 2\n";
    let node = TestNode::start_with(database, limits).await;
    let client = Client::new(&node, "all").await;
    for _ in 0..2 {
        client
            .article(json!({"title": "Many", "slug": null, "markdown": "x"}))
            .await;
        node.sql("UPDATE articles SET slug = 'other-' || id").await;
    }
    let third = client
        .post(
            "/api/v1/articles",
            json!({"title": "Many", "markdown": "x"}),
        )
        .await;
    assert_problem(&third, 429, "too_many_requests");
    assert!(
        third.json()["detail"]
            .as_str()
            .unwrap()
            .contains("api_creations_of_token")
    );
    assert!(third.header("retry-after").parse::<u64>().unwrap() > 0);
    for _ in 0..2 {
        assert_eq!(client.get("/api/v1/site").await.status, 200);
    }
    assert_problem(&client.get("/api/v1/site").await, 429, "too_many_requests");

    let other = Client::new(&node, "articles:read").await;
    let wrong = Client {
        node: &node,
        token: "pamphlet_x".to_owned(),
    };
    for _ in 0..3 {
        assert_eq!(wrong.get("/api/v1/site").await.status, 401);
    }
    for client in [&wrong, &other] {
        let refused = client.get("/api/v1/site").await;
        assert_problem(&refused, 429, "too_many_wrong_tokens");
    }
}

#[apply(both_databases)]
async fn scripts_of_other_sites_need_a_token_and_nothing_is_cached(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let client = Client::new(&node, "all").await;
    let preflight = node
        .client()
        .request(Method::OPTIONS, node.url("/api/v1/articles/some"))
        .header("origin", "https://editor.example")
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "authorization,if-match");
    let preflight = sent(preflight).await;
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-origin"), "*");
    assert_eq!(preflight.header("access-control-allow-credentials"), "");
    for (header, part) in [
        ("access-control-allow-methods", "PATCH"),
        ("access-control-allow-headers", "if-match"),
    ] {
        let value = preflight.header(header).to_owned();
        assert!(value.contains(part), "{value}");
    }
    let request = client
        .request(Method::GET, "/api/v1/articles")
        .header("origin", "https://editor.example");
    let response = sent(request).await;
    assert_eq!(response.header("access-control-allow-origin"), "*");
    assert_eq!(response.header("cache-control"), "no-store");
    assert_eq!(response.header("x-robots-tag"), "noindex");
    let exposed = response.header("access-control-expose-headers").to_owned();
    assert!(
        exposed.contains("etag") && exposed.contains("link"),
        "{exposed}"
    );
    // Pages are as they were.
    let page = node
        .get_with(
            "/",
            &[
                ("origin", "https://editor.example"),
                ("accept", "text/html"),
            ],
        )
        .await;
    assert_eq!(page.header("access-control-allow-origin"), "");

    // Addresses and methods that do not exist are problems too.
    for path in ["/api/v1/nothing", "/api/v2/articles", "/api/x"] {
        assert_problem(&client.get(path).await, 404, "not_found");
    }
    let other = sent(client.request(Method::PUT, "/api/v1/articles")).await;
    assert_problem(&other, 405, "method_not_allowed");
    assert!(other.header("allow").contains("POST"));
    let codes = node.get_as("/api/v1/problems", "*/*").await.json();
    assert!(codes.to_string().contains("announcement_needed"));
    let document = node.get_as("/api/v1/openapi.json", "*/*").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], json!(node.origin));
}
