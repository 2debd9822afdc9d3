//! `pamphlet --remote`: commands on one machine, the publication on another.

use crate::support::{Database, Peer, TestNode, both_databases};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::{
    fs,
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt},
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// The machine of an admin, with a token of a publication.
struct Laptop {
    folder: TempDir,
    origin: String,
    token: String,
}

impl Laptop {
    async fn of(node: &TestNode, scope: &str) -> Laptop {
        let name = format!("laptop for {scope}");
        let made = node
            .admin_json(&["token", "create", "--name", &name, "--scope", scope])
            .await;
        Laptop {
            folder: tempfile::tempdir().unwrap(),
            origin: node.origin.clone(),
            token: made["token"].as_str().unwrap().to_owned(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pamphlet"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("XDG_CONFIG_HOME", self.folder.path().join(".config"))
            .env("PAMPHLET_TOKEN", &self.token)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null());
        command
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(&[&["--remote", &self.origin], arguments].concat());
        let run = move || command.output().unwrap();
        tokio::task::spawn_blocking(run).await.unwrap()
    }

    async fn admin(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {complaint}");
        String::from_utf8(output.stdout).unwrap()
    }

    async fn admin_json(&self, arguments: &[&str]) -> Value {
        let printed = self.admin(&[arguments, &["--json"]].concat()).await;
        serde_json::from_str(&printed).unwrap()
    }

    /// Runs a command that must fail. Returns its message.
    async fn complaint(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments).await;
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {complaint}"
        );
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        complaint
    }

    fn file(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }
}

const NEWS: &str = "---\ntitle: News\nslug: news\ntags: [Lakes]\nimage: lead.png\nimage_alt: A lead\n---\n\
                    It is deep.\n\n![A lake](lake.png)\n";

fn draw(laptop: &Laptop, name: &str, shade: u8) {
    let picture = image::RgbImage::from_pixel(64, 48, image::Rgb([shade, 60, 90]));
    picture.save(laptop.folder.path().join(name)).unwrap();
}

#[apply(both_databases)]
async fn an_article_is_written_from_another_machine(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let laptop = Laptop::of(&node, "all").await;
    draw(&laptop, "lead.png", 10);
    laptop.file("news.md", NEWS);
    // A picture that is missing is found before anything is sent.
    let complaint = laptop.complaint(&["post", "publish", "news.md"], 1).await;
    assert!(
        complaint.contains("line 10: lake.png is no file"),
        "{complaint}"
    );
    assert_eq!(node.admin_json(&["media", "list"]).await, json!([]));
    draw(&laptop, "lake.png", 20);
    let printed = laptop.admin(&["post", "publish", "news.md"]).await;
    assert!(
        printed.starts_with("Published: News\n  http://"),
        "{printed}"
    );
    assert_eq!(
        laptop
            .admin_json(&["media", "list"])
            .await
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let local = node.admin(&["post", "show", "news"]).await;
    assert!(local.contains("![A lake](/media/"), "{local}");
    let complaint = laptop.complaint(&["post", "publish", "news.md"], 1).await;
    assert!(complaint.contains("slug news is taken"), "{complaint}");
    // What is printed can be edited as a file, and nothing changes by that.
    let shown = laptop.admin(&["post", "show", "news"]).await;
    laptop.file("shown.md", &shown);
    let before = node.admin(&["post", "show", "news"]).await;
    laptop.admin(&["post", "edit", "news", "shown.md"]).await;
    assert_eq!(node.admin(&["post", "show", "news"]).await, before);
    laptop.file(
        "shown.md",
        &shown.replace("It is deep.", "It is very deep."),
    );
    let printed = laptop.admin(&["post", "edit", "news", "shown.md"]).await;
    assert!(printed.starts_with("Updated: News"), "{printed}");
    let text = node.admin(&["post", "show", "news"]).await;
    assert!(text.contains("It is very deep."), "{text}");
    // Lists have what the local ones have.
    let list = laptop.admin(&["post", "list"]).await;
    assert!(
        list.contains("published  news  News") && list.contains("UTC"),
        "{list}"
    );
    let (remote, local) = (
        laptop.admin_json(&["post", "list"]).await,
        node.admin_json(&["post", "list"]).await,
    );
    for name in ["id", "url", "slug", "title", "status", "published", "tags"] {
        assert_eq!(remote[0][name], local[0][name], "{name}");
    }
    // Its states.
    let help = laptop.admin(&["post", "unpublish", "--help"]).await;
    let asks = help.contains("--yes");
    let unpublish = ["post", "unpublish", "news", "--yes"];
    laptop.admin(&unpublish[..if asks { 4 } else { 3 }]).await;
    assert_eq!(
        laptop.admin_json(&["post", "show", "news"]).await["status"],
        "draft"
    );
    laptop.admin(&["post", "publish", "news"]).await;
    laptop.file("plan.md", "---\ntitle: Plan\nslug: plan\n---\nSoon.\n");
    let planned = laptop.admin(&["post", "draft", "plan.md"]).await;
    assert!(planned.starts_with("Stored as a draft: Plan"), "{planned}");
    let complaint = laptop.complaint(&["post", "delete", "plan"], 2).await;
    assert!(complaint.contains("Delete the article Plan") && complaint.contains("--yes"));
    laptop.admin(&["post", "delete", "plan", "--yes"]).await;
    let complaint = laptop.complaint(&["post", "show", "plan"], 1).await;
    assert!(
        complaint.contains("no article has the slug plan"),
        "{complaint}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_is_edited_from_another_machine_and_never_lost() {
    let node = TestNode::start(Database::Sqlite).await;
    let laptop = Laptop::of(&node, "all").await;
    let article = node.publish_any().await;
    let edit = ["--remote", &laptop.origin, "post", "edit", &article.slug];
    let run = async |editor: &str| {
        let mut command = laptop.command(&edit);
        command.env("EDITOR", editor).env("VISUAL", editor);
        let run = move || command.output().unwrap();
        tokio::task::spawn_blocking(run).await.unwrap()
    };
    let output = run("true").await;
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        printed.starts_with("Nothing changed: On reading slowly"),
        "{printed}"
    );
    assert!(
        run("sed -i 's/^title: .*/title: Slower/'")
            .await
            .status
            .success()
    );
    let shown = node.admin(&["post", "show", &article.slug]).await;
    assert!(shown.contains("Slower"), "{shown}");
    // The publication refuses the text, because somebody else changed the article meanwhile.
    laptop.file("other.md", "---\ntitle: Other\n---\nAnother text.\n");
    let config = node.config_file.display();
    let program = env!("CARGO_BIN_EXE_pamphlet");
    let editor = format!(
        "f() {{ {program} --config {config} post edit {} other.md >/dev/null; echo Work >> \"$1\"; }}; f",
        article.slug
    );
    let output = run(&editor).await;
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("changed in the meantime"), "{complaint}");
    let kept = laptop
        .folder
        .path()
        .join(format!("{}.unsaved.md", article.slug));
    assert!(fs::read_to_string(kept).unwrap().contains("Work"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_wrong_is_said_in_a_sentence() {
    let node = TestNode::start(Database::Sqlite).await;
    let mut laptop = Laptop::of(&node, "articles:read").await;
    laptop.file("a.md", "---\ntitle: A\n---\nText.\n");
    for (arguments, code, words) in [
        (
            &["post", "draft", "a.md"][..],
            1,
            &["not for this", "token create"][..],
        ),
        (
            &["keys", "rotate"],
            2,
            &["`pamphlet keys rotate`", "server's machine only"],
        ),
        (
            &["post", "list", "--since", "2026-01-01"],
            2,
            &["--since", "leave it out"],
        ),
        (
            &["--data", "x", "post", "list"],
            2,
            &["--data and --remote"],
        ),
        (
            &["post", "show", "gone"],
            1,
            &["no article has the slug gone", "post list"],
        ),
    ] {
        let complaint = laptop.complaint(arguments, code).await;
        for word in words {
            assert!(complaint.contains(word), "{word}: {complaint}");
        }
    }
    let token = std::mem::replace(&mut laptop.token, "wrong".to_owned());
    let complaint = laptop.complaint(&["post", "list"], 1).await;
    assert!(complaint.contains("does not accept the token") && complaint.contains("remote login"));
    laptop.token = String::new();
    let complaint = laptop.complaint(&["post", "list"], 1).await;
    assert!(
        complaint.contains("there is no token for http://localhost"),
        "{complaint}"
    );
    laptop.token = token;
    let origin = laptop.origin.clone();
    for (address, code, words) in [
        (
            "http://127.0.0.1:1",
            1,
            &["127.0.0.1:1 can't be reached"][..],
        ),
        (
            "http://example.org",
            2,
            &["must begin with https://", "secret"],
        ),
        (
            "example.org",
            2,
            &["not the address", "https://example.org"],
        ),
        ("https://example.org/blog", 2, &["only a host"]),
    ] {
        laptop.origin = address.to_owned();
        let complaint = laptop.complaint(&["post", "list"], code).await;
        for word in words {
            assert!(complaint.contains(word), "{word}: {complaint}");
        }
    }
    laptop.origin = origin;
    assert_eq!(laptop.admin_json(&["post", "list"]).await, json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_are_stored_for_their_user_alone() {
    let node = TestNode::start(Database::Sqlite).await;
    let mut laptop = Laptop::of(&node, "all").await;
    let token = std::mem::take(&mut laptop.token);
    let login = |text: &str| {
        let mut child = laptop
            .command(&["remote", "login", &laptop.origin])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    };
    let output = tokio::task::block_in_place(|| login("wrong\n"));
    assert_eq!(output.status.code(), Some(1));
    assert!(
        !laptop.folder.path().join(".config").exists(),
        "a wrong token is not stored"
    );
    let output = tokio::task::block_in_place(|| login(&format!("{token}\n")));
    assert!(output.status.success(), "{output:?}");
    let folder = laptop.folder.path().join(".config/pamphlet/tokens");
    let entry = fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&entry.path())), (0o700, 0o600));
    assert_eq!(laptop.admin_json(&["post", "list"]).await, json!([]));
    let list = laptop.command(&["remote", "list"]).output().unwrap();
    assert!(String::from_utf8_lossy(&list.stdout).contains(&laptop.origin));
    // Others could read the token.
    fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let complaint = laptop.complaint(&["post", "list"], 1).await;
    assert!(complaint.contains("chmod go="), "{complaint}");
    fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o600)).unwrap();
    let logout = ["remote", "logout", &laptop.origin, "--yes"];
    assert!(laptop.command(&logout).output().unwrap().status.success());
    assert!(!entry.path().exists());
}

#[apply(both_databases)]
async fn notes_and_comments_are_written_and_moderated(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let laptop = Laptop::of(&node, "all").await;
    let printed = laptop.admin(&["note", "Hello, everyone."]).await;
    assert!(
        printed.starts_with("Published: note-1\n  http"),
        "{printed}"
    );
    for (what, code) in [("lst", 1), ("delete 3", 1)] {
        let complaint = laptop.complaint(&["note", what], code).await;
        assert!(complaint.contains("looks like a command"), "{complaint}");
    }
    for command in [&["note", "list"][..], &["note", "show", "note-1"]] {
        assert_eq!(laptop.admin(command).await, node.admin(command).await);
        let (remote, local) = (
            laptop.admin_json(command).await,
            node.admin_json(command).await,
        );
        assert_eq!(remote[0]["text"], local[0]["text"]);
    }
    let article = node.publish_any().await;
    let peer = Peer::start("good").await;
    let friend = peer.actor("friend").await;
    friend
        .comment(&node.inbox(), &article.id, "<p>A wide world</p>")
        .await;
    let command = ["comments", "list"];
    assert_eq!(laptop.admin(&command).await, node.admin(&command).await);
    let id = laptop.admin_json(&command).await[0]["id"].to_string();
    let printed = laptop.admin(&["reply", &id, "Thank you."]).await;
    assert!(printed.starts_with("Published: note-2"), "{printed}");
    let printed = laptop
        .admin(&["comments", "hide", &id, "--reason", "too wide"])
        .await;
    assert!(
        printed.starts_with(&format!("Hid comment {id} by @friend@")),
        "{printed}"
    );
    let printed = laptop.admin(&["comments", "hide", &id]).await;
    assert!(printed.contains("is already hidden"), "{printed}");
    assert!(node.admin(&["log"]).await.contains("too wide"));
    let selected = ["comments", "approve", "--state", "hidden", "--dry-run"];
    let printed = laptop.admin(&selected).await;
    assert!(printed.contains("Would approve 1 comment."), "{printed}");
    laptop.admin(&selected[..4]).await;
    assert_eq!(
        laptop.admin_json(&["comments", "show", &id]).await["state"],
        "visible"
    );
    let complaint = laptop.complaint(&["comments", "delete", &id], 2).await;
    assert!(complaint.contains("--yes"), "{complaint}");
    laptop.admin(&["comments", "delete", &id, "--yes"]).await;
    let complaint = laptop.complaint(&["comments", "approve", &id], 1).await;
    assert!(complaint.contains("is deleted"), "{complaint}");
    let complaint = laptop.complaint(&["comments", "show", "777"], 1).await;
    assert!(
        complaint.contains("no comment has the ID 777"),
        "{complaint}"
    );
    laptop.admin(&["note", "delete", "note-1", "--yes"]).await;
    let complaint = laptop.complaint(&["note", "show", "note-9"], 1).await;
    assert!(complaint.contains("no such note: note-9"), "{complaint}");
}
