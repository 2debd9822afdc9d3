//! The bin: what is deleted comes back for 30 days.

use super::{complaint, follower, settled, told};
use crate::support::{Database, Peer, Program, TestNode, both_databases, eventually, sql};
use rstest_reuse::apply;

const DAY: i64 = 24 * 60 * 60 * 1000;

#[apply(both_databases)]
async fn an_article_comes_back_as_a_draft_with_its_comments_and_addresses(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let crowd = follower(&node).await;
    let peer = Peer::start("peer").await;
    let reader = peer.actor("reader").await;
    let article = node
        .publish("---\ntitle: Old news\nsummary: Short\ntags: [Books, Änne]\n---\nThe text.\n")
        .await;
    crowd.wait_at("reader", 1).await;
    let first = reader
        .comment(&node.inbox(), &article.id, "<p>Well said.</p>")
        .await;
    let uri = first["id"].as_str().unwrap();
    reader.comment(&node.inbox(), uri, "<p>Indeed.</p>").await;
    let like = reader.activity("Like", article.id.clone().into());
    reader.deliver(&node.inbox(), &like).await;
    node.admin(&["post", "pin", "old-news"]).await;
    let shown = node.admin(&["post", "show", "old-news"]).await;

    let refused = complaint(&node, 2, &["post", "delete", "old-news"]).await;
    assert!(
        refused.contains("with its 2 comments?") && refused.contains("--yes"),
        "{refused}"
    );
    let printed = node.admin(&["post", "delete", "old-news", "--yes"]).await;
    assert!(
        printed.contains("30 days") && printed.contains("post restore old-news"),
        "{printed}"
    );
    eventually("the follower's server deletes it", || async {
        told(&crowd).contains(&"Delete".to_owned()).then_some(())
    })
    .await;
    assert_eq!(node.page(&article.url).await.status, 410);
    assert_eq!(node.number("SELECT COUNT(*) FROM comments").await, Some(0));
    assert_eq!(
        node.number("SELECT COUNT(*) FROM article_versions").await,
        Some(0)
    );
    let bin = node.admin_json(&["post", "bin"]).await;
    assert_eq!(
        (&bin[0]["slug"], &bin[0]["comments"]),
        (&"old-news".into(), &2.into())
    );
    assert!(
        node.admin(&["post", "bin", "list"])
            .await
            .contains("Old news")
    );

    // Another article takes the slug.
    node.publish("---\ntitle: Other\nslug: old-news\n---\nOther.\n")
        .await;
    let taken = complaint(&node, 1, &["post", "restore", "old-news"]).await;
    assert!(
        taken.contains("has the slug old-news now") && taken.contains("--slug"),
        "{taken}"
    );
    let unknown = complaint(&node, 1, &["post", "restore", "nothing"]).await;
    assert!(unknown.contains("pamphlet post bin"), "{unknown}");
    let restored = node
        .admin_json(&["post", "restore", "old-news", "--slug", "older-news"])
        .await;
    assert_eq!(restored["status"], "draft");
    assert_ne!(restored["id"], article.id);
    assert_eq!(
        node.admin(&["post", "show", "older-news"]).await,
        shown.replace("slug: old-news", "slug: older-news")
    );
    let complaint = complaint(&node, 1, &["post", "restore", "old-news"]).await;
    assert!(
        complaint.contains("the bin has no article old-news"),
        "{complaint}"
    );
    assert_eq!(node.admin(&["post", "bin"]).await, "The bin is empty.\n");

    node.admin(&["post", "publish", "older-news"]).await;
    settled(&node).await;
    let page = eventually("it is published again", || async {
        let page = node.page(restored["url"].as_str().unwrap()).await;
        page.text.contains("Indeed.").then_some(page.text)
    })
    .await;
    assert!(
        page.contains("Well said.") && page.contains("Books"),
        "{page}"
    );
    assert_eq!(
        node.document(&article.id).await.status,
        410,
        "the old id is gone"
    );
    let replies = node
        .admin_json(&["comments", "list", "--article", "older-news"])
        .await;
    assert_eq!(replies.as_array().unwrap().len(), 2);
    let parents = "SELECT COUNT(*) FROM comments c JOIN comments p ON p.id = c.parent_id";
    assert_eq!(
        node.number(parents).await,
        Some(1),
        "the thread holds together"
    );
    assert_eq!(node.number("SELECT COUNT(*) FROM reactions").await, Some(1));
    assert_eq!(node.number("SELECT COUNT(*) FROM pins").await, Some(1));
    let history = node.admin_json(&["post", "history", "older-news"]).await;
    let numbers: Vec<i64> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["version"].as_i64().unwrap())
        .collect();
    assert_eq!(*numbers.last().unwrap(), 1, "{history}");
    assert!(numbers.is_sorted_by(|a, b| a > b), "{history}");
}

#[apply(both_databases)]
async fn a_former_address_works_again_after_a_restoration(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    node.admin(&["post", "delete", &article.slug, "--yes"])
        .await;
    settled(&node).await;
    node.admin(&["post", "restore", &article.slug, "--slug", "renewed"])
        .await;
    node.admin(&["post", "publish", "renewed"]).await;
    settled(&node).await;
    let moved = node.page(&article.url).await;
    assert_eq!(moved.status, 308);
    assert!(
        moved.header("location").ends_with("/renewed"),
        "{}",
        moved.header("location")
    );
    // Twice deleted, the last one comes back first.
    node.admin(&["post", "delete", "renewed", "--yes"]).await;
    node.publish("---\ntitle: New\nslug: fresh\n---\nNew.\n")
        .await;
    node.admin(&["post", "delete", "fresh", "--yes"]).await;
    node.publish("---\ntitle: Newer\nslug: fresh\n---\nNewer.\n")
        .await;
    node.admin(&["post", "delete", "fresh", "--yes"]).await;
    let restored = node.admin_json(&["post", "restore", "fresh"]).await;
    assert_eq!(restored["title"], "Newer");
}

#[apply(both_databases)]
async fn the_bin_is_emptied_by_command_and_after_30_days_with_its_files(
    #[case] database: Database,
) {
    let mut node = TestNode::start(database).await;
    let picture = node.folder.path().join("photo.png");
    image::RgbImage::new(40, 40).save(&picture).unwrap();
    let text = "---\ntitle: Pictured\n---\n![A square](photo.png)\n";
    for slug in ["first", "second"] {
        node.publish(&text.replace("title: Pictured", &format!("title: {slug}")))
            .await;
        node.admin(&["post", "delete", slug, "--yes"]).await;
    }
    let media = node.folder.path().join("media");
    // Beside a picture lie its smaller sizes, with a hyphen in their names.
    let files = || {
        let names = std::fs::read_dir(&media)
            .unwrap()
            .map(|file| file.unwrap().file_name());
        names
            .filter(|name| !name.to_string_lossy().contains('-'))
            .count()
    };
    assert_eq!(files(), 1, "the bin keeps it");
    let refused = complaint(&node, 2, &["post", "bin", "empty"]).await;
    assert!(refused.contains("Delete 2 articles for ever?"), "{refused}");
    let printed = node.admin(&["post", "bin", "empty", "first", "-y"]).await;
    assert_eq!(printed, "Deleted for ever: first\n");
    assert_eq!(files(), 1, "the second uses it too");
    node.sql(&format!(
        "UPDATE bin SET deleted_at = deleted_at - {}",
        30 * DAY + 1000
    ))
    .await;
    node.restart().await;
    eventually("it is deleted with its file", || async {
        let left = node.number("SELECT COUNT(*) FROM bin").await;
        (left == Some(0) && files() == 0).then_some(())
    })
    .await;
    assert_eq!(node.number("SELECT COUNT(*) FROM bin_rows").await, Some(0));
}

#[apply(both_databases)]
async fn pages_go_to_a_bin_too(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let file = node.file(
        "about.md",
        "---\ntitle: About\nmenu: footer\n---\nWho we are.\n",
    );
    node.admin(&["page", "publish", &file]).await;
    node.admin(&["page", "rename", "about", "about-us"]).await;
    let shown = node.admin(&["page", "show", "about-us"]).await;
    let refused = complaint(&node, 2, &["page", "delete", "about-us"]).await;
    assert!(refused.contains("--yes"), "{refused}");
    node.admin(&["page", "delete", "about-us", "--yes"]).await;
    assert_eq!(node.page("/about").await.status, 410);
    assert!(node.admin(&["page", "bin"]).await.contains("about-us"));
    assert_eq!(node.admin(&["post", "bin"]).await, "The bin is empty.\n");
    node.admin(&["page", "restore", "about-us"]).await;
    assert_eq!(node.admin(&["page", "show", "about-us"]).await, shown);
    assert_eq!(node.page("/about").await.status, 308);
    assert_eq!(node.page("/about-us").await.status, 200);
    let history = node.admin_json(&["page", "history", "about-us"]).await;
    assert_eq!(
        history[0]["changes"],
        serde_json::json!(["slug"]),
        "{history}"
    );
}

/// A node that dies between a deletion and its publication sends the Delete once it runs again, and once only.
#[apply(both_databases)]
async fn a_deletion_survives_a_crash(#[case] database: Database) {
    let mut program = Program::new(database).await;
    program.serve().await;
    let crowd = crate::support::Crowd::start().await;
    crowd.follow(&program.database_url, &["reader"]).await;
    let file = program.file("a.md", "---\ntitle: Gone\n---\nText.\n");
    let file = file.display().to_string();
    program.admin(&["post", "publish", &file]).await;
    crowd.wait_at("reader", 1).await;
    eventually("the delivery is written down", || async {
        let waiting = sql::number(&program.database_url, "SELECT COUNT(*) FROM deliveries").await;
        (waiting == Some(0)).then_some(())
    })
    .await;
    program.kill();
    program.admin(&["post", "delete", "gone", "--yes"]).await;
    program.admin(&["post", "restore", "gone"]).await;
    program.serve().await;
    let arrivals = crowd.wait_at("reader", 2).await;
    assert_eq!(arrivals[1].kind(), "Delete");
    program.admin(&["post", "publish", "gone"]).await;
    let arrivals = crowd.wait_at("reader", 3).await;
    assert_eq!(arrivals[2].kind(), "Create");
    let ids = [0, 2].map(|index| arrivals[index].activity["object"]["id"].clone());
    assert_ne!(ids[0], ids[1]);
    let pending = sql::number(&program.database_url, "SELECT COUNT(*) FROM bin").await;
    assert_eq!(pending, Some(0));
    assert_eq!(crowd.arrivals_at("reader").len(), 3);
}
