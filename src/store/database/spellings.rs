//! Spellings of remote ids. A table keeps an id as its server spells it, since it is sent back like that. All spellings
//! are found by the canonical form.

use super::{
    conn::Tx,
    error::Result,
    statements::{execute, fetch_scalars},
};
use crate::protocol::canonical_id;
use std::collections::{BTreeMap, BTreeSet};

/// A condition: the column has the id whose canonical form is the parameter, in any spelling. This is a macro, since
/// sqlx takes literals.
macro_rules! is_id {
    ($column:literal, $parameter:literal) => {
        concat!(
            $column,
            " IN (",
            $parameter,
            ", (SELECT spelling FROM spellings WHERE id = ",
            $parameter,
            "))"
        )
    };
}
pub(in crate::store) use is_id;

/// Selects remote ids that may not be in canonical form, from every column that has such ids.
macro_rules! spelled {
    ($position:literal) => {
        concat!(
            "SELECT uri FROM (
                SELECT uri FROM comments UNION ALL SELECT url FROM comments
                UNION ALL SELECT uri FROM remote_actors
                UNION ALL SELECT key_id FROM remote_keys UNION ALL SELECT follow_uri FROM followers
                UNION ALL SELECT uri FROM reactions UNION ALL SELECT uri FROM withheld_reactions
                UNION ALL SELECT post_uri FROM quotes
                UNION ALL SELECT object_uri FROM interactions UNION ALL SELECT uri FROM lookups
                UNION ALL SELECT value FROM blocks WHERE kind = 'actor'
                UNION ALL SELECT value FROM allows WHERE kind = 'actor'
                UNION ALL SELECT uri FROM tombstones UNION ALL SELECT actor_uri FROM tombstones
             ) ids
             WHERE LOWER(uri) LIKE 'http%://%' AND (uri LIKE '%!%%' ESCAPE '!' OR uri LIKE '%/.%' OR uri LIKE '% %'
                OR octet_length(uri) <> length(uri)
                OR ", $position, "(substr(uri, 9), '/') = 0
                OR substr(uri, 1, 8 + ", $position, "(substr(uri, 9), '/')) LIKE '%:443/'
                OR substr(uri, 1, 8 + ", $position, "(substr(uri, 9), '/')) LIKE '%:80/'
                OR substr(uri, 1, 8 + ", $position, "(substr(uri, 9), '/')) LIKE '%./'
                OR substr(uri, 1, 8 + ", $position, "(substr(uri, 9), '/'))
                    <> LOWER(substr(uri, 1, 8 + ", $position, "(substr(uri, 9), '/'))))"
        )
    };
}

impl Tx {
    /// Stores the spelling of an id, unless it is the canonical form.
    pub async fn save_spelling(&mut self, id: &str) -> Result<()> {
        self.save_spellings(&[id]).await
    }

    /// Stores the spellings of ids that are not in canonical form.
    pub async fn save_spellings(&mut self, ids: &[&str]) -> Result<()> {
        // Sorted, so that transactions that store the same ids do not deadlock.
        let spelled: BTreeMap<String, &str> = ids
            .iter()
            .map(|&id| (canonical_id(id).into_owned(), id))
            .filter(|(canonical, id)| canonical != id)
            .collect();
        for (canonical, id) in spelled {
            execute!(
                self,
                "INSERT INTO spellings (id, spelling) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                canonical,
                id
            )?;
        }
        Ok(())
    }

    /// Stores the spellings of all ids in the database, once: an older version may have written them.
    pub async fn save_all_spellings(&mut self) -> Result<()> {
        const DONE: &str = "spellings are stored";
        if self.setting(DONE).await?.is_some() {
            return Ok(());
        }
        let ids: Vec<String> = fetch_scalars!(self, [spelled!("instr"), spelled!("strpos")])?;
        // Sorted, so that nodes that start at the same time do not deadlock.
        let ids: BTreeSet<String> = ids.into_iter().collect();
        for id in ids {
            self.save_spelling(&id).await?;
        }
        self.set_setting(DONE, "1").await
    }

    /// Deletes the spellings of ids that are no longer stored.
    pub async fn forget_spellings(&mut self) -> Result<()> {
        execute!(
            self,
            "DELETE FROM spellings WHERE NOT EXISTS (SELECT 1 FROM comments WHERE uri = spelling)
             AND NOT EXISTS (SELECT 1 FROM comments WHERE url = spelling)
             AND NOT EXISTS (SELECT 1 FROM remote_actors WHERE uri = spelling)
             AND NOT EXISTS (SELECT 1 FROM remote_keys WHERE key_id = spelling)
             AND NOT EXISTS (SELECT 1 FROM followers WHERE follow_uri = spelling)
             AND NOT EXISTS (SELECT 1 FROM reactions WHERE uri = spelling)
             AND NOT EXISTS (SELECT 1 FROM withheld_reactions WHERE uri = spelling)
             AND NOT EXISTS (SELECT 1 FROM quotes WHERE post_uri = spelling)
             AND NOT EXISTS (SELECT 1 FROM interactions WHERE object_uri = spelling)
             AND NOT EXISTS (SELECT 1 FROM lookups WHERE uri = spelling)
             AND NOT EXISTS (SELECT 1 FROM blocks WHERE value = spelling)
             AND NOT EXISTS (SELECT 1 FROM allows WHERE value = spelling)
             AND NOT EXISTS (SELECT 1 FROM tombstones WHERE uri = spelling OR actor_uri = spelling)"
        )?;
        Ok(())
    }
}
