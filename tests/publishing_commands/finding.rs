//! Lists with filters, the search, and the address of an article.

use super::{complaint, json};
use crate::support::{Database, Program, both_databases, eventually};
use rstest_reuse::apply;

async fn slugs(program: &Program, options: &[&str]) -> Vec<String> {
    let list = json(program, &[&["post", "list"], options].concat()).await;
    let entries = list.as_array().unwrap().iter();
    entries
        .map(|entry| entry["slug"].as_str().unwrap().to_owned())
        .collect()
}

#[apply(both_databases)]
async fn lists_have_filters_and_orders(#[case] database: Database) {
    let program = Program::new(database).await;
    program.create_database().await;
    program
        .admin(&["author", "add", "ana", "--name", "Ana"])
        .await;
    for (name, head) in [
        (
            "a",
            "title: Zebra\ndate: 2014-01-01\nauthor: ana\ntags: [History, Film]",
        ),
        (
            "b",
            "title: Apple\ndate: 2015-01-01\nlanguage: de-AT\ntags: history",
        ),
        ("c", "title: Mango\ndate: 2016-01-01\nauthor: Somebody else"),
    ] {
        program.file(
            &format!("{name}.md"),
            format!("---\nslug: {name}\n{head}\n---\nText of {name}-x.\n"),
        );
    }
    program
        .admin(&["post", "publish", "a.md", "b.md", "--silent"])
        .await;
    program.admin(&["post", "draft", "c.md"]).await;
    let cases: &[(&[&str], &[&str])] = &[
        (&[], &["c", "b", "a"]),
        (&["--reverse"], &["a", "b", "c"]),
        (&["--sort", "title"], &["b", "c", "a"]),
        (&["--status", "draft"], &["c"]),
        (&["--published"], &["b", "a"]),
        (&["--status", "scheduled"], &[]),
        (&["--author", "ana"], &["a"]),
        (&["--author", "Somebody else"], &["c"]),
        (&["--tag", "#HISTORY"], &["b", "a"]),
        (&["--tag", "film"], &["a"]),
        (&["--language", "de"], &["b"]),
        (&["--language", "en"], &["c", "a"]),
        (&["--since", "2015-01-01"], &["c", "b"]),
        (&["--until", "2015-01-01"], &["a"]),
        (&["--since", "2015-01-01", "--until", "2015-06-01"], &["b"]),
        (&["--search", "MANGO"], &["c"]),
        (&["--search", "text of a-x"], &["a"]),
        (&["--limit", "2", "--page", "2"], &["a"]),
    ];
    for (options, expected) in cases {
        assert_eq!(slugs(&program, options).await, *expected, "{options:?}");
    }
    let wrong: &[(&[&str], &str)] = &[
        (&["--since", "whenever"], "\"3 days ago\""),
        (
            &["--since", "2015-01-01", "--until", "2014-01-01"],
            "before --until",
        ),
        (
            &["--status", "lost"],
            "possible values: draft, published, scheduled",
        ),
    ];
    for (options, expected) in wrong {
        let told = complaint(
            &program.run(&[&["post", "list"], *options].concat()).await,
            2,
        );
        assert!(told.contains(expected), "{options:?}: {told}");
    }
    let unknown = program.run(&["post", "list", "--author", "nobody"]).await;
    assert!(complaint(&unknown, 0).contains("no author is called \"nobody\""));
    let first = program.run(&["post", "list", "--limit", "1"]).await;
    assert!(complaint(&first, 0).contains("There are more: add --page 2."));
}

#[apply(both_databases)]
async fn an_article_is_found_by_its_words_and_opened(#[case] database: Database) {
    let mut program = Program::new(database).await;
    program.create_database().await;
    program.file("a.md", "---\ntitle: On lakes\n---\nThe water of Texcoco.\n");
    program.file("b.md", "---\ntitle: A draft\n---\nThe water of Texcoco.\n");
    program.admin(&["post", "publish", "a.md"]).await;
    program.admin(&["post", "draft", "b.md"]).await;
    let address = program.admin(&["post", "open", "on-lakes"]).await;
    assert!(
        address.starts_with(&program.origin) && address.ends_with("/on-lakes\n"),
        "{address}"
    );
    let told = complaint(&program.run(&["post", "open", "a-draft"]).await, 1);
    assert!(told.contains("post preview a-draft"), "{told}");
    program.serve().await;
    eventually("the article is indexed", || async {
        let found = json(&program, &["post", "search", "texcoco", "water"]).await;
        (found.as_array().unwrap().len() == 1).then_some(())
    })
    .await;
    let printed = program.admin(&["post", "search", "lakes"]).await;
    assert_eq!(printed, "on-lakes  On lakes\n    The water of Texcoco.\n");
    assert_eq!(
        program.admin(&["post", "search", "nothing"]).await,
        "Nothing was found.\n"
    );
    let told = complaint(&program.run(&["post", "search", "!"]).await, 2);
    assert!(told.contains("no word"), "{told}");
}
