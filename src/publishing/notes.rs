//! Changes notes.

use super::announcement::Announced;
use crate::{
    content::Announcement,
    node::Node,
    store::{ChangeKind, Note, NoteEdit, StoreError},
};

/// Replaces the text of a note and what belongs to it. Other servers get an `Update`, unless the change is silent.
///
/// # Errors
/// If the database fails.
pub(crate) async fn edit(
    node: &Node,
    note: &Note,
    edit: &NoteEdit,
    announcement: Announcement,
) -> Result<(), StoreError> {
    let mut tx = node.store.begin().await?;
    let announced = Announced::begin(&mut tx, announcement).await?;
    tx.edit_note(note.id, edit).await?;
    tx.add_change(ChangeKind::Note, &note.uid).await?;
    announced.end(&mut tx).await?;
    tx.commit().await?;
    node.store.wake();
    Ok(())
}
