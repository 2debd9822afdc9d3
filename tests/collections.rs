//! Collections in pages, walked forth and back as another server does.

use crate::support::{Database, TestNode, both_databases, eventually, sql};
use rstest_reuse::apply;
use serde_json::{Value, json};

/// A page of a collection: its address and items.
type Page = (String, Vec<Value>);

/// Returns all pages of a collection, by `next`. The pages by `prev` must be the same.
async fn walk(node: &TestNode, id: &str) -> Vec<Page> {
    let whole = node.document(id).await.json();
    assert_eq!(whole["id"], id);
    assert_eq!(whole["type"], "OrderedCollection");
    let mut pages: Vec<Page> = Vec::new();
    let mut next = whole["first"].as_str().map(str::to_owned);
    let mut prevs = Vec::new();
    while let Some(address) = next {
        let page = node.document(&address).await.json();
        assert_eq!(page["id"], address.as_str());
        assert_eq!(page["type"], "OrderedCollectionPage", "{address}");
        assert_eq!(page["partOf"], id, "{address}");
        next = page["next"].as_str().map(str::to_owned);
        prevs.push(page["prev"].as_str().map(str::to_owned));
        pages.push((address, page["orderedItems"].as_array().unwrap().clone()));
        assert!(pages.len() < 10, "{id} has no end");
    }
    let before: Vec<Option<String>> = std::iter::once(None)
        .chain(pages.iter().map(|(address, _)| Some(address.clone())))
        .take(pages.len())
        .collect();
    assert_eq!(prevs, before, "each page names the one before it");
    pages
}

fn sizes(pages: &[Page]) -> Vec<usize> {
    pages.iter().map(|(_, items)| items.len()).collect()
}

fn items(pages: Vec<Page>) -> Vec<Value> {
    pages.into_iter().flat_map(|(_, items)| items).collect()
}

async fn wait_for_total(node: &TestNode, id: &str, total: i64) {
    eventually(&format!("{id} has {total} items"), || async {
        (node.document(id).await.json()["totalItems"] == total).then_some(())
    })
    .await;
}

/// Returns a table expression of numbers, for either database.
fn numbers(last: i64) -> String {
    format!(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})"
    )
}

/// Creates followers of the publication on `other.example`.
async fn add_followers(node: &TestNode, count: i64) {
    let numbers = numbers(count);
    let statements = format!(
        "INSERT INTO destinations (inbox, host, state) VALUES ('https://other.example/inbox', 'other.example', 'dead');
         {numbers} INSERT INTO remote_actors (uri, host, kind, username, handle_host, name, inbox, fetched_at)
         SELECT 'https://other.example/users/u' || n, 'other.example', 'Person', 'u' || n, 'other.example', 'U',
            'https://other.example/inbox', 0 FROM numbers;
         INSERT INTO followers (local_actor_id, actor_id, destination_id, follow_uri, created_at)
         SELECT l.id, a.id, d.id, a.uri || '/follow', 0 FROM local_actors l, remote_actors a, destinations d
         WHERE l.kind = 'site' ORDER BY a.id;"
    );
    sql::run(&node.database_url, &statements).await;
}

#[apply(both_databases)]
async fn the_outbox_has_every_article_newest_first(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let statement = format!(
        "{} INSERT INTO articles (slug, title, markdown) SELECT 'a' || n, 'Article ' || n, 'Text.' FROM numbers",
        numbers(120)
    );
    sql::run(&node.database_url, &statement).await;
    let outbox = node.url("/users/blog/outbox");
    wait_for_total(&node, &outbox, 120).await;
    let pages = walk(&node, &outbox).await;
    assert_eq!(sizes(&pages), [50, 50, 20]);
    let titles: Vec<Value> = items(pages)
        .iter()
        .map(|create| {
            assert_eq!(create["type"], "Create");
            create["object"]["name"].clone()
        })
        .collect();
    let expected: Vec<Value> = (1..=120)
        .rev()
        .map(|n| json!(format!("Article {n}")))
        .collect();
    assert_eq!(titles, expected);

    sql::run(&node.database_url, "DELETE FROM articles WHERE id % 4 = 0").await;
    wait_for_total(&node, &outbox, 90).await;
    assert_eq!(sizes(&walk(&node, &outbox).await), [50, 40]);
}

#[apply(both_databases)]
async fn an_empty_outbox_has_no_pages(#[case] database: Database) {
    let node = TestNode::start(database).await;
    for name in ["outbox", "followers", "following", "featured", "tags"] {
        let id = node.url(&format!("/users/blog/{name}"));
        let collection = node.document(&id).await.json();
        assert_eq!(collection["type"], "OrderedCollection", "{name}");
        assert_eq!(collection["totalItems"], 0, "{name}");
        assert!(walk(&node, &id).await.is_empty(), "{name}");
    }
}

#[apply(both_databases)]
async fn the_followers_are_listed_in_pages(#[case] database: Database) {
    let node = TestNode::start(database).await;
    add_followers(&node, 130).await;
    let pages = walk(&node, &node.url("/users/blog/followers")).await;
    assert_eq!(sizes(&pages), [50, 50, 30]);
    let listed = items(pages);
    assert_eq!(listed.first().unwrap(), "https://other.example/users/u130");
    assert_eq!(listed.last().unwrap(), "https://other.example/users/u1");
}

#[apply(both_databases)]
async fn the_conversation_is_listed_oldest_first(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let statement = format!(
        "{} INSERT INTO comments (article_id, number, uri, author_name, author_handle, content, state, published_at,
                received_at) SELECT a.id, n, 'https://other.example/notes/' || n, 'U', '@u@other.example', 'Yes.',
                CASE n % 10 WHEN 1 THEN 'held' WHEN 2 THEN 'hidden' WHEN 3 THEN 'deleted' ELSE 'visible' END, 0, 0
             FROM articles a, numbers",
        numbers(200)
    );
    sql::run(&node.database_url, &statement).await;
    let visible: Vec<Value> = (1..=200)
        .filter(|n| ![1, 2, 3].contains(&(n % 10)))
        .map(|n| json!(format!("https://other.example/notes/{n}")))
        .collect();
    let replies = format!("{}/replies", article.id);
    assert_eq!(node.document(&replies).await.json()["totalItems"], 140);
    let pages = walk(&node, &replies).await;
    assert_eq!(sizes(&pages), [50, 50, 40]);
    assert_eq!(items(pages), visible);

    let context = format!("{}/context", article.id);
    assert_eq!(node.document(&context).await.json()["totalItems"], 141);
    let thread = items(walk(&node, &context).await);
    assert_eq!(thread[0], article.id.as_str());
    assert_eq!(thread[1..], visible);

    assert_eq!(
        node.document(&context).await.json()["attributedTo"],
        node.blog()
    );
    let document = node.document(&article.id).await.json();
    assert_eq!(document["context"], context);
    assert_eq!(document["replies"]["id"], replies);
    assert_eq!(document["replies"]["totalItems"], 140);
    let first = &document["replies"]["first"];
    assert_eq!(first["id"], node.document(&replies).await.json()["first"]);
    assert_eq!(
        first["orderedItems"],
        json!(visible[..50]),
        "its first page stands in the document"
    );
    let mut page = node.document(first["id"].as_str().unwrap()).await.json();
    page.as_object_mut().unwrap().remove("@context");
    assert_eq!(page, *first);
}

#[apply(both_databases)]
async fn a_collection_of_whole_pages_ends_with_a_full_one(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    add_followers(&node, 100).await;
    let statement = format!(
        "{} INSERT INTO comments (article_id, number, uri, author_name, author_handle, content, state, published_at,
                received_at) SELECT a.id, n, 'https://other.example/notes/' || n, 'U', '@u@other.example', 'Yes.',
                'visible', 0, 0 FROM articles a, numbers",
        numbers(100)
    );
    sql::run(&node.database_url, &statement).await;
    for id in [
        format!("{}/followers", node.blog()),
        format!("{}/replies", article.id),
    ] {
        assert_eq!(sizes(&walk(&node, &id).await), [50, 50], "{id}");
    }
    let statement = format!(
        "{} INSERT INTO articles (slug, title, markdown) SELECT 'a' || n, 'Article ' || n, 'Text.' FROM numbers",
        numbers(49)
    );
    sql::run(&node.database_url, &statement).await;
    let outbox = node.url("/users/blog/outbox");
    wait_for_total(&node, &outbox, 50).await;
    assert_eq!(sizes(&walk(&node, &outbox).await), [50]);
}

#[apply(both_databases)]
async fn likes_and_shares_are_counted_but_not_named(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    add_followers(&node, 5).await;
    sql::run(&node.database_url,
        "INSERT INTO reactions (actor_id, article_id, kind, uri, created_at)
             SELECT r.id, a.id, CASE WHEN r.id % 5 < 3 THEN 'like' ELSE 'boost' END, r.uri || '/did', 0
             FROM remote_actors r, articles a").await;
    let document = node.document(&article.id).await.json();
    for (name, total) in [("likes", 3), ("shares", 2)] {
        let id = format!("{}/{name}", article.id);
        let response = node.document(&id).await;
        assert_eq!(response.json()["totalItems"], total, "{name}");
        assert_eq!(document[name]["id"], id, "{name}");
        assert_eq!(document[name]["totalItems"], total, "{name}");
        assert!(!response.text.contains("other.example"), "{name}");
        assert!(response.json().get("first").is_none(), "{name}");
    }
}

#[apply(both_databases)]
async fn a_collection_that_is_not_there_is_not_found(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let draft = node.file("draft.md", "---\ntitle: A draft\n---\nNot yet.\n");
    let draft = node.admin_json(&["post", "draft", &draft]).await;
    for target in [
        format!("{}/other", article.id),
        format!("{}/replies?page=x", article.id),
        format!("{}/replies?page=9223372036854775808", article.id),
        format!("{}/replies", draft["id"].as_str().unwrap()),
        node.url("/users/blog/other"),
        node.url("/users/nobody/outbox"),
        node.url("/users/nobody/followers"),
        node.url("/users/instance.actor/outbox"),
    ] {
        assert_eq!(node.document(&target).await.status, 404, "{target}");
    }
    for page in ["-1", "0", "9223372036854775807", "-9223372036854775808"] {
        for collection in [
            node.url("/users/blog/outbox"),
            node.url("/users/blog/followers"),
            format!("{}/replies", article.id),
        ] {
            let target = format!("{collection}?page={page}");
            assert_eq!(node.document(&target).await.status, 200, "{target}");
        }
    }
}

#[apply(both_databases)]
async fn hidden_followers_are_only_counted(#[case] database: Database) {
    let node = TestNode::start_with(database, "[followers]\nhide = true\n").await;
    add_followers(&node, 3).await;
    let response = node.document("/users/blog/followers").await;
    assert_eq!(response.json()["totalItems"], 3);
    assert!(response.json().get("first").is_none());
    for page in ["first", "true", "100"] {
        let response = node
            .document(&format!("/users/blog/followers?page={page}"))
            .await;
        assert_eq!(response.status, 404, "{page}");
        assert!(!response.text.contains("other.example"), "{page}");
    }
}
