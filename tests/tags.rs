//! Tags that the admin lists, renames and merges.

use crate::support::{Crowd, Database, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::{Value, json};

async fn publish(node: &TestNode, title: &str, tags: &str) -> String {
    let text = format!("---\ntitle: {title}\ntags: [{tags}]\n---\nThe text of {title}.\n");
    node.publish(&text).await.slug
}

async fn tags(node: &TestNode) -> Vec<(String, i64)> {
    let listed = node.admin_json(&["tag", "list"]).await;
    let of = |tag: &Value| {
        let name = tag["name"].as_str().unwrap().to_owned();
        (name, tag["articles"].as_i64().unwrap())
    };
    listed.as_array().unwrap().iter().map(of).collect()
}

fn named(tags: &[(&str, i64)]) -> Vec<(String, i64)> {
    tags.iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

/// Returns how many activities of a type arrived at the follower.
fn arrived(crowd: &Crowd, kind: &str) -> usize {
    let arrivals = crowd.arrivals_at("reader").into_iter();
    arrivals.filter(|arrival| arrival.kind() == kind).count()
}

async fn wait_for(crowd: &Crowd, kind: &str, count: usize) {
    eventually(&format!("{count} {kind}"), || async {
        (arrived(crowd, kind) == count).then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn a_renamed_tag_leads_to_its_successor_for_ever_and_nobody_is_told(
    #[case] database: Database,
) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    publish(&node, "One", "film, Books").await;
    publish(&node, "Two", "FILM").await;
    publish(&node, "Three", "movies").await;
    let draft = node.file("draft.md", "---\ntitle: Four\ntags: [film]\n---\nText.\n");
    node.admin(&["post", "draft", &draft]).await;
    node.admin(&["note", "A note about a #film."]).await;
    wait_for(&crowd, "Create", 4).await;
    let before = named(&[("Books", 1), ("film", 3), ("movies", 1)]);
    assert_eq!(tags(&node).await, before);

    // A dry run changes nothing.
    let planned = node
        .admin(&["tag", "rename", "Film", "Cinema", "--dry-run"])
        .await;
    assert!(
        planned.starts_with("Would change: film -> Cinema in 3 articles"),
        "{planned}"
    );
    assert!(planned.contains("no follower is told"), "{planned}");
    assert_eq!(tags(&node).await, before);

    let renamed = node.admin(&["tag", "rename", "Film", "Cinema"]).await;
    assert!(
        renamed.starts_with("Changed: film -> Cinema in 3 articles"),
        "{renamed}"
    );
    assert!(renamed.contains("/tags/cinema"), "{renamed}");
    assert_eq!(
        tags(&node).await,
        named(&[("Books", 1), ("Cinema", 3), ("movies", 1)])
    );

    // The old page and its feed lead to the new ones; the note is found there too.
    let old = node.page("/tags/film").await;
    assert_eq!(
        (old.status, old.header("location")),
        (308, node.url("/tags/cinema").as_str())
    );
    let feed = node.page("/tags/FILM/feed.atom?x=1").await;
    let target = node.url("/tags/cinema/feed.atom?x=1");
    assert_eq!(
        (feed.status, feed.header("location")),
        (308, target.as_str())
    );
    let page = eventually("the page has all posts", || async {
        let page = node.page("/tags/cinema").await.text;
        page.contains("A note about").then_some(page)
    })
    .await;
    assert!(
        page.contains("One") && page.contains("Two") && !page.contains("Four"),
        "{page}"
    );

    // A merge leads on, also from what became one of its tags before.
    let merged = node
        .admin_json(&["tag", "merge", "cinema", "MOVIES", "Films", "--tell"])
        .await;
    let slugs: Vec<&str> = merged["articles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|article| article["slug"].as_str().unwrap())
        .collect();
    assert_eq!(slugs, ["four", "three", "two", "one"]);
    assert_eq!(merged["told"], true);
    for tag in ["film", "cinema", "movies"] {
        let old = node.page(&format!("/tags/{tag}")).await;
        assert_eq!(old.header("location"), node.url("/tags/films"), "{tag}");
    }
    assert_eq!(tags(&node).await, named(&[("Books", 1), ("Films", 4)]));
    let listed = node.admin_json(&["tag", "list"]).await;
    assert_eq!(listed[1]["former"], json!(["cinema", "film", "movies"]));
    // Three published articles were announced, and only now.
    wait_for(&crowd, "Update", 3).await;

    // Back again: the tag has its page, and its successor leads to it.
    node.admin(&["tag", "rename", "Films", "film"]).await;
    assert_eq!(node.page("/tags/film").await.status, 200);
    assert_eq!(
        node.page("/tags/films").await.header("location"),
        node.url("/tags/film")
    );
    assert_eq!(
        node.page("/tags/movies").await.header("location"),
        node.url("/tags/film")
    );
    assert_eq!(arrived(&crowd, "Update"), 3);
}

#[apply(both_databases)]
async fn mistakes_with_tags_change_nothing(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let empty = node.admin(&["tag", "list"]).await;
    assert!(empty.contains("No article has a tag"), "{empty}");
    publish(&node, "One", "film, Books").await;
    publish(&node, "Two", "movies, film").await;
    let before = tags(&node).await;
    let cases: [(&[&str], i32, &str); 8] = [
        (
            &["tag", "rename", "flim", "Cinema"],
            1,
            "did you mean film?",
        ),
        (
            &["tag", "rename", "entirely-other", "Cinema"],
            1,
            "pamphlet tag list",
        ),
        (
            &["tag", "rename", "film", "Movies"],
            1,
            "pamphlet tag merge film Movies",
        ),
        (&["tag", "rename", "film", " # "], 2, "the new tag is empty"),
        (&["tag", "merge", "film"], 2, "2 values required"),
        (
            &["tag", "merge", "film", "gone", "Cinema"],
            1,
            "no article has the tag gone",
        ),
        (&["tag", "rename", "film"], 2, "required"),
        (&["tag", "rename"], 2, "required"),
    ];
    for (arguments, code, words) in cases {
        let output = node.cli(arguments).await;
        let printed = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {printed}");
        assert!(printed.contains(words), "{arguments:?}: {printed}");
        assert_eq!(tags(&node).await, before, "{arguments:?}");
    }
    // Another spelling is a change of its own, which leads nowhere.
    let respelled = node.admin(&["tag", "rename", "film", "Film"]).await;
    assert!(
        respelled.starts_with("Changed: film -> Film in 2 articles"),
        "{respelled}"
    );
    assert!(!respelled.contains("addresses"), "{respelled}");
    let again = node.admin(&["tag", "rename", "film", "Film"]).await;
    assert!(again.starts_with("Nothing changed"), "{again}");
    assert_eq!(node.page("/tags/film").await.status, 200);
    // The article with both tags has one afterwards.
    node.admin(&["tag", "merge", "movies", "film", "Film"])
        .await;
    let shown = node.admin_json(&["post", "show", "two"]).await;
    assert_eq!(shown["tags"], json!(["Film"]));
}
