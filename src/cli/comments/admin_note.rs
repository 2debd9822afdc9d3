//! `pamphlet comments edit-note`.

use crate::{
    cli::common::{
        Format,
        comments::{CommentArg, find},
        output,
    },
    node::Node,
    store::CommentState,
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;

/// The maximum length of a note, in characters.
const MAX_NOTE: usize = 2000;

#[derive(Debug, Args)]
pub(crate) struct EditNote {
    #[command(flatten)]
    comment: CommentArg,
    /// The new note, which replaces the previous one; "" removes it.
    text: String,
    #[command(flatten)]
    format: Format,
}

impl EditNote {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let (id, text) = (self.comment.id, self.text.trim());
        if text.chars().count() > MAX_NOTE {
            bail!("the note exceeds the limit of {MAX_NOTE} characters");
        }
        let mut tx = node.store.begin().await?;
        if find(&mut tx, id).await?.comment.state == CommentState::Deleted {
            bail!("comment {id} is deleted, so it can't have a note");
        }
        let note = Some(text).filter(|text| !text.is_empty());
        tx.set_admin_note(id, note).await?;
        tx.commit().await?;
        let text = match note {
            Some(_) => "Saved the note. Only admins see it, with `pamphlet comments show`.",
            None => "Removed the note.",
        };
        output::result(&self.format, &json!({"id": id, "note": note}), text)
    }
}
