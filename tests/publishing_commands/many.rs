//! Several sources at once, and the question about old dates.

use super::{complaint, file_in, json, number};
use crate::support::{Database, Program, both_databases};
use rstest_reuse::apply;
use std::process::Command;

async fn output_of(mut command: Command) -> std::process::Output {
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

/// A draft, a file, and a folder with three articles, of which two are old and one is a draft.
async fn prepare(program: &Program) {
    program.create_database().await;
    program.file("stored.md", "---\ntitle: A stored draft\n---\nText.\n");
    program.admin(&["post", "draft", "stored.md"]).await;
    program.file("now.md", "---\ntitle: Now\n---\nText.\n");
    let old = "---\ntitle: First\ndate: 2014-03-15\n---\nText.\n";
    file_in(program, "posts/2014", "first.md", old);
    let old = "---\ntitle: Second\ndate: 2015-03-15\n---\nText.\n";
    file_in(program, "posts", "second.markdown", old);
    let draft = "---\ntitle: Unfinished\ndraft: true\n---\nText.\n";
    file_in(program, "posts", "unfinished.md", draft);
    for hidden in [".git", "_drafts"] {
        file_in(program, &format!("posts/{hidden}"), "hidden.md", "no title");
    }
    file_in(program, "posts", "README.md", "no title");
    file_in(program, "posts", "_index.md", "no title");
    file_in(program, "posts", "notes.txt", "no title");
}

const PUBLISHED: &str = "SELECT COUNT(*) FROM articles WHERE status = 'published'";

#[apply(both_databases)]
async fn several_sources_are_published_together_or_not_at_all(#[case] database: Database) {
    let program = Program::new(database).await;
    prepare(&program).await;
    let all = ["post", "publish", "now.md", "a-stored-draft", "posts"];
    let with = |options: &[&'static str]| [&all[..], options].concat();

    // Mistakes are named all at once, and nothing is stored.
    file_in(
        &program,
        "posts",
        "a-bad.md",
        "---\ntitle: A\ndate: soon\n---\n",
    );
    file_in(&program, "posts", "b-bad.md", "---\nlayout: post\n---\n");
    let told = complaint(&program.run(&with(&["--tell"])).await, 1);
    for expected in [
        "posts/a-bad.md: line 3: date: \"soon\" is not a date",
        "posts/b-bad.md: the article has no title",
        "2 of 7 can't be stored, so that nothing was",
    ] {
        assert!(told.contains(expected), "{told}");
    }
    for bad in ["a-bad.md", "b-bad.md"] {
        std::fs::remove_file(program.folder.path().join("posts").join(bad)).unwrap();
    }
    file_in(
        &program,
        "posts",
        "same.md",
        "---\ntitle: Second\n---\nText.\n",
    );
    file_in(
        &program,
        "posts",
        "taken.md",
        "---\ntitle: A stored draft\n---\nText.\n",
    );
    let told = complaint(&program.run(&with(&["--tell"])).await, 1);
    for expected in [
        "posts/second.markdown have the same slug second",
        "slug a-stored-draft already exists: run `pamphlet post edit a-stored-draft posts/taken.md`",
    ] {
        assert!(told.contains(expected), "{told}");
    }
    for bad in ["same.md", "taken.md"] {
        std::fs::remove_file(program.folder.path().join("posts").join(bad)).unwrap();
    }

    // Old dates need a decision, once for all.
    let told = complaint(&program.run(&all).await, 2);
    for expected in [
        "2 articles are more than a day old, the oldest of 2014-03-15",
        "--tell",
        "--silent",
    ] {
        assert!(told.contains(expected), "{told}");
    }
    assert_eq!(number(&program, PUBLISHED).await, 0);

    let plan = json(&program, &with(&["--silent", "--dry-run"])).await;
    let planned: Vec<String> = plan
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            format!(
                "{} {} {}",
                entry["slug"].as_str().unwrap(),
                entry["status"].as_str().unwrap(),
                entry["told"]
            )
        })
        .collect();
    assert_eq!(
        planned,
        [
            "now published false",
            "a-stored-draft published false",
            "first published false",
            "second published false",
            "unfinished draft false",
        ]
    );
    assert_eq!(number(&program, PUBLISHED).await, 0);

    let printed = program.admin(&with(&["--silent"])).await;
    for expected in [
        "Published: Now\n",
        "Published: A stored draft\n",
        "Published: First\n  http",
        "Stored as a draft, because its file says so: Unfinished\n",
    ] {
        assert!(printed.contains(expected), "{printed}");
    }
    assert_eq!(number(&program, PUBLISHED).await, 4);
    let loud = "SELECT COUNT(*) FROM changes c JOIN articles a ON a.uid = c.uid WHERE a.status = 'published'
        AND NOT c.silent AND c.id > (SELECT MIN(id) FROM changes)";
    assert_eq!(number(&program, loud).await, 0);
    let again = complaint(&program.run(&with(&["--silent"])).await, 1);
    assert!(
        again.contains("a-stored-draft is already published"),
        "{again}"
    );
}

#[apply(both_databases)]
async fn standard_input_is_an_article(#[case] database: Database) {
    let program = Program::new(database).await;
    program.create_database().await;
    let commands = program.commands();
    let run = async |script: &str| output_of(commands.shell(script)).await;
    let done =
        run("printf -- '---\\ntitle: Piped\\n---\\nText.\\n' | $0 post publish - --json").await;
    let printed: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(printed["slug"], "piped");
    for (script, code, expected) in [
        (
            "$0 post publish - < /dev/null",
            1,
            "standard input is empty",
        ),
        (
            "printf 'no title' | $0 post publish -",
            1,
            "standard input: the article has no title",
        ),
        ("printf '\\377' | $0 post publish -", 1, "not valid UTF-8"),
        ("head -c 3000000 /dev/zero | $0 post publish -", 1, "2 MiB"),
        ("printf x | $0 post publish - -", 2, "only once"),
        (
            "printf -- '---\\ntitle: P\\n---\\n![a](gone.png)\\n' | $0 post draft -",
            1,
            "line 4",
        ),
    ] {
        let told = complaint(&run(script).await, code);
        assert!(told.contains(expected), "{script}: {told}");
    }
    assert_eq!(number(&program, "SELECT COUNT(*) FROM articles").await, 1);
    // The same for pages, which have no drafts.
    let page = run("printf -- '---\\ntitle: About\\n---\\nText.\\n' | $0 page publish -").await;
    assert!(page.status.success(), "{page:?}");
    let told = complaint(
        &run("printf -- '---\\ntitle: New\\ndraft: true\\n---\\nText.\\n' | $0 page publish -")
            .await,
        1,
    );
    assert!(told.contains("pages have none"), "{told}");
}

#[apply(both_databases)]
async fn an_old_date_needs_a_decision_and_a_new_one_does_not(#[case] database: Database) {
    let program = Program::new(database).await;
    program.create_database().await;
    program.file("old.md", "---\ntitle: Old\ndate: 2014-03-15\n---\nText.\n");
    let told = complaint(&program.run(&["post", "publish", "old.md"]).await, 2);
    assert!(told.contains("the article's date, 2014-03-15"), "{told}");
    program.admin(&["post", "draft", "old.md"]).await;
    let told = complaint(&program.run(&["post", "publish", "old"]).await, 2);
    assert!(told.contains("--silent"), "{told}");
    program.admin(&["post", "publish", "old", "--tell"]).await;
    let both = complaint(
        &program
            .run(&["post", "publish", "x", "--tell", "--silent"])
            .await,
        2,
    );
    assert!(both.contains("cannot be used with"), "{both}");
    // A draft without a date is dated when it is published, however old it is.
    program.file("new.md", "---\ntitle: New\n---\nText.\n");
    program.admin(&["post", "draft", "new.md"]).await;
    crate::support::sql::run(
        &program.database_url,
        "UPDATE articles SET published_at = 1000 WHERE slug = 'new'",
    )
    .await;
    assert!(
        !program
            .admin(&["post", "show", "new"])
            .await
            .contains("date:")
    );
    program.admin(&["post", "publish", "new"]).await;
    let query = "SELECT COUNT(*) FROM articles WHERE slug = 'new' AND published_at > 1700000000000";
    assert_eq!(number(&program, query).await, 1);
}
