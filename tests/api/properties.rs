//! Bodies in every shape, for every address that takes one: never a 5xx, never a panic.

use super::{Client, sent};
use crate::support::{Database, TestNode, both_databases};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use reqwest::Method;
use rstest_reuse::apply;
use serde_json::{Value, json};
use tokio::runtime::Handle;

const TARGETS: [(&str, &str); 12] = [
    ("POST", "/api/v1/articles"),
    ("PUT", "/api/v1/articles/known"),
    ("PATCH", "/api/v1/articles/known"),
    ("POST", "/api/v1/articles/known/schedule"),
    ("POST", "/api/v1/articles/known/publish"),
    ("POST", "/api/v1/pages"),
    ("POST", "/api/v1/notes"),
    ("POST", "/api/v1/comments/1/decision"),
    ("PUT", "/api/v1/blocks"),
    ("PUT", "/api/v1/filters"),
    ("PATCH", "/api/v1/media/x.png"),
    ("POST", "/micropub"),
];

const FIELDS: [&str; 34] = [
    "title",
    "slug",
    "author",
    "date",
    "updated",
    "tags",
    "summary",
    "language",
    "image",
    "image_alt",
    "federate",
    "pictures",
    "comments",
    "comment_days",
    "sensitive",
    "markdown",
    "source",
    "status",
    "announcement",
    "menu",
    "position",
    "action",
    "why",
    "target",
    "severity",
    "kind",
    "text",
    "focus",
    "alt",
    "type",
    "properties",
    "url",
    "replace",
    "in_reply_to",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::collection::vec(any::<char>(), 0..8)
            .prop_map(|text| Value::from(String::from_iter(text))),
        select(vec![
            "",
            " ",
            "\u{0}",
            "---",
            "---\n---\n",
            "draft",
            "published",
            "scheduled",
            "tell",
            "known",
            "h-entry",
            "update",
            "delete",
            "undelete",
            "http://[::1",
            "/media/",
            "9999-99-99",
            "+262143-12-31T23:59:59Z",
            "-262144-01-01T00:00:00Z",
            "2026-01-01",
            "en",
            "@a@b",
            "word",
            "pattern",
            "(",
            "\u{202e}",
            "\u{feff}",
            "![a](b)",
            "approve",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(
                select(vec![
                    "content",
                    "name",
                    "photo",
                    "category",
                    "html",
                    "value",
                    "published"
                ]),
                inner,
                0..4
            )
            .prop_map(|map| json!(map)),
        ]
    })
}

#[apply(both_databases)]
async fn a_hostile_body_is_refused_and_harms_nothing(#[case] database: Database) {
    let limits = "[limits]\napi_requests_of_token = 1000000\napi_requests_of_address = 1000000\n\
         api_creations_of_token = 1000000\n";
    let node = TestNode::start_with(database, limits).await;
    let client = Client::new(&node, "all").await;
    client.article(json!({"title": "Known"})).await;
    let fields = prop::collection::btree_map(select(&FIELDS[..]), value(), 0..5);
    let cases = (select(&TARGETS[..]), fields, any::<Option<Vec<u8>>>());
    let handle = Handle::current();
    let mut config = Config::with_cases(150);
    config.failure_persistence = None;
    config.max_shrink_iters = 0;
    let found = tokio::task::block_in_place(|| {
        TestRunner::new(config).run(&cases, |((method, path), fields, raw)| {
            let method: Method = method.parse().unwrap();
            let request = client
                .request(method, path)
                .header("content-type", "application/json");
            let body = match raw {
                Some(bytes) if bytes.len() % 3 == 0 => bytes,
                _ => serde_json::to_vec(&fields).unwrap(),
            };
            let response = handle.block_on(sent(request.body(body)));
            prop_assert!(
                response.status < 500,
                "{path} {} {}",
                response.status,
                response.text
            );
            Ok(())
        })
    });
    found.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(client.get("/api/v1/articles/known").await.status, 200);
}
