//! `pamphlet note list`, `show` and `delete`.

use crate::{
    cli::common::{
        Format, Options, Pagination, Yes,
        output::{self, Listing},
        withdrawal::{delete_question, note_name, print_undone, withdraw_note},
    },
    node::Node,
    store::{Conn, Note},
};
use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub(crate) enum Manage {
    /// List notes, newest first.
    List {
        #[command(flatten)]
        page: Pagination,
        #[command(flatten)]
        format: Format,
    },
    /// Show a note.
    Show {
        /// The note's ID, as shown by `note list` (note-3), or its URL.
        #[arg(value_name = "ID|URL")]
        note: String,
        #[command(flatten)]
        format: Format,
    },
    /// Delete a note here and on other servers.
    #[command(visible_alias = "undo")]
    Delete {
        /// The note's ID, as shown by `note list` (note-3), or its URL.
        #[arg(value_name = "ID|URL")]
        note: String,
        #[command(flatten)]
        yes: Yes,
        #[command(flatten)]
        format: Format,
    },
}

impl Manage {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Manage::List { page, format } => list(node, &page, &format).await,
            Manage::Show { note, format } => show(node, &note, &format).await,
            Manage::Delete { note, yes, format } => delete(node, &note, &yes, &format).await,
        };
        options.with_node(run).await
    }
}

async fn list(node: &Node, page: &Pagination, format: &Format) -> Result<()> {
    let mut conn = node.store.read().await?;
    let notes = conn.own_notes(page.before(), page.limit).await?;
    let list = Listing {
        items: &notes,
        headings: &["ID", "DATE", "STATE", "TEXT"],
        empty: "There are no notes: run `pamphlet note \"TEXT\"` to publish one.",
    };
    list.print(
        format,
        |note| to_json(node, note),
        |note| {
            vec![
                note_name(note),
                output::time(note.published_at),
                note.state.to_string(),
                output::one_line(&note.markdown, 80),
            ]
        },
    )
}

async fn show(node: &Node, text: &str, format: &Format) -> Result<()> {
    let note = find(node, &mut node.store.read().await?, text).await?;
    if format.json {
        return output::json(&to_json(node, &note));
    }
    output::line(&format!(
        "{}, {}, {}\n  {}\n\n{}",
        note_name(&note),
        note.state,
        output::time(note.published_at),
        node.urls().note(&note.uid),
        note.markdown
    ))
}

async fn delete(node: &Node, text: &str, yes: &Yes, format: &Format) -> Result<()> {
    let note = find(node, &mut node.store.read().await?, text).await?;
    yes.confirm(&delete_question(&note))?;
    let mut tx = node.store.begin().await?;
    let note = find(node, &mut tx, text).await?;
    withdraw_note(node, tx, &note).await?;
    print_undone(&note_name(&note), &node.urls().note(&note.uid), format)
}

async fn find(node: &Node, conn: &mut Conn, text: &str) -> Result<Note> {
    let number = text.strip_prefix("note-").unwrap_or(text).parse::<i64>();
    let found = match (number, node.urls().note_uid(text)) {
        (Ok(number), _) => conn.note_by_id(number).await?,
        (Err(_), Some(uid)) => conn.note_by_uid(&uid).await?,
        (Err(_), None) => None,
    };
    match found.filter(|note| !note.by_guest) {
        Some(note) => Ok(note),
        None => bail!("no such note: {text}. Run `pamphlet note list` to list notes"),
    }
}

fn to_json(node: &Node, note: &Note) -> Value {
    json!({
        "id": note_name(note),
        "url": node.urls().note(&note.uid),
        "state": note.state,
        "text": note.markdown,
        "content_warning": note.content_warning,
        "language": note.language,
        "in_reply_to": note.in_reply_to,
        "published": output::timestamp(note.published_at),
    })
}
