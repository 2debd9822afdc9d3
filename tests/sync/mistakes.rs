//! Mistakes in files and folders: all are named, and nothing is changed.

use super::{Content, articles, picture};
use crate::support::{Database, TestNode, both_databases};
use rstest_reuse::apply;
use std::os::unix::fs::symlink;

#[apply(both_databases)]
async fn a_broken_file_is_named_with_its_line_and_nothing_is_changed(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let content = Content::of(&node);
    content.article("good.md", "Good", "A good text.");
    std::fs::write(node.folder.path().join("secret.png"), "x").unwrap();
    let outside = Content::named(&node, "outside");
    picture(&outside, "secret.png", 9);
    symlink(outside.path("secret.png"), content.path("linked.png")).unwrap();
    let secret = outside.path("secret.png").display().to_string();
    let cases: [(&str, Vec<u8>, &[&str]); 9] = [
        (
            "a wrong key",
            b"---\ntitle: Bad\ntaggs: x\n---\n".into(),
            &["bad.md: line 3", "taggs"],
        ),
        (
            "a wrong date",
            b"---\ntitle: Bad\ndate: soon\n---\n".into(),
            &["bad.md: line 3: date"],
        ),
        (
            "not closed",
            b"---\ntitle: Bad\n".into(),
            &["bad.md: line 1", "closing line"],
        ),
        (
            "not UTF-8",
            b"---\ntitle: Bad\n---\n\xff\n".into(),
            &["bad.md: not valid UTF-8"],
        ),
        (
            "no title",
            b"Only a text.\n".into(),
            &["bad.md", "no title"],
        ),
        (
            "too large",
            vec![b'x'; 2 * 1024 * 1024 + 1],
            &["bad.md: exceeds the size limit of 2 MiB"],
        ),
        (
            "a missing picture",
            b"---\ntitle: Bad\n---\n\n![x](gone.png)\n".into(),
            &["bad.md: line 5: the file gone.png does not exist"],
        ),
        (
            "a picture outside of the folder",
            format!("---\ntitle: Bad\n---\n\n![x]({secret})\n").into(),
            &["bad.md: line 5", "outside of the folder"],
        ),
        (
            "a link to a picture outside of the folder",
            b"---\ntitle: Bad\nimage: linked.png\n---\n".into(),
            &["bad.md: image: linked.png is outside of the folder"],
        ),
    ];
    for (what, bytes, words) in cases {
        content.write("bad.md", bytes);
        let printed = content.refused(&["--yes"], 1, words).await;
        assert!(printed.contains("nothing was changed"), "{what}: {printed}");
        assert_eq!(printed.trim_end().lines().count(), 1, "{what}: {printed}");
        assert_eq!(articles(&node).await, [""; 0], "{what}");
    }
    // Files from elsewhere are refused even if mistakes are forgiven.
    content
        .refused(&["--lenient"], 1, &["outside of the folder"])
        .await;
    // The others are synced if the admin wants it, but nothing is deleted.
    content
        .refused(&["--keep-going"], 1, &["1 broken file"])
        .await;
    assert_eq!(articles(&node).await, ["good published"]);
    content.article("new.md", "New", "A new text.");
    content
        .refused(&["--keep-going"], 1, &["1 broken file"])
        .await;
    content.remove("good.md");
    let words = [
        "outside of the folder",
        "nothing is deleted while files are broken",
    ];
    content.refused(&["--keep-going", "--yes"], 1, &words).await;
    assert_eq!(articles(&node).await, ["good published", "new published"]);

    // Several mistakes are named at once.
    content.write("bad.md", "---\ntitle: New\n---\nThe same slug.\n");
    content
        .refused(&["--yes"], 1, &["bad.md and new.md have the same slug new"])
        .await;
    content.write("bad.md", "---\ntitel: x\n---\n");
    content.write("worse.md", "---\ntitle: [\n---\n");
    let both = content
        .refused(&[], 1, &["2 mistakes", "bad.md: line 2", "worse.md: line"])
        .await;
    assert!(both.contains("did you mean `title`?"), "{both}");
}

#[apply(both_databases)]
async fn slugs_that_files_exchange_are_refused(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let content = Content::of(&node);
    let write = |name: &str, slug: &str| {
        let text = format!("---\ntitle: {name}\nslug: {slug}\n---\nThe text of {name}.\n");
        content.write(name, text);
    };
    write("a.md", "a");
    write("b.md", "b");
    content.sync(&[]).await;
    node.publish("---\ntitle: Taken\n---\nText.\n").await;
    write("a.md", "taken");
    content
        .refused(&[], 1, &["a.md: another article has the slug taken"])
        .await;
    // So is an exchange; a chain of slugs is possible.
    write("a.md", "b");
    write("b.md", "a");
    content
        .refused(&[], 1, &["a.md and b.md exchange their slugs"])
        .await;
    write("a.md", "b");
    write("b.md", "c");
    assert_eq!(content.sync(&[]).await, ["change b.md", "change a.md"]);
    let shown = node.admin_json(&["post", "show", "c"]).await;
    assert!(
        shown["markdown"]
            .as_str()
            .unwrap()
            .contains("The text of b.md")
    );
    let shown = node.admin_json(&["post", "show", "b"]).await;
    assert!(
        shown["markdown"]
            .as_str()
            .unwrap()
            .contains("The text of a.md")
    );
}
