//! New files from a template.

use super::complaint;
use crate::support::{Database, Program};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_file_can_be_published_and_is_never_overwritten() {
    let program = Program::new(Database::Sqlite).await;
    program.create_database().await;
    let title = "Love: \"death\" & exile #1";
    let printed = program.admin(&["post", "new", title]).await;
    assert!(
        printed.starts_with("Written: love-death-exile-1.md\n"),
        "{printed}"
    );
    let path = program.folder.path().join("love-death-exile-1.md");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with(
            "---\ntitle: \"Love: \\\"death\\\" & exile #1\"\nslug: love-death-exile-1\n"
        ),
        "{text}"
    );
    let told = complaint(&program.run(&["post", "new", title]).await, 1);
    assert!(
        told.contains("exists already, and is left as it is"),
        "{told}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    let shown = program
        .run(&["post", "publish", "love-death-exile-1.md"])
        .await;
    let told = complaint(&shown, 0);
    assert!(told.contains("the text is empty"), "{told}");

    // The admin's own template, and pages.
    program.file("pamphlet.toml", "");
    program.file(
        "new-post.md",
        "+++\ntitle = {{ title }}\n+++\n\n# About {{ title }}\n\n{{ slug }} {{ unknown }}\n",
    );
    let given = [
        "post",
        "new",
        "A \"b\"",
        "--slug",
        "own",
        "--output",
        "x.md",
        "--json",
        "--config",
        "pamphlet.toml",
    ];
    program.admin(&given).await;
    let text = std::fs::read_to_string(program.folder.path().join("x.md")).unwrap();
    assert_eq!(
        text,
        "+++\ntitle = \"A \\\"b\\\"\"\n+++\n\n# About A \"b\"\n\nown {{ unknown }}\n"
    );
    program.admin(&["page", "new", "About us"]).await;
    program.admin(&["page", "publish", "about-us.md"]).await;

    for (arguments, code, expected) in [
        (&["post", "new", " "][..], 2, "the title is empty"),
        (&["post", "new", "!!!"], 2, "--slug"),
        (
            &["post", "new", "a", "--output", "gone/a.md"],
            1,
            "cannot write gone/a.md",
        ),
        (&["post", "new", "a", "--slug", "A b"], 2, "a slug has only"),
    ] {
        let told = complaint(&program.run(arguments).await, code);
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
}
