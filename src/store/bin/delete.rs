//! Moves articles and pages to the bin, and ends what is in it.

use super::{BinKind, tables::as_json};
use crate::{
    protocol::canonical_id,
    store::database::{Result, Tx, execute, fetch_all, fetch_optional_scalar, is_id, now},
};
use sqlx::AssertSqlSafe;

/// The number of entries that are ended at once.
const BATCH: i64 = 50;

impl Tx {
    /// Moves an article or page with everything that belongs to it to the bin. Returns the id of its entry; `None` if it
    /// does not exist.
    pub async fn move_to_bin(&mut self, kind: BinKind, id: i64) -> Result<Option<i64>> {
        let table = kind.table();
        let uid = match kind {
            BinKind::Article => "t.uid",
            BinKind::Page => "CAST(NULL AS TEXT)",
        };
        let columns = self.columns_of(table).await?;
        let [sqlite, postgres] = as_json(&columns).map(|json| {
            AssertSqlSafe(format!(
                "INSERT INTO bin (kind, row_id, uid, slug, title, deleted_at, content)
                 SELECT $3, t.id, {uid}, t.slug, t.title, $2, {json} FROM {table} t WHERE t.id = $1 RETURNING id"
            ))
        });
        let entry: Option<i64> =
            fetch_optional_scalar!(self, [sqlite, postgres], id, now(), kind.as_str())?;
        let Some(entry) = entry else { return Ok(None) };
        for dependent in kind.dependents() {
            let columns = self.columns_of(dependent.table).await?;
            let [sqlite, postgres] = dependent.copy(&columns).map(AssertSqlSafe);
            execute!(self, [sqlite, postgres], entry, id)?;
        }
        match kind {
            BinKind::Article => self.delete_article(id).await?,
            BinKind::Page => self.delete_page(id).await?,
        }
        Ok(Some(entry))
    }

    /// Ends an entry of the bin for ever. Returns the row, in which files may be named; `None` if there is no entry.
    pub async fn end_bin_entry(&mut self, entry: i64) -> Result<Option<String>> {
        execute!(self, "DELETE FROM bin_rows WHERE bin_id = $1", entry)?;
        fetch_optional_scalar!(
            self,
            "DELETE FROM bin WHERE id = $1 RETURNING content",
            entry
        )
    }

    /// Ends some of the entries from before a time for ever. Returns their rows, in which files may be named.
    pub async fn end_bin_entries(&mut self, before: i64) -> Result<Vec<String>> {
        let ids: Vec<(i64,)> = fetch_all!(
            self,
            "SELECT id FROM bin WHERE deleted_at < $1 ORDER BY id LIMIT $2",
            before,
            BATCH
        )?;
        let mut contents = Vec::new();
        for (id,) in ids {
            contents.extend(self.end_bin_entry(id).await?);
        }
        Ok(contents)
    }

    /// Deletes an object that its author deleted, or a reaction that its author took back, from the bin.
    pub(in crate::store) async fn forget_in_bin(
        &mut self,
        uri: &str,
        actor_uri: &str,
    ) -> Result<()> {
        // The former texts of a comment have no id of their own.
        execute!(
            self,
            concat!(
                "DELETE FROM bin_rows WHERE origin IN ('comment_edits', 'reactions', 'withheld_reactions')
                 AND row_id IN (SELECT b.row_id FROM bin_rows b WHERE b.origin = 'comments' AND ",
                is_id!("b.uri", "$1"),
                " AND b.actor_id IN (SELECT id FROM remote_actors WHERE ",
                is_id!("uri", "$2"),
                "))"
            ),
            canonical_id(uri).as_ref(),
            canonical_id(actor_uri).as_ref()
        )?;
        execute!(
            self,
            concat!(
                "DELETE FROM bin_rows WHERE ",
                is_id!("uri", "$1"),
                " AND actor_id IN (SELECT id FROM remote_actors WHERE ",
                is_id!("uri", "$2"),
                ")"
            ),
            canonical_id(uri).as_ref(),
            canonical_id(actor_uri).as_ref()
        )?;
        Ok(())
    }

    /// Deletes from the bin what the guests with a mail address wrote.
    pub(in crate::store) async fn forget_mail_in_bin(&mut self, mail: &str) -> Result<()> {
        execute!(
            self,
            "DELETE FROM bin_rows WHERE guest_id IN (SELECT id FROM guests WHERE LOWER(mail) = LOWER($1))",
            mail
        )?;
        Ok(())
    }
}
