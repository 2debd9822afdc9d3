//! Two servers that nobody of this project wrote, Fedify and bovine, and what their users see and do.

use crate::support::{
    Database, TestNode, eventually,
    foreign_server::{ServerKind, each_server_and_style},
    node::Article,
};
use rstest_reuse::apply;
use serde_json::{Value, json};

#[apply(each_server_and_style)]
async fn finds_the_publication_by_its_handle(
    #[case] server: ServerKind,
    #[case] database: Database,
) {
    let node = &TestNode::start(database).await;
    let server = server.start().await;
    let handle = format!("@blog@{}", node.origin.strip_prefix("http://").unwrap());
    let found = server.ask("lookup", json!({"handle": handle})).await;
    assert_eq!(found["id"], node.blog());
    assert_eq!(found["preferredUsername"], "blog");
    assert_eq!(found["inbox"], node.url("/users/blog/inbox"));
    let keys = found["publicKeys"].as_array().unwrap();
    assert!(
        keys.contains(&json!(format!("{}#main-key", node.blog()))),
        "{keys:?}"
    );
}

#[apply(each_server_and_style)]
async fn reads_an_article_from_its_id(#[case] server: ServerKind, #[case] database: Database) {
    let node = &TestNode::start(database).await;
    let server = server.start().await;
    let article = node
        .publish(&text("article", "Some **strong** words."))
        .await;
    eventually("the article can be fetched", || async {
        (node.document(&article.id).await.status == 200).then_some(())
    })
    .await;
    let found = server.ask("fetch", json!({"id": article.id})).await;
    assert_eq!(found["id"], article.id);
    assert_eq!(found["type"], "Article");
    assert_eq!(found["name"], "A foreign reader");
    assert_eq!(found["attributedTo"], node.blog());
    assert!(
        found["content"]
            .as_str()
            .unwrap()
            .contains("<strong>strong</strong>"),
        "{found}"
    );
}

#[apply(each_server_and_style)]
async fn follows_and_is_told_of_every_change(
    #[case] server: ServerKind,
    #[case] database: Database,
) {
    let node = &TestNode::start(database).await;
    let server = server.start().await;
    let follow = server.send("follow", json!({"actor": node.blog()})).await;
    let accept = server.wait_for("Accept", &node.blog(), &follow).await;
    assert_eq!(accept["object"]["actor"], server.reader());
    assert_eq!(accept["object"]["object"], node.blog());
    let followers = node.admin_json(&["followers", "list"]).await;
    assert_eq!(followers[0]["actor"], server.reader());
    assert_eq!(followers[0]["handle"], server.handle());

    for (form, kind) in [("article", "Article"), ("note", "Note"), ("teaser", "Note")] {
        let article = node.publish(&text(form, "The first words.")).await;
        let create = server.wait_for("Create", &node.blog(), &article.id).await;
        assert_eq!(create["object"]["type"], kind, "{form}");
        assert_eq!(create["object"]["url"], article.url, "{form}");
        assert!(
            content(&create).contains("The first words."),
            "{form}: {create}"
        );

        let edited = node.file("edited.md", &text(form, "The better words."));
        node.admin(&["post", "edit", &article.slug, &edited]).await;
        let update = server.wait_for("Update", &node.blog(), &article.id).await;
        assert!(
            content(&update).contains("The better words."),
            "{form}: {update}"
        );

        node.admin(&["post", "delete", &article.slug, "--yes"])
            .await;
        server.wait_for("Delete", &node.blog(), &article.id).await;
    }

    let received = server.received_from(&node.blog()).await;
    let kinds: Vec<&str> = received
        .iter()
        .map(|one| one["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds[0], "Accept");
    assert_eq!(kinds[1..], ["Create", "Update", "Delete"].repeat(3));

    server.send("unfollow", json!({"actor": node.blog()})).await;
    assert_eq!(node.admin_json(&["followers", "list"]).await, json!([]));
}

#[apply(each_server_and_style)]
async fn answers_under_the_article(#[case] server: ServerKind, #[case] database: Database) {
    let node = &TestNode::start(database).await;
    let server = server.start().await;
    let article = node.publish_any().await;
    let answer = server
        .reply(node, &article.id, "<p>Well <em>said</em>.</p>")
        .await;
    let page = page_with("Well <em>said</em>.", node, &article).await;
    assert!(page.contains(&server.handle()), "{page}");
    assert!(page.contains("1 comment<"), "{page}");
    assert!(!page.contains("edited <time"), "{page}");

    server.reply(node, &answer, "<p>And more.</p>").await;
    let page = page_with("And more.", node, &article).await;
    assert!(page.contains("2 comments<"), "{page}");
    let comments = node.comments().await;
    assert_eq!(comments.len(), 2);

    server
        .send(
            "edit",
            json!({"id": answer, "content": "<p>Better said.</p>"}),
        )
        .await;
    let page = page_with("Better said.", node, &article).await;
    assert!(page.contains("edited <time"), "{page}");
    assert!(!page.contains("Well <em>"), "{page}");

    server.send("delete", json!({"id": answer})).await;
    let page = page_with("Comment deleted", node, &article).await;
    assert!(!page.contains("Better said."), "{page}");
    assert!(
        page.contains("And more.") && page.contains("1 comment<"),
        "{page}"
    );
}

#[apply(each_server_and_style)]
async fn likes_and_boosts_and_thinks_again(#[case] server: ServerKind, #[case] database: Database) {
    let node = &TestNode::start(database).await;
    let server = server.start().await;
    let article = node.publish_any().await;
    let answer = server
        .reply(node, &article.id, "<p>My own words.</p>")
        .await;
    for object in [&article.id, &answer] {
        let about = json!({"object": object, "to": node.blog()});
        for (action, shown) in [("like", "<li>1 like</li>"), ("boost", "<li>1 boost</li>")] {
            let before = node.page(&article.url).await.text;
            assert!(!before.contains(shown), "{action} {object}: {before}");
            server.send(action, about.clone()).await;
            server.send(action, about.clone()).await;
            page_with(shown, node, &article).await;
            server.send(&format!("undo-{action}"), about.clone()).await;
            let after = node.page(&article.url).await.text;
            assert!(!after.contains(shown), "undo-{action} {object}: {after}");
        }
    }
}

/// Returns an article in one of its federated forms. The teaser shows only the summary.
fn text(form: &str, words: &str) -> String {
    format!("---\ntitle: A foreign reader\nsummary: {words:?}\nfederate: {form}\n---\n{words}\n")
}

fn content(activity: &Value) -> &str {
    activity["object"]["content"].as_str().unwrap_or_default()
}

/// Waits until the article's page shows something; the page.
async fn page_with(shown: &str, node: &TestNode, article: &Article) -> String {
    eventually(&format!("the page shows {shown}"), || async {
        let page = node.page(&article.url).await.text;
        page.contains(shown).then_some(page)
    })
    .await
}
