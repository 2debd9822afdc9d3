//! What a sync changes, and what followers get of it.

use super::{Content, actions, articles, picture, told, wait_until_told};
use crate::{
    assert_printed,
    support::{Crowd, Database, TestNode, both_databases, eventually},
};
use rstest_reuse::apply;
use serde_json::{Value, json};

#[apply(both_databases)]
async fn a_folder_is_the_truth_about_its_articles(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    node.publish("---\ntitle: Elsewhere\n---\nNot of the folder.\n")
        .await;
    let content = Content::of(&node);
    content.article(
        "posts/one.md",
        "One",
        "The first. ![A square](../pictures/red.png)",
    );
    picture(&content, "pictures/red.png", 200);
    content.article("posts/two.md", "Two", "The second.");
    content.article("_drafts/three.md", "Three", "Unfinished.");
    content.write(
        "posts/soon.md",
        "---\ntitle: Soon\ndate: 2999-01-01\n---\nLater.\n",
    );
    content.write(
        "pages/about.md",
        "---\ntitle: About\nmenu: footer\n---\nAbout us.\n",
    );
    content.write("README.md", "How to write here.\n");
    content.write(".hidden.md", "# Hidden\n");
    content.write("node_modules/x/a.md", "# A\n");
    content.write("posts/_index.md", "---\ntitle: Posts\n---\n");

    // A dry run shows everything, and does nothing.
    let planned = content.run(&["--dry-run"]).await;
    assert!(planned.status.success(), "{planned:?}");
    assert_printed!("sync_dry_run", String::from_utf8(planned.stdout).unwrap());
    assert_eq!(articles(&node).await, ["elsewhere published"]);
    assert_eq!(node.page("/about").await.status, 404);

    let created = content.sync(&[]).await;
    assert_eq!(
        created,
        [
            "create pages/about.md",
            "create _drafts/three.md",
            "create posts/one.md",
            "create posts/two.md",
            "create posts/soon.md"
        ]
    );
    let all = [
        "elsewhere published",
        "one published",
        "soon scheduled",
        "three draft",
        "two published",
    ];
    assert_eq!(articles(&node).await, all);
    assert!(node.page("/about").await.text.contains("About us."));
    let creates = ["Create elsewhere", "Create one", "Create two"];
    wait_until_told(&crowd, &creates).await;

    // Nothing changed, whatever the times of the files say.
    let again = content.run(&[]).await;
    assert_printed!("sync_unchanged", String::from_utf8(again.stdout).unwrap());
    for name in ["posts/one.md", "pictures/red.png"] {
        let bytes = std::fs::read(content.path(name)).unwrap();
        content.write(name, bytes);
    }
    assert_eq!(content.sync(&[]).await, [""; 0]);

    // A changed text, a changed picture, a file with another name, a draft that is published.
    content.article("posts/two.md", "Two", "The second, corrected.");
    picture(&content, "pictures/red.png", 100);
    content.rename("_drafts/three.md", "posts/three.md");
    content.rename("pages/about.md", "pages/us.md");
    let changed = content.sync_json(&[]).await;
    assert_eq!(
        actions(&changed),
        [
            "change posts/one.md",
            "change posts/two.md",
            "change posts/three.md",
            "move pages/us.md"
        ]
    );
    let parts = |number: usize| changed["actions"][number]["parts"].clone();
    assert_eq!((parts(0), parts(1)), (json!(["text"]), json!(["text"])));
    assert_eq!(changed["actions"][2]["parts"], json!(["date", "status"]));
    let with_updates = [&creates[..], &["Create three", "Update one", "Update two"]].concat();
    let mut sorted = with_updates.clone();
    sorted.sort_unstable();
    wait_until_told(&crowd, &sorted).await;

    // A typo, which no follower hears of.
    content.article("posts/two.md", "Two", "The second, corrected again.");
    assert_eq!(content.sync(&["--quiet"]).await, ["change posts/two.md"]);
    eventually("the page has the new text", || async {
        let url = node.admin_json(&["post", "show", "two"]).await["url"].clone();
        let page = node.page(url.as_str().unwrap()).await.text;
        page.contains("corrected again").then_some(())
    })
    .await;

    // A new slug, which frees the old one for another file.
    content.write(
        "posts/two.md",
        "---\ntitle: Two\nslug: zwei\n---\nThe second, corrected again.\n",
    );
    content.write(
        "posts/new.md",
        "---\ntitle: New\nslug: two\n---\nAnother second.\n",
    );
    let renamed = content.sync(&[]).await;
    assert_eq!(renamed, ["change posts/two.md", "create posts/new.md"]);
    let shown = node.admin_json(&["post", "show", "zwei"]).await;
    assert!(
        shown["markdown"]
            .as_str()
            .unwrap()
            .contains("corrected again")
    );

    // What is removed is deleted, if the admin agrees. The article of nobody's file stays.
    content.remove("posts/one.md");
    content.remove("pages/us.md");
    let question = content
        .refused(&[], 2, &["Delete 1 article", "delete 1 page", "--yes"])
        .await;
    assert_eq!(question.trim_end().lines().count(), 1, "{question}");
    assert_eq!(articles(&node).await.len(), 6);
    let deleted = content.sync(&["--yes"]).await;
    assert_eq!(deleted, ["delete pages/us.md", "delete posts/one.md"]);
    eventually("the deletion arrives", || async {
        told(&crowd).contains(&"Delete -".to_owned()).then_some(())
    })
    .await;
    assert_eq!(node.page("/about").await.status, 410);

    // A published article that becomes a draft is deleted elsewhere, so that the admin is asked too.
    content.rename("posts/three.md", "_drafts/three.md");
    content.refused(&[], 2, &["Unpublish 1 article"]).await;
    assert_eq!(
        content.sync(&["--max-delete", "1"]).await,
        ["unpublish _drafts/three.md"]
    );
    assert_eq!(
        articles(&node).await,
        [
            "elsewhere published",
            "soon scheduled",
            "three draft",
            "two published",
            "zwei published"
        ]
    );
    let last = told(&crowd);
    let updates = last
        .iter()
        .filter(|one| one.starts_with("Update two"))
        .count();
    assert_eq!(updates, 1, "{last:?}");
}

/// 500 old articles must not flood anyone.
#[apply(both_databases)]
async fn old_articles_are_announced_only_if_the_admin_says_so(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = Crowd::start().await;
    crowd.follow(&node.database_url, &["reader"]).await;
    let content = Content::of(&node);
    for number in 1..=3 {
        let text = format!("---\ntitle: Old {number}\ndate: 2001-02-0{number}\n---\nText.\n");
        content.write(&format!("{number}.md"), text);
    }
    let words = ["3 articles are more than a day old", "--tell", "--silent"];
    content.refused(&[], 2, &words).await;
    assert_eq!(articles(&node).await, [""; 0]);
    // A dry run asks nothing.
    let planned = content.sync_json(&["--dry-run"]).await;
    assert_eq!(planned["actions"][0]["old"], true);
    assert_eq!(planned["actions"][0]["told"], "create");

    assert_eq!(content.sync(&["--silent"]).await.len(), 3);
    content.write(
        "1.md",
        "---\ntitle: Old 1\ndate: 2001-02-01\n---\nCorrected.\n",
    );
    assert_eq!(content.sync(&[]).await, ["change 1.md"]);
    // The change goes to servers that have the article, which was never announced: to none here.

    // Many announcements are a question of their own.
    for number in 1..=12 {
        content.article(
            &format!("new-{number}.md"),
            &format!("New {number}"),
            "Text.",
        );
    }
    content
        .refused(&[], 2, &["Tell 1 follower about 12 articles?", "--yes"])
        .await;
    content.sync(&["--max-tell", "12"]).await;
    eventually("all arrive", || async {
        (told(&crowd).len() == 12).then_some(())
    })
    .await;
    assert!(!told(&crowd).contains(&"Update old-1".to_owned()));
}

#[apply(both_databases)]
async fn two_folders_are_synced_beside_each_other(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (blog, wiki) = (Content::of(&node), Content::named(&node, "wiki"));
    blog.article("a.md", "A", "Of the blog.");
    wiki.article("b.md", "B", "Of the wiki.");
    blog.sync(&[]).await;
    let words = ["none of the 1 files of the last sync", "--source NAME"];
    wiki.refused(&["--yes"], 1, &words).await;
    wiki.sync(&["--source", "wiki"]).await;
    // Neither takes the other's articles, even by force.
    wiki.write("a.md", "---\ntitle: A\n---\nOf the wiki.\n");
    let words = ["1 conflict"];
    wiki.refused(&["--source", "wiki", "--force"], 1, &words)
        .await;
    wiki.remove("a.md");
    assert_eq!(wiki.sync(&["--source", "wiki"]).await, [""; 0]);
    assert_eq!(blog.sync(&[]).await, [""; 0]);
    assert_eq!(articles(&node).await, ["a published", "b published"]);
}

/// Two runs at once, as two pushes cause: together they do everything once.
#[apply(both_databases)]
async fn simultaneous_syncs_do_everything_once(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let content = Content::of(&node);
    for number in 0..20 {
        content.article(
            &format!("{number}.md"),
            &format!("Number {number}"),
            "Text.",
        );
    }
    let (one, other) = tokio::join!(content.run(&["--json"]), content.run(&["--json"]));
    let created = |output: &std::process::Output| {
        assert!(output.status.success(), "{output:?}");
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        json["done"].as_i64().unwrap()
    };
    assert_eq!(created(&one) + created(&other), 20);
    assert_eq!(articles(&node).await.len(), 20);
}
