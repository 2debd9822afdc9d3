//! The self-test is of no use to strangers: its token is signed, valid once, and the response says nothing.

use crate::support::{Database, TestNode, both_databases};
use pamphlet::node::{
    self_test::{HEADER, SelfTest},
    tokens::Purpose,
};
use rstest_reuse::apply;

async fn post(node: &TestNode, token: &str, body: &str) -> (u16, String) {
    let request = node.client().post(node.inbox()).header(HEADER, token);
    let request = request.header("content-type", "application/activity+json");
    let response = request.body(body.to_owned()).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[apply(both_databases)]
async fn a_self_test_helps_no_stranger(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let records = "SELECT name || value FROM settings WHERE name LIKE 'self_test%'";
    let (status, ordinary) = post(&node, "x", "{}").await;
    let expired = node.node.tokens.sign(Purpose::SelfTest, "self_test:1", 1);
    let of_other_purpose = node
        .node
        .tokens
        .sign(Purpose::Form, "self_test:1", i64::MAX);
    for token in ["1.2.3", &expired, &of_other_purpose] {
        assert_eq!(
            post(&node, token, "{}").await,
            (status, ordinary.clone()),
            "{token}"
        );
    }
    assert!(node.texts(records).await.is_empty());

    let test = SelfTest::begin(&node.node).await.unwrap();
    let token = test.token.clone();
    assert_eq!(post(&node, &token, "{}").await, (202, String::new()));
    // Whoever saw the token can't change what was noted.
    assert_eq!(
        post(&node, &token, "{\"again\": true}").await,
        (202, String::new())
    );
    let arrival = test.end(&node.node).await.unwrap().unwrap();
    assert_eq!(arrival.body.unwrap().0, 2);
    assert!(arrival.refusal.unwrap().contains("not signed"));
    assert_eq!(post(&node, &token, "{}").await, (202, String::new()));
    assert!(node.texts(records).await.is_empty());

    // A body beyond the limit is not read.
    let test = SelfTest::begin(&node.node).await.unwrap();
    post(&node, &test.token, &"x".repeat(2 * 1024 * 1024)).await;
    let arrival = test.end(&node.node).await.unwrap().unwrap();
    assert!(arrival.body.is_none());
}
