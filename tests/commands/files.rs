//! Article files that can't be published, and things that are not there.

use super::{assert_failure, rows};
use crate::support::{Database, Program, both_databases};
use rstest_reuse::apply;

const GOOD: &str = "---\ntitle: News\nslug: news\n---\nSomething happened.\n";

#[apply(both_databases)]
async fn a_file_that_is_no_article_is_refused_in_a_sentence(#[case] database: Database) {
    let program = Program::new(database).await;
    program.create_database().await;
    let large = "word ".repeat(500_000);
    program.file("latin1.md", b"---\ntitle: Caf\xe9\n---\nText.\n");
    program.file("image.md", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    program.file("large.md", format!("---\ntitle: Large\n---\n{large}"));
    program.file("empty.md", "");
    std::fs::create_dir(program.folder.path().join("folder")).unwrap();
    let huge = std::fs::File::create(program.folder.path().join("huge.md")).unwrap();
    huge.set_len(100 * 1024 * 1024 * 1024).unwrap();
    let mut cases = vec![
        ("missing.md", vec!["missing.md", "cannot read"]),
        ("folder", vec!["folder", "no Markdown files"]),
        ("/dev/zero", vec!["/dev/zero", "not a file"]),
        ("latin1.md", vec!["latin1.md", "UTF-8"]),
        ("image.md", vec!["image.md", "UTF-8"]),
        ("large.md", vec!["large.md", "2 MiB"]),
        ("huge.md", vec!["huge.md", "2 MiB"]),
        ("empty.md", vec!["empty.md", "no title"]),
    ];
    let heads = [
        ("not-closed.md", "title: News\n", vec!["line 1", "closing"]),
        (
            "tabs.md",
            "title: News\n\ttags: [a]\n---\n",
            vec!["line 3", "YAML"],
        ),
        ("broken.md", "title: \"News\nslug: x\n---\n", vec!["YAML"]),
        ("list.md", "- title\n- slug\n---\n", vec!["YAML"]),
        ("twice.md", "title: One\ntitle: Two\n---\n", vec!["title"]),
        (
            "unknown.md",
            "title: News\nauthr: Me\n---\n",
            vec!["line 3", "`authr`", "`author`"],
        ),
        ("untitled.md", "slug: news\n---\n", vec!["no title"]),
        (
            "no-date.md",
            "title: News\ndate: next Tuesday\n---\n",
            vec!["line 3", "date"],
        ),
        (
            "bad-date.md",
            "title: News\ndate: 2026-02-30\n---\n",
            vec!["line 3", "date"],
        ),
        (
            "far-date.md",
            "title: News\ndate: 999999-01-01T00:00:00Z\n---\n",
            vec!["date"],
        ),
        (
            "bad-slug.md",
            "title: News\nslug: \"../news\"\n---\n",
            vec!["line 3", "slug"],
        ),
        ("no-slug.md", "title: \"!!!\"\n---\n", vec!["slug"]),
        (
            "form.md",
            "title: News\nfederate: everywhere\n---\n",
            vec!["line 3", "federate"],
        ),
        (
            "maybe.md",
            "title: News\nsensitive: perhaps\n---\n",
            vec!["line 3", "sensitive"],
        ),
        (
            "image-gone.md",
            "title: News\nimage: gone.png\n---\n",
            vec!["gone.png"],
        ),
    ];
    for (name, head, words) in &heads {
        program.file(name, format!("---\n{head}Text.\n"));
        cases.push((name, words.clone()));
    }
    for (file, words) in cases {
        for command in ["publish", "draft"] {
            let output = program.run(&["post", command, file]).await;
            assert_failure(&format!("{command} {file}"), &output, &words);
        }
    }
    for table in ["articles", "article_tags", "changes"] {
        assert_eq!(rows(&program, table).await, 0, "{table}");
    }
    assert!(
        std::fs::read_dir(program.folder.path().join("media")).is_err(),
        "a picture was taken in"
    );
}

#[apply(both_databases)]
async fn a_slug_belongs_to_one_article(#[case] database: Database) {
    let program = Program::new(database).await;
    program.create_database().await;
    let file = program.file("news.md", GOOD).display().to_string();
    program.admin(&["post", "publish", &file]).await;
    program
        .admin(&["author", "add", "ada", "--name", "Ada"])
        .await;
    let other = program.file("other.md", GOOD.replace("slug: news", "slug: other"));
    program
        .admin(&["post", "publish", &other.display().to_string()])
        .await;
    let before = (
        rows(&program, "articles").await,
        rows(&program, "changes").await,
    );
    let cases: [(&str, &[&str], &[&str]); 5] = [
        (
            "publish again",
            &["post", "publish", &file],
            &["slug news", "post edit"],
        ),
        ("draft again", &["post", "draft", &file], &["slug news"]),
        (
            "publish what is published",
            &["post", "publish", "news"],
            &["news", "already published"],
        ),
        (
            "take another's slug",
            &["post", "edit", "other", &file],
            &["slug news"],
        ),
        (
            "add an author twice",
            &["author", "add", "ada", "--name", "Eve"],
            &["ada"],
        ),
    ];
    for (what, arguments, words) in cases {
        assert_failure(what, &program.run(arguments).await, words);
    }
    assert_eq!(
        (
            rows(&program, "articles").await,
            rows(&program, "changes").await
        ),
        before
    );
    let shown = program.admin(&["author", "list"]).await;
    assert!(shown.contains("Ada") && !shown.contains("Eve"));
}

#[apply(both_databases)]
async fn what_is_not_there_is_named_with_a_way_to_find_it(#[case] database: Database) {
    let program = Program::new(database).await;
    program.create_database().await;
    let edit = program.file("edit.md", GOOD).display().to_string();
    let cases: [(&[&str], &[&str]); 14] = [
        (&["post", "show", "gone"], &["gone", "post list"]),
        (&["post", "edit", "gone", &edit], &["gone", "post list"]),
        (&["post", "unpublish", "gone"], &["gone", "post list"]),
        (&["post", "delete", "gone", "--yes"], &["gone", "post list"]),
        (&["post", "publish", "gone"], &["gone"]),
        (&["comments", "show", "77"], &["77", "comments list"]),
        (&["comments", "hide", "77"], &["77", "comments list"]),
        (&["comments", "approve", "77"], &["77"]),
        (&["comments", "delete", "77", "--yes"], &["77"]),
        (&["comments", "list", "--article", "gone"], &["gone"]),
        (
            &["block", "remove", "example.org"],
            &["example.org", "block list"],
        ),
        (
            &["block", "add", "@somebody@example.org"],
            &["@somebody@example.org"],
        ),
        (&["block", "add", "not a host"], &["host"]),
        (&["actor", "show", "nobody"], &["nobody"]),
    ];
    for (arguments, words) in cases {
        assert_failure(&arguments.join(" "), &program.run(arguments).await, words);
    }
    for table in ["articles", "comments", "blocks", "changes"] {
        assert_eq!(rows(&program, table).await, 0, "{table}");
    }
}

#[apply(both_databases)]
async fn an_editor_that_fails_changes_nothing(#[case] database: Database) {
    let mut program = Program::new(database).await;
    program.create_database().await;
    let file = program.file("news.md", GOOD).display().to_string();
    program.admin(&["post", "publish", &file]).await;
    let before = program.admin(&["post", "show", "news"]).await;
    for (editor, words) in [
        ("false", vec!["nothing is changed"]),
        ("no-such-editor-anywhere", vec!["nothing is changed"]),
        (
            "printf -- '---\\ntitel: x\\n---\\n' >",
            vec!["`titel`", "`title`", "news.unsaved.md"],
        ),
        ("truncate --size=0", vec!["empty", "nothing was changed"]),
    ] {
        program.set("EDITOR", editor);
        program.set("VISUAL", editor);
        let output = program.run(&["post", "edit", "news"]).await;
        let printed = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{editor}: {printed}");
        assert!(
            words.iter().all(|word| printed.contains(word)),
            "{editor}: {printed}"
        );
        assert_eq!(
            program.admin(&["post", "show", "news"]).await,
            before,
            "{editor}"
        );
    }
}
