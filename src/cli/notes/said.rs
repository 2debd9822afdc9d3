//! `pamphlet note list|show|delete`: manages the publication's notes.

use crate::{
    cli::{
        Options,
        interactions::undo_note,
        output::{self, Format, Page},
        posts,
    },
    node::Node,
    store::{Conn, Note},
};
use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub enum Said {
    /// List notes, the newest first.
    List {
        #[command(flatten)]
        page: Page,
        #[command(flatten)]
        format: Format,
    },
    /// Show one note.
    Show {
        /// As `note list` shows it (note-3), or its address.
        #[arg(value_name = "ID|URL")]
        note: String,
        #[command(flatten)]
        format: Format,
    },
    /// Delete a note here and on other servers.
    #[command(visible_alias = "undo")]
    Delete {
        /// As `note list` shows it (note-3), or its address.
        #[arg(value_name = "ID|URL")]
        note: String,
        #[command(flatten)]
        format: Format,
    },
}

impl Said {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let done = match self {
            Said::List { page, format } => list(&node, &page, &format).await,
            Said::Show { note, format } => show(&node, &note, &format).await,
            Said::Delete { note, format } => delete(&node, &note, &format).await,
        };
        node.store.close().await;
        done
    }
}

async fn list(node: &Node, page: &Page, format: &Format) -> Result<()> {
    let mut conn = node.store.read().await?;
    let notes = conn.own_notes(page.before(), page.limit).await?;
    if format.json {
        let notes: Vec<_> = notes.iter().map(|note| to_json(node, note)).collect();
        return output::json(&notes);
    }
    let row = |note: &Note| {
        vec![
            id_of(note),
            output::time(note.published_at),
            note.state.clone(),
            output::one_line(&note.markdown, 80),
        ]
    };
    output::table(
        &["ID", "DATE", "STATE", "TEXT"],
        &notes.iter().map(row).collect::<Vec<_>>(),
        "There are no notes yet: `pamphlet note \"TEXT\"` publishes one.",
    )
}

async fn show(node: &Node, text: &str, format: &Format) -> Result<()> {
    let note = find(node, &mut node.store.read().await?, text).await?;
    if format.json {
        return output::json(&to_json(node, &note));
    }
    output::line(&format!(
        "{}, {}, {}\n  {}\n\n{}",
        id_of(&note),
        note.state,
        output::time(note.published_at),
        node.urls().note(&note.uid),
        note.markdown
    ))
}

async fn delete(node: &Node, text: &str, format: &Format) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let note = find(node, &mut tx, text).await?;
    undo_note(&mut tx, &note).await?;
    tx.commit().await?;
    let picture = note.image_url.as_deref().unwrap_or_default();
    posts::release(node, &[picture, &note.markdown]).await?;
    let (id, url) = (id_of(&note), node.urls().note(&note.uid));
    match format.json {
        true => output::json(&json!({"id": id, "object": url, "undone": true})),
        false => output::line(&format!("Taken back: {id}, {url}")),
    }
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
        None => bail!("there is no note {text}: `pamphlet note list` shows them all"),
    }
}

fn id_of(note: &Note) -> String {
    format!("note-{}", note.id)
}

fn to_json(node: &Node, note: &Note) -> Value {
    json!({
        "id": id_of(note),
        "url": node.urls().note(&note.uid),
        "state": note.state,
        "text": note.markdown,
        "content_warning": note.content_warning,
        "language": note.language,
        "in_reply_to": note.in_reply_to,
        "published": output::timestamp(note.published_at),
    })
}
