//! Completions in a shell and manual pages.

use crate::support::{Database, Program, Terminal, TestNode, both_databases, snapshot::binaries};
use rstest_reuse::apply;
use std::process::Command;

#[apply(both_databases)]
async fn bash_completes_commands_options_and_values(#[case] database: Database) {
    let node = TestNode::start(database).await;
    for title in ["Reading slowly", "Reading aloud", "Walking"] {
        node.publish(&format!("---\ntitle: {title}\ntags: [books]\n---\nText.\n"))
            .await;
    }
    node.admin(&["author", "add", "ada", "--name", "Ada"]).await;
    let mut bash = Command::new("bash");
    bash.args(["--norc", "--noprofile", "-i"])
        .current_dir(node.folder.path())
        .env("PATH", binaries())
        .env("PS1", "> ");
    let terminal = Terminal::start(&bash).await;
    terminal.enter("source <(pamphlet completions bash)").await;
    terminal.write("pamphlet comm").await;
    terminal.press(&["Tab"]).await;
    terminal.wait_for("pamphlet comments").await;
    terminal.press(&["C-u"]).await;
    // Only one slug begins like this.
    terminal.write("pamphlet post show wa").await;
    terminal.press(&["Tab"]).await;
    terminal.wait_for("pamphlet post show walking").await;
    terminal.press(&["C-u"]).await;
    // Two do: the shell lists both.
    terminal.write("pamphlet post show r").await;
    terminal.press(&["Tab"]).await;
    terminal.wait_for("pamphlet post show reading-").await;
    terminal.press(&["Tab", "Tab"]).await;
    let screen = terminal.wait_for("reading-aloud").await;
    assert!(screen.contains("reading-slowly"), "{screen}");
    terminal.press(&["C-u"]).await;
    terminal.write("pamphlet author edit a").await;
    terminal.press(&["Tab"]).await;
    terminal.wait_for("pamphlet author edit ada").await;
    terminal.press(&["C-u"]).await;
    terminal.write("pamphlet comments list --stat").await;
    terminal.press(&["Tab"]).await;
    terminal.wait_for("pamphlet comments list --state").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn completions_are_silent_without_a_publication() {
    let program = Program::new(Database::Sqlite).await;
    let mut command = program
        .commands()
        .command(&["--", "pamphlet", "post", "show", ""]);
    command
        .env("PAMPHLET_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", "3");
    let output = command.output().unwrap();
    assert!(output.status.success());
    assert!(output.stderr.is_empty());
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("--json"), "{printed}");
    assert!(!program.folder.path().join("pamphlet.sqlite").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn manual_pages_are_written_for_all_commands() {
    let program = Program::new(Database::Sqlite).await;
    let printed = program.admin(&["man", "--dir", "man1"]).await;
    assert!(printed.contains("pages into man1"), "{printed}");
    let folder = program.folder.path().join("man1");
    let page = std::fs::read_to_string(folder.join("pamphlet-comments-hide.1")).unwrap();
    for part in [
        ".TH pamphlet",
        ".SH SYNOPSIS",
        ".SH EXAMPLES",
        "pamphlet comments hide",
    ] {
        assert!(page.contains(part), "{part:?} is not in: {page}");
    }
    assert_eq!(page, program.admin(&["man", "comments", "hide"]).await);
    let unknown = program.transcript(&["man", "post", "fly"]).await;
    assert!(
        unknown.contains("there is no command `pamphlet post fly`"),
        "{unknown}"
    );
}
