//! What commands ask at a terminal, and what they do without one.

use super::assert_printed_words;
use crate::support::{Database, Program, Terminal, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use std::fs;

/// Creates a folder for a publication that no environment variable configures.
async fn bare() -> Program {
    let mut program = Program::new(Database::Sqlite).await;
    program.environment.clear();
    program.set("TZ", "Europe/Berlin");
    program.set("LANG", "de_DE.UTF-8");
    program
}

fn files(program: &Program) -> usize {
    fs::read_dir(program.folder.path()).unwrap().count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn init_asks_for_everything_and_lets_wrong_answers_be_given_again() {
    let program = bare().await;
    let terminal = Terminal::of_program(&program.commands(), &["init"]).await;
    for (question, answers) in [
        ("Domain:", &["https://example.org", "example.org"][..]),
        (
            "Address [https://example.org]:",
            &["http://example.org", ""],
        ),
        ("User name [blog]:", &["No Spaces", "paper"]),
        ("Name [example.org]:", &["On \"Paper\""]),
        ("Description [none]:", &["Letters about paper."]),
        ("Language [en]:", &["xx", "en"]),
        ("Time zone [Europe/Berlin]:", &["Lisbon", "Europe/Lisbon"]),
        ("Author [none]:", &["Ada Lovelace"]),
        ("Author's user name [ada_lovelace]:", &["paper", "ada"]),
        ("Email address [none]:", &["ada", "ada@example.org"]),
        (
            "Mail server:",
            &["mail.example.org", "smtp://ada:sesame@mail.example.org"],
        ),
        ("Sender [\"On Paper\" <blog@example.org>]:", &[""]),
    ] {
        terminal.wait_for(question).await;
        for answer in answers {
            terminal.enter(answer).await;
        }
    }
    let screen = terminal.wait_for("Set it up?").await;
    for part in [
        "it must be only a domain",
        "it must begin with https://",
        "such as Europe/Lisbon",
        "is the publication's own user name",
        "@paper@example.org",
        "Ada Lovelace (ada)",
        "***",
    ] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    assert_eq!(
        files(&program),
        0,
        "nothing is written before the admin agrees"
    );
    terminal.enter("y").await;
    let (code, screen) = terminal.wait_for_end().await;
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("Next steps") && screen.contains("pamphlet serve"));
    let authors = program.admin(&["author", "list", "--json"]).await;
    assert!(authors.contains("Ada Lovelace"), "{authors}");
    let text = fs::read_to_string(program.folder.path().join("pamphlet.toml")).unwrap();
    for line in [
        "public_url = \"https://example.org\"",
        "username = \"paper\"",
        "language = \"en\"",
        "time_zone = \"Europe/Lisbon\"",
        "summary = \"Letters about paper.\"",
        "admin = [\"ada@example.org\"]",
    ] {
        assert!(
            text.lines().any(|written| written == line),
            "{line}: {text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_init_that_is_stopped_leaves_nothing_behind() {
    for at_the_end in [false, true] {
        let program = bare().await;
        let mut arguments = vec!["init", "--domain", "example.org"];
        if at_the_end {
            arguments.extend([
                "--public-url",
                "https://example.org",
                "--username",
                "blog",
                "--name",
                "N",
            ]);
            arguments.extend([
                "--description",
                "",
                "--language",
                "en",
                "--time-zone",
                "UTC",
                "--author",
                "",
            ]);
        }
        let terminal = Terminal::of_program(&program.commands(), &arguments).await;
        if at_the_end {
            terminal.wait_for("Email address").await;
            terminal.enter("").await;
            terminal.wait_for("Set it up?").await;
        } else {
            terminal.wait_for("Address").await;
        }
        terminal.press(&["C-c"]).await;
        let (code, screen) = terminal.wait_for_end().await;
        assert_ne!(code, 0, "{screen}");
        assert_eq!(files(&program), 0, "{screen}");
    }
}

#[apply(both_databases)]
async fn a_deletion_asks_first(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let delete = ["post", "delete", &article.slug];
    // Nobody can be asked.
    let output = node.cli(&delete).await;
    assert_eq!(output.status.code(), Some(2));
    let words = ["Delete the article On reading slowly?", "--yes"];
    assert_printed_words("without a terminal", &output, &words);
    for (answer, code) in [("n", 1), ("", 1), ("y", 0)] {
        assert!(node.admin(&["post", "list"]).await.contains(&article.slug));
        let terminal = Terminal::of_node(&node, &delete).await;
        terminal.wait_for("[y/N]").await;
        terminal.enter(answer).await;
        let (ended, screen) = terminal.wait_for_end().await;
        assert_eq!(ended, code, "{answer:?}: {screen}");
    }
    assert!(!node.admin(&["post", "list"]).await.contains(&article.slug));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_text_survives_mistakes_and_signals() {
    let node = TestNode::start(Database::Sqlite).await;
    let article = node.publish_any().await;
    let edit = ["post", "edit", &article.slug];
    let kept = node
        .folder
        .path()
        .join(format!("{}.unsaved.md", article.slug));
    // A mistake can be corrected in the same text.
    let editor = "f() { if grep -q titel \"$1\"; then sed -i 's/^titel/title/' \"$1\"; \
                  else sed -i 's/^title: .*/titel: Slower/' \"$1\"; fi; }; f";
    let terminal =
        Terminal::of_node_with(&node, &[("VISUAL", ""), ("EDITOR", editor)], &edit).await;
    terminal.wait_for("Edit it again? [Y/n]").await;
    terminal.enter("").await;
    let (code, screen) = terminal.wait_for_end().await;
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("Updated: Slower"), "{screen}");
    assert!(!kept.exists());
    // Ctrl-C at the question saves the text.
    let editor = "sed -i 's/^title: .*/titel: Work/'";
    let terminal =
        Terminal::of_node_with(&node, &[("VISUAL", ""), ("EDITOR", editor)], &edit).await;
    terminal.wait_for("Edit it again?").await;
    terminal.press(&["C-c"]).await;
    let (code, screen) = terminal.wait_for_end().await;
    assert_eq!(code, 130, "{screen}");
    assert!(screen.contains("Your text is saved in"), "{screen}");
    assert!(fs::read_to_string(&kept).unwrap().contains("titel: Work"));
    fs::remove_file(&kept).unwrap();
    // Ctrl-C is for the editor while it runs.
    let editor = "f() { trap 'echo Patience >> \"$1\"; exit 0' INT; echo ready; while :; do sleep 0.1; done; }; f";
    let terminal =
        Terminal::of_node_with(&node, &[("VISUAL", ""), ("EDITOR", editor)], &edit).await;
    terminal.wait_for("ready").await;
    terminal.press(&["C-c"]).await;
    let (code, screen) = terminal.wait_for_end().await;
    assert_eq!(code, 0, "{screen}");
    eventually("the text is stored", || async {
        let text = node.admin(&["post", "show", &article.slug]).await;
        text.contains("Patience").then_some(())
    })
    .await;
}
