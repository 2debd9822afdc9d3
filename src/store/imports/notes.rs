//! Notes with the dates that they had elsewhere.

use crate::store::{
    NewNote,
    database::{Result, Tx, execute},
};

impl Tx {
    /// Adds a note that was published before. Returns its id and uid. The caller adds it to the change log.
    pub async fn add_dated_note(
        &mut self,
        note: &NewNote,
        published_at: i64,
    ) -> Result<(i64, String)> {
        let added = self.add_note(note).await?;
        execute!(
            self,
            "UPDATE notes SET published_at = $2 WHERE id = $1",
            added.id,
            published_at
        )?;
        Ok((added.id, added.uid))
    }
}
