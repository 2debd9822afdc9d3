//! Questions at a terminal.

use super::number;
use crate::support::{Database, Program, Terminal};

const PUBLISHED: &str = "SELECT COUNT(*) FROM articles WHERE status = 'published'";
const SILENT: &str = "SELECT COUNT(*) FROM changes WHERE silent";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_date_is_asked_about() {
    let program = Program::new(Database::Sqlite).await;
    program.create_database().await;
    for slug in ["one", "two"] {
        let text = format!("---\ntitle: {slug}\ndate: 2014-03-15\n---\nText.\n");
        program.file(&format!("{slug}.md"), text);
    }
    let publish = ["post", "publish", "one.md", "two.md"];
    for (answers, code, published, silent) in [
        (&["maybe", "c"][..], 1, 0, false),
        (&[""], 1, 0, false),
        (&["s"], 0, 2, true),
    ] {
        let terminal = Terminal::of_program(&program.commands(), &publish).await;
        for answer in answers {
            terminal.wait_for("cancel [c]?").await;
            terminal.enter(answer).await;
        }
        let (ended, screen) = terminal.wait_for_end().await;
        assert_eq!(ended, code, "{screen}");
        assert!(
            screen.contains("2 articles are more than a day old"),
            "{screen}"
        );
        assert_eq!(number(&program, PUBLISHED).await, published, "{screen}");
        assert_eq!(number(&program, SILENT).await > 0, silent, "{screen}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_article_is_edited_and_published() {
    let mut program = Program::new(Database::Sqlite).await;
    program.create_database().await;
    program.set("VISUAL", "");
    program.set("EDITOR", "sh -c 'echo Words. >> \"$0\"'");
    let new = ["post", "new", "On lakes", "--publish"];
    let terminal = Terminal::of_program(&program.commands(), &new).await;
    let (code, screen) = terminal.wait_for_end().await;
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("Published: On lakes"), "{screen}");
    assert!(
        program
            .admin(&["post", "show", "on-lakes"])
            .await
            .ends_with("\nWords.\n")
    );
    // A failing editor leaves the file.
    program.set("EDITOR", "false");
    let new = ["post", "new", "Another", "--publish"];
    let terminal = Terminal::of_program(&program.commands(), &new).await;
    let (code, screen) = terminal.wait_for_end().await;
    assert_eq!(code, 1, "{screen}");
    assert!(
        screen.contains("another.md is written: the editor failed"),
        "{screen}"
    );
    assert!(program.folder.path().join("another.md").exists());
    assert_eq!(number(&program, PUBLISHED).await, 1);
}
