//! `pamphlet comments edit-note`: what admins write to themselves about a comment.

use super::{One, find};
use crate::{cli::output, node::Node};
use anyhow::{Result, bail};
use clap::Args;

/// The longest note, in characters.
const MAX_NOTE: usize = 2000;

#[derive(Debug, Args)]
pub struct EditNote {
    #[command(flatten)]
    one: One,
    /// In place of what was written before; "" for nothing.
    text: String,
}

impl EditNote {
    pub async fn run(self, node: &Node) -> Result<()> {
        let (id, text) = (self.one.id, self.text.trim());
        if text.chars().count() > MAX_NOTE {
            bail!("a note about a comment has at most {MAX_NOTE} characters");
        }
        let mut tx = node.store.begin().await?;
        if find(&mut tx, id).await?.comment.state == "deleted" {
            bail!("comment {id} is deleted, and nothing is kept about it");
        }
        let note = Some(text).filter(|text| !text.is_empty());
        tx.set_admin_note(id, note).await?;
        tx.commit().await?;
        output::line(match note {
            Some(_) => "Noted: `pamphlet comments show` shows it, and nobody else sees it.",
            None => "The note is gone.",
        })
    }
}
