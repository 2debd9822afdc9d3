//! `pamphlet note list`, `show` and `delete`.

use super::{edit::Edit, file::NoteFile};
use crate::{
    cli::common::{
        Format, Options, Pagination, Yes,
        output::{self, Listing},
        when,
        withdrawal::{delete_question, note_name, print_undone, withdraw_note},
    },
    node::Node,
    store::{Conn, Note, NoteFilter, NoteState},
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub(crate) enum Manage {
    /// List notes, newest first.
    List(List),
    /// Print a note as the text that it can be edited by.
    #[command(
        after_help = "Examples:\n  pamphlet note show note-3\n  pamphlet note show note-3 > n.md; pamphlet note edit note-3 --file n.md\n  pamphlet note show note-3 --json"
    )]
    Show {
        /// The note's ID, as shown by `note list` (note-3), or its URL.
        #[arg(value_name = "ID|URL")]
        note: String,
        #[command(flatten)]
        format: Format,
    },
    /// Replace the text of a note here and on other servers.
    Edit(Edit),
    /// Delete a note here and on other servers.
    #[command(
        visible_alias = "undo",
        after_help = "Examples:\n  pamphlet note delete note-3\n  pamphlet note delete note-3 --yes"
    )]
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

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet note list\n  pamphlet note list --search museum --since 2026-01-01\n  pamphlet note list --no-replies --state live --json"
)]
pub(crate) struct List {
    /// Only list notes in this state: waiting, live, withdrawn or gone.
    #[arg(long)]
    state: Option<NoteState>,
    /// Only list replies.
    #[arg(long)]
    replies: bool,
    /// Only list notes that reply to nothing.
    #[arg(long, conflicts_with = "replies")]
    no_replies: bool,
    /// Only list notes with these words.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only list notes since this time.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only list notes before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    #[command(flatten)]
    page: Pagination,
    #[command(flatten)]
    format: Format,
}

impl Manage {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        if let Manage::Edit(edit) = &self {
            edit.check()?;
        }
        let run = async |node: &Node| match self {
            Manage::List(list) => list.run(node).await,
            Manage::Show { note, format } => show(node, &note, &format).await,
            Manage::Edit(edit) => edit.run(node).await,
            Manage::Delete { note, yes, format } => delete(node, &note, &yes, &format).await,
        };
        options.with_node(run).await
    }
}

impl List {
    async fn run(self, node: &Node) -> Result<()> {
        let time = |text: &Option<String>| text.as_deref().map(when::past_argument).transpose();
        let filter = NoteFilter {
            state: self.state,
            replies: match (self.replies, self.no_replies) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            },
            since: time(&self.since)?,
            until: time(&self.until)?,
            text: self.search,
        };
        let mut conn = node.store.read().await?;
        let limit = self.page.limit;
        let notes = conn.own_notes(&filter, self.page.before(), limit).await?;
        let list = Listing {
            items: &notes,
            headings: &["ID", "DATE", "STATE", "TEXT"],
            empty: "There are no notes: run `pamphlet note \"TEXT\"` to publish one.",
        };
        list.print(
            &self.format,
            |note| to_json(node, note),
            |note| {
                vec![
                    note_name(note),
                    output::time(note.published_at),
                    note.state.to_string(),
                    output::one_line(&note.markdown, 80),
                ]
            },
        )?;
        match notes.last() {
            Some(last) if notes.len() as i64 == limit && !self.format.json => {
                output::line(&format!("For older notes, add --before {}", last.id))
            }
            _ => Ok(()),
        }
    }
}

async fn show(node: &Node, text: &str, format: &Format) -> Result<()> {
    let note = find(node, &mut node.store.read().await?, text).await?;
    if format.json {
        return output::json(&to_json(node, &note));
    }
    output::line(&NoteFile::of(&note).to_text(node, &note))
}

async fn delete(node: &Node, text: &str, yes: &Yes, format: &Format) -> Result<()> {
    let note = find(node, &mut node.store.read().await?, text).await?;
    yes.confirm(&delete_question(&note))?;
    let mut tx = node.store.begin().await?;
    let note = find(node, &mut tx, text).await?;
    withdraw_note(node, tx, &note).await?;
    print_undone(&note_name(&note), &node.urls().note(&note.uid), format)
}

/// Finds a note of the publication by its ID or URL.
///
/// # Errors
/// If there is none.
pub(super) async fn find(node: &Node, conn: &mut Conn, text: &str) -> Result<Note> {
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

/// Returns a note for scripts.
pub(super) fn to_json(node: &Node, note: &Note) -> Value {
    json!({
        "id": note_name(note),
        "url": node.urls().note(&note.uid),
        "state": note.state,
        "text": note.markdown,
        "content_warning": note.content_warning,
        "language": note.language,
        "in_reply_to": note.in_reply_to,
        "image": note.image_url,
        "image_alt": note.image_alt,
        "published": output::timestamp(note.published_at),
        "edited": note.edited_at.map(output::timestamp),
    })
}
