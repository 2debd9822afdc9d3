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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_fit_a_terminal_and_colours_can_be_switched_off() {
    let node = TestNode::start(Database::Sqlite).await;
    for title in [
        "A title that is much too long for a terminal of a hundred columns, as titles of essays often are",
        "\u{65e5}\u{672c}\u{8a9e}\u{306e}\u{9577}\u{3044}\u{984c}\u{540d}",
    ] {
        let slug = format!("a-slug-that-takes-some-columns-too-{}", title.len());
        node.publish(&format!("---\ntitle: {title}\nslug: {slug}\n---\nText.\n"))
            .await;
    }
    let terminal = Terminal::of_node(&node, &["post", "list"]).await;
    let (_, screen) = terminal.wait_for_end().await;
    let row = screen
        .lines()
        .find(|line| line.contains("A title"))
        .unwrap();
    assert!(row.ends_with('\u{2026}'), "{screen}");
    assert!(row.chars().count() <= 100, "{screen}");
    assert!(terminal.colored_screen().await.contains("\u{1b}[1m"));
    let plain = Terminal::of_node_with(&node, &[("NO_COLOR", "1")], &["post", "list"]).await;
    plain.wait_for_end().await;
    let screen = plain.colored_screen().await;
    assert!(!screen.contains("\u{1b}["), "{screen:?}");
    // In a file or a pipe, the table is as wide as it is.
    let whole = node.admin(&["post", "list"]).await;
    assert!(
        whole.contains("too long for a terminal of a hundred"),
        "{whole}"
    );
    assert!(!whole.contains('\u{1b}'));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_command_names_the_one_that_was_meant() {
    let program = Program::new(Database::Sqlite).await;
    let mut printed = String::new();
    for arguments in [
        &["publish", "a.md"][..],
        &["post", "publsh", "a.md"],
        &["delete", "on-reading"],
        &["articles"],
        &["post", "approve", "3"],
        &["post", "list", "--jsn"],
        &["comments", "list", "--state", "hold"],
        &["xyzzy"],
    ] {
        printed.push_str(&program.transcript(arguments).await);
    }
    assert_printed!("suggestions", printed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_another_server_says_who_is_asked() {
    let node = TestNode::start(Database::Sqlite).await;
    // A server that accepts connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let handle = format!("@somebody@silent.localhost:{port}");
    let terminal = Terminal::of_node(&node, &["follow", &handle]).await;
    terminal.wait_for("Asking silent.localhost").await;
    terminal.press(&["C-c"]).await;
}
