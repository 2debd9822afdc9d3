//! The form's least time, and how many forms an address may send.

use crate::support::{
    Database, Guest, Response, TestNode, both_databases, eventually, node::Article,
};
use pamphlet::store;
use rstest_reuse::apply;
use std::time::{Duration, Instant};

/// Returns the token in a page's form.
fn token_in(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

async fn send(guest: &Guest<'_>, article: &Article, token: &str, text: &str) -> Response {
    let fields = [
        ("token", token),
        ("name", "Reader"),
        ("text", text),
        ("do", "post"),
    ];
    guest.send(article, &fields, &[]).await
}

async fn known(node: &TestNode, url: &str, tag: &str) -> u16 {
    let headers = [
        ("accept", "text/html"),
        ("if-none-match", tag),
        ("cache-control", "no-cache"),
    ];
    node.get_with(url, &headers).await.status
}

const LEAST_TIME: &str = "[comments]\nguests = \"open\"\nleast_time = \"2 seconds\"\n[limits]\nforms_of_address = 10000\n";
#[apply(both_databases)]
async fn a_comment_is_taken_no_sooner_than_the_least_time_after_its_form_was_shown(
    #[case] database: Database,
) {
    let node = TestNode::start_with(database, LEAST_TIME).await;
    let least = Duration::from_secs(2);
    let article = node.publish_any().await;
    let guest = Guest::at(&node, "192.0.2.1");
    // A page that was made for another reader, the page of an answer, and a page that was made for this one.
    let earlier = token_in(&node.cached_page(&article.url).await.text);
    let reply = format!("{}/reply/0", article.url);
    for target in [&article.url, &reply, &article.url] {
        let asked = Instant::now();
        let token = token_in(&node.cached_page(target).await.text);
        let shown = Instant::now();
        let text = format!("Sent by {target} at {asked:?}");
        let quick = send(&guest, &article, &token, &text).await;
        assert_eq!(quick.status, 422, "{target}");
        assert!(quick.text.contains("very fast"), "{}", quick.text);
        let again = token_in(&quick.text);
        assert_eq!(again, token, "the form that is shown again is the same");
        eventually("the comment is taken", || async {
            let status = send(&guest, &article, &token, &text).await.status;
            assert!(matches!(status, 303 | 422), "{status}");
            (status == 303).then_some(())
        })
        .await;
        assert!(
            shown.elapsed() >= least - Duration::from_millis(5),
            "{target}: {:?}",
            shown.elapsed()
        );
        assert!(
            asked.elapsed() < least + Duration::from_secs(20),
            "{target}: {:?}",
            asked.elapsed()
        );
    }
    assert_eq!(
        send(&guest, &article, &earlier, "From the first page.")
            .await
            .status,
        303
    );
    // Times that no form of ours was shown at.
    for shown in [store::now() + 60_000, i64::MAX, i64::MIN] {
        let uid = article.id.rsplit('/').next().unwrap();
        let purpose = pamphlet::node::tokens::Purpose::Form;
        let token = node
            .node
            .tokens
            .sign(purpose, &format!("{uid} {shown}"), i64::MAX);
        let status = send(&guest, &article, &token, &format!("At {shown}"))
            .await
            .status;
        assert_eq!(status, if shown == i64::MIN { 303 } else { 422 }, "{shown}");
    }
}

#[apply(both_databases)]
async fn a_page_whose_form_alone_is_newer_need_not_be_fetched_again(#[case] database: Database) {
    let node = TestNode::start_with(database, LEAST_TIME).await;
    let article = node.publish_any().await;
    let (tag, first) = eventually("two pages within one hour", || async {
        let (one, other) = (node.page(&article.url).await, node.page(&article.url).await);
        assert_ne!(token_in(&one.text), token_in(&other.text));
        let tag = one.header("etag").to_owned();
        (tag == other.header("etag")).then(|| (tag, token_in(&one.text)))
    })
    .await;
    assert!(!tag.is_empty() && !first.is_empty());
    assert_eq!(known(&node, &article.url, &tag).await, 304);
    assert_eq!(known(&node, &article.url, "W/\"another\"").await, 200);
    // From memory, likewise.
    node.cached_page(&article.url).await;
    let headers = [("accept", "text/html"), ("if-none-match", tag.as_str())];
    assert_eq!(node.get_with(&article.url, &headers).await.status, 304);

    Guest::at(&node, "192.0.2.1")
        .write(&article, &[("name", "Reader"), ("text", "New.")])
        .await;
    assert_eq!(known(&node, &article.url, &tag).await, 200);
}

#[apply(both_databases)]
async fn forms_beyond_an_address_s_budget_are_not_read_and_are_counted(#[case] database: Database) {
    let node = TestNode::start_with(
        database,
        "[comments]\nguests = \"open\"\n[limits]\nforms_of_address = 3\n",
    )
    .await;
    let article = node.publish_any().await;
    let readers = ["192.0.2.1", "192.0.2.2", "2001:db8:0:7::1"];
    for reader in readers {
        let guest = Guest::at(&node, reader);
        let mut statuses = Vec::new();
        for number in 0..4 {
            let text = [
                ("name", "Reader"),
                ("text", &*format!("{number} from {reader}")),
            ];
            statuses.push(guest.write(&article, &text).await.status);
        }
        assert_eq!(statuses, [303, 303, 303, 429], "{reader}");
    }
    // All addresses of one subscriber share the budget.
    let neighbour = Guest::at(&node, "2001:db8:0:7:ffff::2");
    assert_eq!(
        neighbour
            .write(&article, &[("name", "Reader"), ("text", "Hi")])
            .await
            .status,
        429
    );
    eventually("`pamphlet limits` names the addresses", || async {
        let hits = node.admin(&["limits", "--json"]).await;
        let is_named = |address: &&str| hits.contains(*address);
        let named = ["192.0.2.1", "192.0.2.2", "2001:db8:0:7::"];
        (hits.contains("forms_of_address") && named.iter().all(is_named)).then_some(())
    })
    .await;
}
