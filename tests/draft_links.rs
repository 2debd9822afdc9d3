//! Drafts behind secret links, which end.

use crate::support::{Database, TestNode, both_databases};
use rstest_reuse::apply;

const DRAFT: &str = "---\ntitle: A secret plan\ntags: [Plans]\n---\nNobody *must* know.\n";

#[apply(both_databases)]
async fn a_draft_is_shown_to_those_who_have_its_link_until_it_ends(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let file = node.folder.path().join("plan.md");
    std::fs::write(&file, DRAFT).unwrap();
    node.admin(&["post", "draft", file.to_str().unwrap()]).await;
    let share = |time: &'static str| {
        let arguments = ["post", "share", "a-secret-plan", "--for", time];
        let node = &node;
        async move {
            let shared = node.admin_json(&arguments).await;
            shared["url"].as_str().unwrap().to_owned()
        }
    };
    let link = share("7d").await;
    let page = node.page(&link).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("Nobody <em>must</em> know."),
        "{}",
        page.text
    );
    for (header, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
    ] {
        assert_eq!(page.header(header), value);
    }
    for absent in [
        "og:title",
        "rel=\"canonical\"",
        "activity+json",
        "name=\"token\"",
    ] {
        assert!(!page.text.contains(absent), "{absent}: {}", page.text);
    }
    assert!(page.text.contains("content=\"noindex\""));
    let document = node.document(&link).await;
    assert!(
        !document.text.contains("\"type\":\"Article\""),
        "never federated"
    );
    assert!(!node.page("/").await.text.contains("A secret plan"));
    assert!(!node.page("/feed.atom").await.text.contains("A secret plan"));

    let short = share("1ms").await;
    assert_eq!(node.page(&short).await.status, 410);
    let mut changed = link.clone();
    changed.replace_range(changed.len() - 4.., "AAAA");
    for bad in [
        changed.as_str(),
        "/drafts/x",
        "/drafts/1.2.3",
        "/drafts/%00",
    ] {
        assert_eq!(node.page(bad).await.status, 404, "{bad}");
    }

    node.admin(&["post", "unshare", "a-secret-plan"]).await;
    assert_eq!(node.page(&link).await.status, 410);
    let again = share("1 hour").await;
    assert_eq!(node.page(&again).await.status, 200);
    node.admin(&["post", "publish", "a-secret-plan"]).await;
    let published = node.page(&again).await;
    assert_eq!(published.status, 303);
    assert!(published.header("location").ends_with("/a-secret-plan"));
    let refused = node.cli(&["post", "share", "a-secret-plan"]).await;
    assert!(
        !refused.status.success(),
        "a published article has an address"
    );
    node.admin(&["post", "delete", "a-secret-plan", "--yes"])
        .await;
    assert_eq!(node.page(&again).await.status, 410);
}
