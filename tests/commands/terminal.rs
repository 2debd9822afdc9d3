//! Commands at a terminal, and the same commands without one.

use crate::{
    assert_printed,
    support::{Database, Program, Terminal, TestNode, both_databases},
};
use rstest_reuse::apply;

#[apply(both_databases)]
async fn lists_of_nothing_say_what_to_do(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let mut printed = String::new();
    for list in [
        ["post", "list"],
        ["page", "list"],
        ["note", "list"],
        ["author", "list"],
        ["followers", "list"],
        ["comments", "list"],
    ] {
        printed.push_str(&node.transcript(&list).await);
    }
    printed.push_str(&node.transcript(&["post", "show", "gone"]).await);
    assert_printed!("lists_of_nothing", printed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_fits_a_terminal() {
    let program = Program::new(Database::Sqlite).await;
    let terminal = Terminal::of_program(&program.commands(), &["post", "--help"]).await;
    let (code, screen) = terminal.wait_for_end().await;
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("Usage: pamphlet post"), "{screen}");
    assert!(screen.lines().all(|line| line.chars().count() <= 100));
    assert!(
        terminal.colored_screen().await.contains("\u{1b}["),
        "help has colours at a terminal"
    );
}
