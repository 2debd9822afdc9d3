//! Notes that the admin lists, shows and edits.

use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::io::Write;

async fn shown(node: &TestNode, note: &str) -> Value {
    node.admin_json(&["note", "show", note]).await
}

async fn wait_until_live(node: &TestNode, note: &str) {
    eventually("the note is sent", || async {
        (shown(node, note).await["state"] == "live").then_some(())
    })
    .await;
}

/// Runs a command with this text as its stdin.
async fn piped(node: &TestNode, arguments: &[&str], text: &str) -> std::process::Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_pamphlet"));
    command
        .arg("--config")
        .arg(&node.config_file)
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let text = text.to_owned();
    tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    })
    .await
    .unwrap()
}

#[apply(both_databases)]
async fn an_edited_note_is_sent_as_an_update_and_changes_in_its_thread(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let (home, other) = (Peer::start("home").await, Peer::start("other").await);
    let (reader, friend) = (home.actor("reader").await, other.actor("friend").await);
    reader.follow(&node.inbox(), &node.blog()).await;
    let article = node.publish_any().await;
    let text = format!("Hello {}, see #Books.", friend.handle());
    let note = node
        .admin_json(&["note", &text, "--reply-to", &article.url, "--cw", "Careful"])
        .await;
    let id = note["id"].as_str().unwrap();
    wait_until_live(&node, id).await;
    eventually("the mentioned one gets it", || async {
        (other.received_of("Create").len() == 1).then_some(())
    })
    .await;

    // What is shown can be stored again, and changes nothing.
    let file = node.admin(&["note", "show", id]).await;
    assert!(file.contains("content_warning: Careful"), "{file}");
    let path = node.file("note.md", &file);
    let same = node.admin(&["note", "edit", id, "--file", &path]).await;
    assert_eq!(same, format!("Nothing changed: {id}\n"));
    let same = node.admin_json(&["note", "edit", id, &text]).await;
    assert_eq!(
        (&same["changed"], &same["edited"]),
        (&json!(false), &Value::Null)
    );

    // An edit without the mention reaches the mentioned one too.
    let edited = file
        .replace(&text, "Hello, see #Films <script>x</script>")
        .replace("content_warning: Careful\n", "");
    let path = node.file("note.md", &edited);
    let output = node.cli(&["note", "edit", id, "--file", &path]).await;
    assert!(output.status.success());
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("<script>"),
        "{output:?}"
    );
    for peer in [&home, &other] {
        let update = peer.wait_for("Update").await.activity;
        let object = &update["object"];
        assert_eq!(object["id"], note["url"]);
        assert!(
            object["content"].as_str().unwrap().contains("Films"),
            "{object}"
        );
        assert!(object["updated"].is_string(), "{object}");
        assert_eq!(object["summary"], Value::Null);
    }
    let page = node.page(note["url"].as_str().unwrap()).await.text;
    assert!(page.contains("Films") && page.contains("edited"), "{page}");
    let page = node.page(&article.url).await.text;
    assert!(
        page.contains("Films") && !page.contains("Books</"),
        "{page}"
    );
    assert_eq!(node.page("/tags/films").await.status, 200);

    // A quiet edit is seen here alone; the next edit is sent again.
    let quiet = node
        .admin(&["note", "edit", id, "Quiet words.", "--quiet"])
        .await;
    assert!(
        quiet.starts_with("Updated here, and sent to nobody"),
        "{quiet}"
    );
    eventually("the thread has the quiet words", || async {
        let page = node.page(&article.url).await.text;
        page.contains("Quiet words.").then_some(())
    })
    .await;
    let piped = piped(&node, &["note", "edit", id, "-"], "Loud words.\n").await;
    assert!(piped.status.success(), "{piped:?}");
    eventually("the second update arrives", || async {
        (home.received_of("Update").len() == 2).then_some(())
    })
    .await;
    let last = home.received_of("Update").pop().unwrap().activity;
    assert!(
        last["object"]["content"]
            .as_str()
            .unwrap()
            .contains("Loud words.")
    );
    assert_eq!(shown(&node, id).await["text"], "Loud words.");
}

#[apply(both_databases)]
async fn notes_come_from_files_and_pipes_and_lists_have_filters(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let article = node.publish_any().await;
    let written = piped(&node, &["note", "-"], "From a pipe: 100 % _plain_\n\n").await;
    assert!(written.status.success(), "{written:?}");
    let file = node.file("note.txt", "From a file.\n");
    node.admin(&["note", "--file", &file]).await;
    node.admin(&["note", "A reply.", "--reply-to", &article.url])
        .await;
    assert_eq!(
        shown(&node, "1").await["text"],
        "From a pipe: 100 % _plain_"
    );
    for number in 1..=3 {
        wait_until_live(&node, &number.to_string()).await;
    }
    node.admin(&["note", "delete", "2", "--yes"]).await;
    let ids = async |options: &[&str]| -> Vec<String> {
        let listed = node
            .admin_json(&[&["note", "list"][..], options].concat())
            .await;
        let ids = listed.as_array().unwrap().iter();
        ids.map(|note| note["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&[]).await, ["note-3", "note-2", "note-1"]);
    assert_eq!(ids(&["--replies"]).await, ["note-3"]);
    assert_eq!(ids(&["--no-replies", "--state", "live"]).await, ["note-1"]);
    assert_eq!(ids(&["--search", "PIPE: 100 %"]).await, ["note-1"]);
    assert_eq!(ids(&["--search", "_file"]).await, [""; 0]);
    assert_eq!(ids(&["--until", "2020-01-01"]).await, [""; 0]);
    assert_eq!(
        ids(&["--since", "2020-01-01", "--before", "3"]).await,
        ["note-2", "note-1"]
    );
    let page = node.admin(&["note", "list", "--limit", "1"]).await;
    assert!(page.contains("For older notes, add --before 3"), "{page}");

    let cases: [(&[&str], i32, &str); 9] = [
        (&["note", "edit", "2", "x"], 1, "note-2 is deleted"),
        (&["note", "edit", "77", "x"], 1, "no such note"),
        (&["note", "edit", "1", " "], 1, "a note needs a text"),
        (
            &["note", "edit", "1", "![x](a.png)"],
            1,
            "can't embed files",
        ),
        (&["note", "edit", "1", "--alt", "A text"], 1, "no picture"),
        (
            &["note", "edit", "1", "--file", "gone.md"],
            1,
            "cannot read gone.md",
        ),
        (&["note", "edit", "1", "--file", "."], 1, "is a folder"),
        (&["note", "edit", "1"], 1, "EDITOR"),
        (&["note", "Text", "--image", "a.png"], 2, "--alt"),
    ];
    for (arguments, code, words) in cases {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_pamphlet"));
        command
            .arg("--config")
            .arg(&node.config_file)
            .args(arguments);
        command
            .env_remove("EDITOR")
            .env_remove("VISUAL")
            .stdin(std::process::Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap();
        let printed = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {printed}");
        assert!(printed.contains(words), "{arguments:?}: {printed}");
    }
    let bad = node.file("bad.md", "---\nlanguage: en\ncolour: red\n---\nText\n");
    let output = node.cli(&["note", "edit", "1", "--file", &bad]).await;
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(
        printed.contains("line 3") && printed.contains("colour"),
        "{printed}"
    );
    assert_eq!(
        shown(&node, "1").await["text"],
        "From a pipe: 100 % _plain_"
    );
}
