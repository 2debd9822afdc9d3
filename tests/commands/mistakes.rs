//! Traps for the admin: commands that only seem to work, and data lost by a slip.

use super::{assert_failure, rows};
use crate::support::{Database, Peer, Program, TestNode, both_databases, eventually, postgres};
use rstest_reuse::apply;
use serde_json::{Value, json};

const GOOD: &str = "---\ntitle: News\nslug: news\n---\nSomething happened.\n";

/// Every command that works on a database, with valid arguments.
const COMMANDS: [&[&str]; 29] = [
    &["worker"],
    &["post", "publish", "news.md"],
    &["post", "draft", "news.md"],
    &["post", "list"],
    &["note", "Hello, everyone."],
    &["note", "list"],
    &["reply", "1", "Thank you."],
    &["like", "https://other.example/1"],
    &["undo", "note-1", "--yes"],
    &["follow", "@a@other.example"],
    &["following"],
    &["report", "https://other.example/1", "spam"],
    &["author", "add", "ada", "--name", "Ada"],
    &["followers", "list"],
    &["comments", "list"],
    &["log"],
    &["block", "add", "other.example"],
    &["allow", "list"],
    &["filter", "list"],
    &["deliveries", "status"],
    &["notices", "list"],
    &["actor", "show"],
    &["export", "person", "@a@other.example"],
    &["quotes", "list"],
    &["features", "list"],
    &["mail", "list"],
    &["keys", "list"],
    &["keys", "rotate", "--yes"],
    &["actor", "erase", "@a@other.example", "--yes"],
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_in_the_wrong_folder_makes_nothing() {
    let mut program = Program::new(Database::Sqlite).await;
    let database_url = std::mem::take(&mut program.database_url);
    program.environment.clear();
    program.file("news.md", GOOD);
    for command in COMMANDS {
        let output = program.run(command).await;
        let words = ["no publication here", "--config", "pamphlet init"];
        assert_failure(&command.join(" "), &output, &words);
    }
    let left = std::fs::read_dir(program.folder.path()).unwrap().count();
    assert_eq!(left, 1, "the article's file alone");
    // An existing database that contains no publication.
    program.file("empty.sqlite", "");
    let empty = format!("sqlite://{}/empty.sqlite", program.folder.path().display());
    let elsewhere = postgres::new_database().await;
    for url in [&empty, &elsewhere, &database_url] {
        for command in [&["post", "publish", "news.md"][..], &["worker"]] {
            let output = program
                .run(&[&["--database-url", url][..], command].concat())
                .await;
            assert_failure(url, &output, &["no publication", "pamphlet init"]);
        }
    }
    // Only `init` and `serve` create a database.
    program.admin(&["init", "--domain", "example.org"]).await;
    program.admin(&["post", "publish", "news.md"]).await;
    // The configuration file leads to the database from every folder.
    let file = program.folder.path().join("pamphlet.toml");
    let elsewhere = tempfile::tempdir().unwrap();
    let arguments = ["--config", &file.display().to_string(), "post", "list"];
    let mut command = program.commands().command(&arguments);
    let output = command.current_dir(elsewhere.path()).output().unwrap();
    let listed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && listed.contains("news"),
        "{output:?}"
    );
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[apply(both_databases)]
async fn what_was_edited_is_never_lost(#[case] database: Database) {
    let mut program = Program::new(database).await;
    program.create_database().await;
    let file = program.file("news.md", GOOD).display().to_string();
    program.admin(&["post", "publish", &file]).await;
    program.file("other.md", GOOD.replace("slug: news", "slug: other"));
    program.admin(&["post", "publish", "other.md"]).await;
    let before = program.admin(&["post", "show", "news"]).await;
    let cases = [
        (
            "unknown key",
            "sed -i 's/^title: News/titel: Much work/'",
            "`titel`",
            "titel: Much work",
        ),
        ("not closed", "sed -i '1d'", "no title", "title: News"),
        (
            "another's slug",
            "sed -i 's/^slug: news/slug: other/'",
            "another article has the slug other",
            "slug: other",
        ),
        (
            "no such picture",
            "sed -i 's/^slug: news/slug: news\\nimage: gone.png/'",
            "gone.png",
            "image: gone.png",
        ),
        (
            "not UTF-8",
            "printf '\\377' >>",
            "UTF-8",
            "Something happened.",
        ),
        (
            "an editor that fails",
            "f() { echo Much work >> \"$1\"; false; }; f",
            "the editor failed",
            "Much work",
        ),
    ];
    for (number, (what, editor, complaint, written)) in cases.into_iter().enumerate() {
        let kept = match number {
            0 => "news.unsaved.md".to_owned(),
            _ => format!("news.unsaved-{}.md", number + 1),
        };
        program.set("EDITOR", editor);
        program.set("VISUAL", editor);
        let output = program.run(&["post", "edit", "news"]).await;
        let again = format!("pamphlet post edit news {kept}");
        let printed = assert_failure(what, &output, &[complaint, "saved in", &again]);
        assert!(
            !printed.contains("/tmp/") && !printed.contains("/.tmp"),
            "{printed}"
        );
        let text = std::fs::read(program.folder.path().join(&kept)).unwrap();
        assert!(String::from_utf8_lossy(&text).contains(written), "{what}");
        assert_eq!(
            program.admin(&["post", "show", "news"]).await,
            before,
            "{what}"
        );
    }
    // Once corrected, the article is stored.
    let kept = program.folder.path().join("news.unsaved.md");
    let text = std::fs::read_to_string(&kept).unwrap();
    std::fs::write(&kept, text.replace("titel:", "title:")).unwrap();
    program
        .admin(&["post", "edit", "news", "news.unsaved.md"])
        .await;
    assert!(
        program
            .admin(&["post", "show", "news"])
            .await
            .starts_with("---\ntitle: Much work\n")
    );
    // A stored or unchanged text leaves no file.
    // The database's own files come and go.
    let folder = program.folder.path().to_owned();
    let texts = || {
        let files = std::fs::read_dir(&folder).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".md")).count()
    };
    let before = texts();
    for editor in ["sed -i 's/Much work/Less work/'", "true", "false"] {
        program.set("EDITOR", editor);
        program.set("VISUAL", editor);
        program.run(&["post", "edit", "news"]).await;
    }
    assert_eq!(texts(), before);
}

#[apply(both_databases)]
async fn one_word_that_a_command_is_called_by_is_no_note(#[case] database: Database) {
    let program = Program::new(database).await;
    program.create_database().await;
    for word in [
        "edit", "ls", "publish", "status", "approve", "blocks", "unfollow", " undo ",
    ] {
        let output = program.run(&["note", word]).await;
        // The names of `note` subcommands need more arguments; none is published.
        assert!(!output.status.success(), "{word}");
    }
    for word in ["show", "help"] {
        let output = program.run(&["reply", "1", word]).await;
        assert_failure(
            word,
            &output,
            &[word, "looks like a command", "pamphlet note --help"],
        );
    }
    assert_eq!(program.run(&["note"]).await.status.code(), Some(2));
    assert_eq!(
        program
            .run(&["note", "list", "--cw", "x"])
            .await
            .status
            .code(),
        Some(2)
    );
    assert_eq!(rows(&program, "notes").await, 0);
    assert!(
        program
            .admin(&["note", "list"])
            .await
            .contains("There are no notes")
    );
    for text in ["Hello", "list of books", "Edit", "--", "status."] {
        let arguments = match text {
            "--" => vec!["note", "--", "-5 degrees"],
            text => vec!["note", text],
        };
        program.admin(&arguments).await;
    }
    let listed: Value =
        serde_json::from_str(&program.admin(&["note", "list", "--json"]).await).unwrap();
    let texts: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        texts,
        ["status.", "-5 degrees", "Edit", "list of books", "Hello"]
    );
    let first = listed[4]["id"].as_str().unwrap();
    assert_eq!(first, "note-1");
    assert!(
        program
            .admin(&["note", "show", first])
            .await
            .contains("Hello")
    );
    program
        .admin(&[
            "note",
            "delete",
            listed[4]["url"].as_str().unwrap(),
            "--yes",
        ])
        .await;
    assert!(program.admin(&["note", "show", "1"]).await.contains("gone"));
    assert_failure(
        "twice",
        &program.run(&["note", "delete", "1", "--yes"]).await,
        &["already withdrawn"],
    );
    assert_failure(
        "unknown",
        &program.run(&["note", "show", "note-77"]).await,
        &["note list"],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_json_log_is_json_alone() {
    let mut program = Program::new(Database::Sqlite).await;
    program.file("pamphlet.toml", "[log]\nformat = \"json\"\n");
    let lines = |text: String| -> Vec<Value> {
        let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        text.lines().map(read).collect()
    };
    program.serve().await;
    let refused = program.run(&["serve"]).await;
    assert_eq!(refused.status.code(), Some(1));
    let printed = [refused.stdout, refused.stderr].concat();
    let last = lines(String::from_utf8(printed).unwrap()).pop().unwrap();
    assert_eq!(last["level"], "ERROR");
    assert!(
        last["fields"]["error"]
            .as_str()
            .unwrap()
            .contains("another program listens"),
        "{last}"
    );
    let second = program.second();
    second.file("pamphlet.toml", "[log]\nformat = \"json\"\n");
    let mut second = second;
    second.spawn_node(second.commands().command(&["worker"]));
    eventually("the worker is there", || async {
        second.output("serve.err").contains("worker").then_some(())
    })
    .await;
    second.terminate().await;
    assert!(program.terminate().await.0.success());
    for process in [&program, &second] {
        assert_eq!(process.output("serve.out"), "");
        lines(process.output("serve.err"));
    }
    let banner = lines(program.output("serve.err"));
    let banner = banner
        .iter()
        .find(|line| line["fields"]["message"] == "Pamphlet is running")
        .unwrap();
    assert_eq!(banner["fields"]["development"], true);
    assert_eq!(banner["fields"]["address"], format!("{}/", program.origin));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_listens_where_it_is_told() {
    let program = Program::new(Database::Sqlite).await;
    let port = program.origin.rsplit(':').next().unwrap();
    let listen = format!("127.0.0.1:{port}");
    let told = program
        .admin(&["demo", "--once", "--listen", &listen])
        .await;
    assert!(
        told.contains(&format!("http://localhost:{port}/")),
        "{told}"
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (arguments, words) in [
        (
            ["--listen", taken.as_str()],
            vec!["another program listens"],
        ),
        (["--listen", "192.0.2.1:80"], vec!["localhost"]),
        (["--listen", "everywhere"], vec!["everywhere"]),
        (["--data", "here"], vec!["--data"]),
        (
            ["--public-url", "https://example.org"],
            vec!["--public-url"],
        ),
    ] {
        let output = program
            .run(&["demo", "--once", arguments[0], arguments[1]])
            .await;
        assert_failure(&arguments.join(" "), &output, &words);
    }
}

#[apply(both_databases)]
async fn this_node_can_not_be_blocked(#[case] database: Database) {
    let node = TestNode::start_with(database, "domain = \"b\u{fc}cher.example\"\n").await;
    let authority = node.origin.trim_start_matches("http://").to_owned();
    let ours = [
        authority.clone(),
        authority.to_uppercase(),
        "localhost".into(),
        "LocalHost.".into(),
        "b\u{fc}cher.example".into(),
        "B\u{dc}CHER.example".into(),
        "xn--bcher-kva.example".into(),
        "example".into(),
        node.blog(),
        node.blog().to_uppercase().replace("HTTP", "http"),
        node.url("/"),
        format!("@blog@{authority}"),
        "@nobody@b\u{fc}cher.example".into(),
        "comments@xn--bcher-kva.example".into(),
    ];
    for ours in &ours {
        let output = node.cli(&["block", "add", ours]).await;
        assert_failure(ours, &output, &["is this node or a parent domain"]);
    }
    for option in ["--comments-held", "--no-media"] {
        let output = node.cli(&["block", "add", &authority, option]).await;
        assert_failure(option, &output, &["is this node or a parent domain"]);
    }
    assert_eq!(node.admin_json(&["block", "list"]).await, json!([]));
    for other in [
        "www.b\u{fc}cher.example",
        "other.localhost",
        "localhost:1",
        "cher.example",
        "https://other.example/users/blog",
    ] {
        node.admin(&["block", "add", other]).await;
    }
    // A note that was published before can be deleted.
    node.sql("INSERT INTO blocks (kind, value, created_at) VALUES ('host', 'localhost', 1)")
        .await;
    node.admin(&["block", "remove", "localhost"]).await;
}

#[apply(both_databases)]
async fn what_is_said_names_whom_and_what_it_is_about(#[case] database: Database) {
    let node = TestNode::start_with(database, "[comments]\nguests = \"open\"\n").await;
    let article = node.publish_any().await;
    let guest = crate::support::Guest::at(&node, "192.0.2.1");
    guest
        .write(&article, &[("name", "Gwen"), ("text", "Hello")])
        .await;
    let id = node.comments().await[0]["id"].to_string();
    let printed = node.admin(&["comments", "explain", &id]).await;
    assert!(
        printed.starts_with(&format!(
            "Comment {id} (visible) by Gwen, a guest without an account"
        )),
        "{printed}"
    );
    let printed = node.admin_json(&["comments", "explain", &id]).await;
    assert_eq!(
        (&printed["author"], &printed["guest"]),
        (&json!("Gwen"), &json!(true))
    );
    // The reporter's words precede the reported objects, which are longer.
    let peer = Peer::start("peer").await;
    let mut reports = Vec::new();
    for (property, words) in [
        ("content", json!("Looks like spam")),
        ("contentMap", json!({"de": "Sieht nach Spam aus"})),
        ("summary", json!("Rude")),
        ("content", json!("  ")),
    ] {
        let reporter = peer.actor(&format!("reporter{}", reports.len())).await;
        let mut report = reporter.activity("Flag", json!([node.blog(), article.id]));
        report[property] = words;
        reporter.deliver(&node.inbox(), &report).await;
        reports.push(node.notices().await[0].clone());
    }
    let texts: Vec<&str> = reports
        .iter()
        .map(|report| report["text"].as_str().unwrap())
        .collect();
    for (text, words) in texts.iter().zip([
        "reported: “Looks like spam” (",
        "reported: “Sieht nach Spam aus” (",
        "reported: “Rude” (",
        "without a word",
    ]) {
        assert!(text.contains(words) && text.contains(&article.id), "{text}");
    }
    let table = node.admin(&["notices", "list"]).await;
    assert!(
        table.contains("Looks like spam") && table.contains("Rude"),
        "{table}"
    );
    let shown = node
        .admin(&["notices", "show", &reports[0]["id"].to_string()])
        .await;
    assert!(
        shown.contains(&article.id) && shown.contains("Looks like spam"),
        "{shown}"
    );
    assert_failure(
        "unknown",
        &node.cli(&["notices", "show", "4711"]).await,
        &["notices list"],
    );
    // A page either says how to follow, or does not ask for it.
    node.admin(&["author", "add", "guest", "--name", "A Guest"])
        .await;
    node.admin(&["author", "add", "ana", "--name", "Ana", "--federated"])
        .await;
    eventually("the author has an actor", || async {
        (node.document("/users/ana").await.status == 200).then_some(())
    })
    .await;
    for (path, asks) in [("/authors/guest", false), ("/authors/ana", true)] {
        let page = node.page(path).await.text;
        assert!(page.contains("Nothing is published here yet."), "{page}");
        assert_eq!(
            (
                page.contains("Follow along"),
                page.contains("Follow from the fediverse")
            ),
            (asks, asks),
            "{path}"
        );
    }
    assert_eq!(
        node.page("/comments/waiting?article=unknown").await.status,
        404
    );
    let uid = article.id.rsplit('/').next().unwrap();
    assert_eq!(
        node.page(&format!("/comments/waiting?article={uid}"))
            .await
            .status,
        200
    );
}
