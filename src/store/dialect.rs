//! What SQLite and PostgreSQL do differently, side by side.

use super::{Conn, Result, conn::Raw};

/// The channel that nodes on one PostgreSQL wake each other by.
pub(super) const CHANNEL: &str = "pamphlet";

impl Conn {
    /// Tells every node on the database that there is work, when this transaction commits.
    ///
    /// On SQLite there is one node; the caller signals it in its own process.
    pub async fn notify_nodes(&mut self) -> Result<()> {
        if let Raw::Postgres(connection) = self.raw() {
            sqlx::query("SELECT pg_notify('pamphlet', 'work')")
                .execute(connection)
                .await?;
        }
        Ok(())
    }

    /// Keeps others from handling changes at the same time, until the transaction ends.
    ///
    /// On SQLite there is one writer anyway.
    pub(super) async fn lock_changes(&mut self) -> Result<bool> {
        match self.raw() {
            Raw::Sqlite(_) => Ok(true),
            Raw::Postgres(connection) => Ok(sqlx::query_scalar(
                "SELECT pg_try_advisory_xact_lock(7261726461)",
            )
            .fetch_one(connection)
            .await?),
        }
    }

    /// The same of telling people what came in.
    pub async fn lock_telling(&mut self) -> Result<bool> {
        match self.raw() {
            Raw::Sqlite(_) => Ok(true),
            Raw::Postgres(connection) => Ok(sqlx::query_scalar(
                "SELECT pg_try_advisory_xact_lock(7261726462)",
            )
            .fetch_one(connection)
            .await?),
        }
    }
}

/// Whether the same statement may succeed later: the database is locked, restarting, or out of reach.
pub(super) fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolClosed => true,
        sqlx::Error::Database(inner) => inner.code().is_some_and(|code| {
            // SQLite: BUSY 5, LOCKED 6, IOERR 10 and FULL 13, extended codes in the bits above.
            let sqlite = code
                .parse::<i64>()
                .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 13) && code < 10_000);
            // PostgreSQL: connection (08), resources (53), intervention (57), serialization and deadlock (40).
            let postgres = code.len() == 5
                && ["08", "53", "57", "40"]
                    .iter()
                    .any(|class| code.starts_with(class));
            sqlite || postgres
        }),
        _ => false,
    }
}

/// Returns whether a text has a character that PostgreSQL can't store, itself or escaped in JSON.
pub(super) fn is_unstorable(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|inner| inner.code());
    code.is_some_and(|code| matches!(code.as_ref(), "22021" | "22P05"))
}

impl Conn {
    /// The tags of the articles whose ids are in the JSON list `ids`.
    pub(super) async fn tags_of(&mut self, ids: &str) -> Result<Vec<(i64, String)>> {
        Ok(match self.raw() {
            Raw::Sqlite(connection) => {
                sqlx::query_as(
                    "SELECT article_id, tag FROM article_tags
                     WHERE article_id IN (SELECT value FROM json_each($1)) ORDER BY article_id, tag",
                )
                .bind(ids)
                .fetch_all(connection)
                .await?
            }
            Raw::Postgres(connection) => {
                sqlx::query_as(
                    "SELECT article_id, tag FROM article_tags
                     WHERE article_id IN (SELECT value::bigint FROM json_array_elements_text($1::json))
                     ORDER BY article_id, tag",
                )
                .bind(ids)
                .fetch_all(connection)
                .await?
            }
        })
    }
}

impl Conn {
    /// Visible comments by article, for the articles whose ids are in the JSON list `ids`.
    pub(super) async fn comment_counts_of(&mut self, ids: &str) -> Result<Vec<(i64, i64)>> {
        Ok(match self.raw() {
            Raw::Sqlite(connection) => {
                sqlx::query_as(
                    "SELECT article_id, COUNT(*) FROM comments WHERE state = 'visible'
                     AND article_id IN (SELECT value FROM json_each($1)) GROUP BY article_id",
                )
                .bind(ids)
                .fetch_all(connection)
                .await?
            }
            Raw::Postgres(connection) => {
                sqlx::query_as(
                    "SELECT article_id, COUNT(*) FROM comments WHERE state = 'visible'
                     AND article_id IN (SELECT value::bigint FROM json_array_elements_text($1::json))
                     GROUP BY article_id",
                )
                .bind(ids)
                .fetch_all(connection)
                .await?
            }
        })
    }
}
