//! Edits: what is shown can be stored again without a change, and quiet ones are not announced.

use super::{complaint, follower, settled, text, told};
use crate::support::{Database, TestNode, both_databases};
use rstest_reuse::apply;
use std::{
    io::Write,
    process::{Command, Stdio},
};

/// Shows an article into a file and edits the article by it.
async fn edit_by_shown(node: &TestNode, slug: &str) -> String {
    let shown = node.admin(&["post", "show", slug]).await;
    let file = node.file("shown.md", &shown);
    node.admin(&["post", "edit", slug, &file]).await
}

#[apply(both_databases)]
async fn what_is_shown_can_be_stored_again_and_changes_nothing(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = follower(&node).await;
    let full = "---\ntitle: 'Yes: \"no\" # {x} | - é'\nslug: full\nauthor: '1984'\ndate: 2026-01-02T03:04:05.678+05:00\n\
                updated: 2026-01-03\ntags: ['true', 'a: b', '~', '- e', '#x', '1.10']\nsummary: |\n  two\n  ---\n  lines: [x\n\
                language: en-GB\nimage: https://a.example/x?y=#z\nimage_alt: '{alt}'\nfederate: note\n\
                federate_summary: excerpt\npictures: attached\ncomments: moderated\ncomment_days: 0\npings: closed\n\
                quotes: followers\nsensitive: yes\ncontent_warning: 'null'\n---\n\n---\ntext: yes\n---\n";
    let file = node.file("full.md", full);
    node.admin(&["post", "draft", &file]).await;
    // Other programs write what no file has.
    node.sql(
        "UPDATE articles SET status = 'published';
         INSERT INTO authors (username, name) VALUES ('ana', 'Ana: the \"first\"');
         INSERT INTO articles (slug, title, markdown, author_id, summary, language, published_at) VALUES
            ('crlf', 'A', 'one' || CHR(13) || CHR(10) || 'two   ' || CHR(10) || CHR(10) || CHR(10), NULL, '', 'xx-bad tag', 1),
            ('lines', ' two  spaces ', CHR(10) || CHR(10) || '    code', (SELECT id FROM authors), ' x ', '', 253402300799999),
            ('rule', '---', '---' || CHR(10) || 'title: other' || CHR(10) || '---' || CHR(10), NULL, NULL, NULL, 7),
            ('yaml', '~', 'x', NULL, '- a' || CHR(10) || '- b', NULL, 1700000000001);
         INSERT INTO article_tags SELECT id, 'b' FROM articles WHERE slug = 'yaml';
         INSERT INTO article_tags SELECT id, ' a,b ' FROM articles WHERE slug = 'yaml';"
            .replace("CHR(", if database == Database::Sqlite { "CHAR(" } else { "CHR(" })
            .as_str(),
    )
    .await;
    settled(&node).await;
    crowd.wait_at("reader", 4).await;
    let state = async || {
        let versions = "SELECT COUNT(*) FROM article_versions";
        let columns = "SELECT slug || title || markdown || COALESCE(summary, '-') || COALESCE(language, '-')
                || published_at || COALESCE(updated_at, 0) || byline || COALESCE(author_id, 0) FROM articles ORDER BY id";
        (node.number(versions).await, node.texts(columns).await)
    };
    let before = state().await;
    for slug in ["full", "crlf", "lines", "rule", "yaml"] {
        let printed = edit_by_shown(&node, slug).await;
        assert!(
            printed.starts_with("Nothing changed: "),
            "{slug}: {printed}"
        );
    }
    assert_eq!(state().await, before, "not even a column");
    settled(&node).await;
    let count = told(&crowd).len();
    node.publish("---\ntitle: Last\n---\nThe end.\n").await;
    crowd.wait_at("reader", count + 1).await;
    assert!(!told(&crowd).contains(&"Update".to_owned()));
    let json = node.admin_json(&["post", "show", "full"]).await;
    for key in [
        "id",
        "url",
        "slug",
        "title",
        "status",
        "published",
        "federate",
        "comments",
        "comment_policy",
        "comment_days",
        "tags",
        "author",
        "byline",
        "updated",
        "summary_text",
        "language",
        "image",
        "image_alt",
        "federate_summary",
        "pictures",
        "pings",
        "quotes",
        "sensitive",
        "content_warning",
        "pinned",
        "visible_comments",
        "markdown",
    ] {
        assert!(json.get(key).is_some(), "{key}: {json}");
    }
    // A real edit keeps what it does not change.
    let shown = node.admin(&["post", "show", "full"]).await;
    let file = node.file("shown.md", &shown.replace("text: yes", "text: no"));
    node.admin(&["post", "edit", "full", &file]).await;
    assert_eq!(
        node.admin(&["post", "show", "full"]).await,
        shown.replace("text: yes", "text: no")
    );
}

#[apply(both_databases)]
async fn a_quiet_edit_is_on_the_page_and_sent_to_nobody(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let crowd = follower(&node).await;
    let article = node.publish("---\ntitle: Typo\n---\nTeh text.\n").await;
    crowd.wait_at("reader", 1).await;
    // From the standard input, as a filter writes it.
    let mut edit = Command::new(env!("CARGO_BIN_EXE_pamphlet"))
        .arg("--config")
        .arg(&node.config_file)
        .args(["post", "edit", "typo", "-", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = edit.stdin.take().unwrap();
    stdin
        .write_all(b"---\ntitle: Typo\n---\nThe text.\n")
        .unwrap();
    drop(stdin);
    let output = tokio::task::spawn_blocking(move || edit.wait_with_output().unwrap())
        .await
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert!(
        text(&output).starts_with("Updated: Typo"),
        "{}",
        text(&output)
    );
    settled(&node).await;
    let document = node.document(&article.id).await.json();
    assert!(
        document["content"].as_str().unwrap().contains("The text."),
        "{document}"
    );
    let file = node.file("loud.md", "---\ntitle: Typo\n---\nThe new text.\n");
    node.admin(&["post", "edit", "typo", &file]).await;
    let arrivals = crowd.wait_at("reader", 2).await;
    assert_eq!(told(&crowd), ["Create", "Update"]);
    let content = arrivals[1].activity["object"]["content"].as_str().unwrap();
    assert!(content.contains("The new text."), "{content}");
}

#[apply(both_databases)]
async fn wrong_edits_change_nothing_and_say_why(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.publish("---\ntitle: Kept\n---\nText.\n").await;
    let before = node.admin(&["post", "show", "kept"]).await;
    let folder = node.folder.path().display().to_string();
    let latin = node.folder.path().join("latin.md");
    std::fs::write(&latin, b"---\ntitle: Caf\xe9\n---\n").unwrap();
    let latin = latin.display().to_string();
    let broken = node.file("broken.md", "---\ntitle: [x\n---\n");
    let cases: &[(&[&str], i32, &str)] = &[
        (&["post", "edit", "kept", "missing.md"], 1, "missing.md"),
        (&["post", "edit", "kept", &folder], 1, "not a file"),
        (&["post", "edit", "kept", &latin], 1, "UTF-8"),
        (&["post", "edit", "kept", &broken], 1, "broken.md"),
        (&["post", "edit", "gone", &broken], 1, "broken.md"),
        (&["post", "edit", "kept", "-"], 1, "standard input"),
        (&["post", "unpublish", "kept"], 2, "--yes"),
        (&["post", "delete", "kept"], 2, "--yes"),
        (&["post", "rename", "kept", "No Slug"], 2, "No Slug"),
        (&["post", "rename", "kept", "kept"], 1, "already"),
        (&["post", "rename", "gone", "other"], 1, "post list"),
        (&["post", "history", "gone"], 1, "post list"),
        (&["post", "diff", "kept"], 1, "only one version"),
        (
            &["post", "diff", "kept", "9"],
            1,
            "no version has the number 9",
        ),
        (
            &["post", "revert", "kept", "9"],
            1,
            "no version has the number 9",
        ),
        (
            &["post", "bin", "empty", "kept", "--yes"],
            1,
            "the bin has no article kept",
        ),
    ];
    for (arguments, code, words) in cases {
        let complaint = complaint(&node, *code, arguments).await;
        assert!(complaint.contains(words), "{arguments:?}: {complaint}");
        assert!(
            complaint.trim().lines().count() == 1 || *code == 2,
            "{complaint}"
        );
    }
    assert_eq!(node.admin(&["post", "show", "kept"]).await, before);
}
