//! Spellings of other servers' ids. A table keeps an id as its server spells it, since that is what is sent back;
//! whoever names it in another spelling finds it by its canonical form.

use super::{
    Conn, Result,
    conn::{Raw, on},
};
use crate::protocol::canonical_id;
use std::collections::BTreeSet;

/// A condition: the column has the id whose canonical form is bound to the parameter, in whatever spelling. A
/// macro, since sqlx takes literals.
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
pub(super) use is_id;

/// Every column that has ids of other servers, and may have one that is not in canonical form.
macro_rules! spelled {
    ($position:literal) => {
        concat!(
            "SELECT uri FROM (
                SELECT uri FROM comments UNION ALL SELECT url FROM comments
                UNION ALL SELECT uri FROM remote_actors
                UNION ALL SELECT key_id FROM remote_keys UNION ALL SELECT follow_uri FROM followers
                UNION ALL SELECT uri FROM reactions UNION ALL SELECT post_uri FROM quotes
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

impl Conn {
    /// Remembers how an id that is stored is spelled, unless that is its canonical form.
    pub async fn note_spelling(&mut self, id: &str) -> Result<()> {
        let canonical = canonical_id(id);
        if canonical == id {
            return Ok(());
        }
        on!(self, |c| sqlx::query(
            "INSERT INTO spellings (id, spelling) VALUES ($1, $2) ON CONFLICT DO NOTHING"
        )
        .bind(canonical.as_ref())
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Does so for all ids that are stored, which may have been written by an older version or another program.
    pub async fn note_all_spellings(&mut self) -> Result<()> {
        let ids: Vec<String> = match self.raw() {
            Raw::Sqlite(c) => sqlx::query_scalar(spelled!("instr")).fetch_all(c).await?,
            Raw::Postgres(c) => sqlx::query_scalar(spelled!("strpos")).fetch_all(c).await?,
        };
        // In one order, for nodes that start at once.
        let ids: BTreeSet<String> = ids.into_iter().collect();
        for id in ids {
            self.note_spelling(&id).await?;
        }
        Ok(())
    }

    /// Forgets the spellings of what is stored no more.
    pub async fn forget_spellings(&mut self) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "DELETE FROM spellings WHERE NOT EXISTS (SELECT 1 FROM comments WHERE uri = spelling)
                AND NOT EXISTS (SELECT 1 FROM comments WHERE url = spelling)
                AND NOT EXISTS (SELECT 1 FROM remote_actors WHERE uri = spelling)
                AND NOT EXISTS (SELECT 1 FROM remote_keys WHERE key_id = spelling)
                AND NOT EXISTS (SELECT 1 FROM followers WHERE follow_uri = spelling)
                AND NOT EXISTS (SELECT 1 FROM reactions WHERE uri = spelling)
                AND NOT EXISTS (SELECT 1 FROM quotes WHERE post_uri = spelling)
                AND NOT EXISTS (SELECT 1 FROM interactions WHERE object_uri = spelling)
                AND NOT EXISTS (SELECT 1 FROM lookups WHERE uri = spelling)
                AND NOT EXISTS (SELECT 1 FROM blocks WHERE value = spelling)
                AND NOT EXISTS (SELECT 1 FROM allows WHERE value = spelling)
                AND NOT EXISTS (SELECT 1 FROM tombstones WHERE uri = spelling OR actor_uri = spelling)"
        )
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }
}
