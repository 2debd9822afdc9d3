//! One life of a node, in which most commands run: what they print, as text and as JSON, is the same on each database.

use super::document::assert_part;
use crate::{
    assert_printed,
    support::{
        Actor, Crowd, Database, Peer, TestNode, both_databases, eventually, peer::Canned,
        snapshot::transcript_of,
    },
};
use rstest_reuse::apply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Commands that show or list, in the order of the help.
const SHOWN: &[&[&str]] = &[
    &["post", "list"],
    &["post", "search", "short"],
    &["post", "open", "on-reading-slowly", "--print"],
    &["page", "list"],
    &["page", "show", "about"],
    &["note", "list"],
    &["note", "show", "note-1"],
    &["media", "list"],
    &["tag", "list"],
    &["author", "list"],
    &["author", "show", "ada"],
    &["comments", "list"],
    &["comments", "show", "1"],
    &["comments", "explain", "1"],
    &["comments", "history", "1"],
    &["reactions", "list"],
    &["quotes", "list"],
    &["features", "list"],
    &["notices", "list"],
    &["notices", "show", "1"],
    &["notices", "dropped"],
    &["following"],
    &["followers", "list"],
    &["followers", "requests"],
    &["actor", "show"],
    &["actor", "alias", "list"],
    &["block", "list"],
    &["allow", "list"],
    &["filter", "list"],
    &["filter", "test", "our casino"],
    &["log"],
    &["deliveries", "status"],
    &["deliveries", "list"],
    &["deliveries", "refused"],
    &["stats", "articles"],
    &["stats", "article", "on-reading-slowly"],
    &["stats", "hosts"],
    &["limits"],
    &["keys", "list"],
    &["mail", "list"],
];

/// Commands that print what differs from machine to machine: only their documents are described.
const DESCRIBED: &[&[&str]] = &[
    &["status"],
    &["doctor", "--offline"],
    &["stats"],
    &["stats", "followers"],
    &["post", "schedule", "--at", "in 2 days", "--dry-run"],
    &["tag", "rename", "books", "Books", "--dry-run"],
    &["config", "check"],
];

/// Commands that change something, in this order.
const CHANGES: &[&[&str]] = &[
    &["page", "publish", "about.md"],
    &["author", "add", "ada", "--name", "Ada"],
    &["allow", "add", "friends.example", "--reason", "known"],
    &["block", "add", "spam.example", "--reason", "sells"],
    &["block", "add", "loud.example", "--comments-held"],
    &["filter", "add", "word", "casino"],
    &["comments", "edit-note", "1", "a friend"],
    &["comments", "approve", "2"],
    &["comments", "hide", "2", "--reason", "off topic"],
    &["comments", "undo", "2"],
    &["comments", "spam", "2"],
    &["comments", "policy", "on-reading-slowly", "moderated"],
    &["comments", "delete", "2"],
    &["comments", "delete", "2", "--yes"],
    &["post", "pin", "on-reading-slowly"],
    &["note", "A *short* note."],
    &["deliveries", "drop", "--all", "--refused", "--dry-run"],
];

/// What is done at the end, with `--json`.
const ENDS: &[&[&str]] = &[
    &["post", "publish", "second.md"],
    &["note", "Another note."],
    &["reply", "1", "Thank you."],
    &["comments", "hide", "1"],
    &["comments", "undo", "1"],
    &["comments", "edit-note", "1", ""],
    &["filter", "remove", "word", "casino"],
    &["allow", "remove", "friends.example"],
    &["block", "remove", "spam.example"],
    &["reactions", "remove", "1", "--yes"],
    &["deliveries", "retry", "--refused", "--dry-run"],
    &["deliveries", "drop", "--all", "--refused", "--yes"],
    &["mail", "retry", "--all", "--dry-run"],
    &["followers", "accept", "--all", "--dry-run"],
    &["post", "unpin", "on-reading-slowly"],
    &["note", "delete", "note-1", "--yes"],
    &["page", "delete", "about", "--yes"],
    &["keys", "rotate", "--yes"],
];

struct Life {
    node: TestNode,
    reader: Actor,
    _peer: Peer,
    _crowd: Crowd,
}

impl Life {
    async fn begin(database: Database) -> Life {
        let node = TestNode::start_with(database, "[site]\nname = \"On Paper\"\n").await;
        let (peer, crowd) = (Peer::start("peer").await, Crowd::start().await);
        let reader = peer.actor("reader").await;
        reader.follow(&node.inbox(), &node.blog()).await;
        crowd.follow(&node.database_url, &["strict"]).await;
        crowd.respond_next("strict", vec![Canned::status(422)]);
        node.file("second.md", "---\ntitle: Second\n---\nText.\n");
        node.file("about.md", "---\ntitle: About\nmenu: footer\n---\nText.\n");
        Life {
            node,
            reader,
            _peer: peer,
            _crowd: crowd,
        }
    }

    /// Lets others react to an article.
    async fn live(&self) {
        let (node, reader) = (&self.node, &self.reader);
        let inbox = node.inbox();
        let article = node
            .publish("---\ntitle: On reading slowly\ntags: [books]\n---\nA short text.\n")
            .await;
        reader.comment(&inbox, &article.id, "<p>Lovely.</p>").await;
        reader
            .comment(&inbox, &article.id, "<p>Our casino</p>")
            .await;
        for (kind, object) in [
            ("Like", json!(article.id)),
            ("Flag", json!([article.id])),
            ("Wave", json!(article.id)),
        ] {
            reader.deliver(&inbox, &reader.activity(kind, object)).await;
        }
        eventually("the refusal is listed", || async {
            let refused = node.admin_json(&["deliveries", "refused"]).await;
            (refused != json!([])).then_some(())
        })
        .await;
        self.settle().await;
    }

    /// Waits until all changes are delivered.
    async fn settle(&self) {
        eventually("nothing waits", || async {
            let changes = self.node.number("SELECT COUNT(*) FROM changes").await;
            let status = self.node.admin_json(&["deliveries", "status"]).await;
            (changes == Some(0) && status["waiting"] == 0 && status["in_flight"] == 0).then_some(())
        })
        .await;
    }

    async fn transcripts(&self, commands: &[&[&str]]) -> String {
        let mut text = String::new();
        for command in commands {
            text.push_str(&self.node.transcript(command).await);
        }
        text
    }
}

/// Returns the shape of a document: the names of its fields.
fn shape(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let mut fields = serde_json::Map::new();
            for item in items {
                match item {
                    Value::Object(object) => fields.extend(object.clone()),
                    other => return format!("[{}]", shape(other)),
                }
            }
            if fields.is_empty() {
                return "[]".to_owned();
            }
            format!("[{}]", shape(&Value::Object(fields)))
        }
        Value::Object(object) => {
            let fields = object.iter().map(|(name, value)| match value {
                Value::Object(_) => format!("{name} {}", shape(value)),
                Value::Array(items) if items.iter().any(Value::is_object) => {
                    format!("{name} {}", shape(value))
                }
                Value::Array(_) => format!("{name} []"),
                _ => name.clone(),
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        _ => "text".to_owned(),
    }
}

#[apply(both_databases)]
async fn the_commands_print_the_same_on_each_database(#[case] database: Database) {
    let life = Life::begin(database).await;
    life.live().await;
    assert_printed!("life_changes", life.transcripts(CHANGES).await);
    life.settle().await;
    let days: &[(&str, &str)] = &[(r"(?m)^20\d\d-\d\d-\d\d  ", "[DAY]       ")];
    assert_printed!("life_shown", life.transcripts(SHOWN).await, days);
    let mut documents = BTreeMap::new();
    for command in SHOWN {
        let document = life.node.admin_json(command).await;
        documents.insert(name_of(command), shape(&document));
    }
    for command in DESCRIBED {
        let output = life.node.cli(&[command, &["--json"][..]].concat()).await;
        if let Ok(document) = serde_json::from_slice(&output.stdout) {
            documents.insert(name_of(command), shape(&document));
        }
    }
    let mut ends = String::new();
    for command in ENDS {
        let command = [command, &["--json"][..]].concat();
        let output = life.node.cli(&command).await;
        ends.push_str(&transcript_of(&command, &output));
        if let Ok(document) = serde_json::from_slice(&output.stdout) {
            documents.insert(name_of(&command), shape(&document));
        }
    }
    assert_printed!("life_ends", ends);
    let mut table = "\n| command | document |\n|---|---|\n".to_owned();
    for (command, shape) in documents {
        table.push_str(&format!("| `{command}` | `{shape}` |\n"));
    }
    if database == Database::Sqlite {
        let (begin, end) = ("<!-- documents -->\n", "<!-- end of the documents -->");
        assert_part(begin, Some(end), &format!("{table}\n"));
    }
}

/// Returns the name of a command without its arguments.
fn name_of(command: &[&str]) -> String {
    const GROUPS: &[&str] = &[
        "post",
        "page",
        "media",
        "tag",
        "author",
        "comments",
        "reactions",
        "quotes",
        "features",
        "notices",
        "followers",
        "actor",
        "alias",
        "block",
        "allow",
        "filter",
        "deliveries",
        "keys",
        "mail",
        "config",
        "token",
        "stats",
    ];
    let is_word = |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let is_note = command[0] == "note" && ["list", "show", "delete", "edit"].contains(&command[1]);
    let depth = match command {
        ["actor", "alias", ..] => 3,
        [group, ..] if GROUPS.contains(group) || is_note => 2,
        _ => 1,
    };
    let words = command.iter().take(depth).filter(|word| is_word(word));
    words.copied().collect::<Vec<_>>().join(" ")
}
