//! Withdraws notes: deletes them here and on other servers.

use super::{Format, output, pictures};
use crate::{
    node::Node,
    store::{Note, Tx},
};
use anyhow::{Result, bail};
use serde_json::json;

/// Withdraws a note, and removes its pictures.
///
/// # Errors
/// If the note is withdrawn already, or the database fails.
pub(crate) async fn withdraw_note(node: &Node, mut tx: Tx, note: &Note) -> Result<()> {
    if !tx.withdraw_note(&note.uid).await? {
        bail!("{} is already withdrawn", note_name(note));
    }
    tx.commit().await?;
    let picture = note.image_url.as_deref().unwrap_or_default();
    Ok(pictures::remove_unused(node, &[picture, &note.markdown]).await?)
}

/// Returns the name of a note in lists and for `undo`, such as `note-3`.
pub(crate) fn note_name(note: &Note) -> String {
    format!("note-{}", note.id)
}

/// Returns the question that is asked before a note is deleted.
pub(crate) fn delete_question(note: &Note) -> String {
    let text = output::one_line(&note.markdown, 60);
    format!(
        "Delete {} ({text}) here and on other servers?",
        note_name(note)
    )
}

/// Prints that something was undone.
///
/// # Errors
/// If stdout can't be written.
pub(crate) fn print_undone(name: &str, uri: &str, format: &Format) -> Result<()> {
    if format.json {
        output::json(&json!({"id": name, "object": uri, "undone": true}))
    } else {
        output::line(&format!("Undone: {name}, {uri}"))
    }
}
