//! Differences between SQLite and PostgreSQL, side by side.

use super::{
    conn::{Raw, Tx},
    error::Result,
};

/// The channel on which nodes on one PostgreSQL wake each other.
pub(super) const CHANNEL: &str = "pamphlet";

impl Tx {
    /// Wakes every node on the database when this transaction commits.
    ///
    /// On SQLite there is one node, which the caller wakes itself.
    pub async fn notify_nodes(&mut self) -> Result<()> {
        if let Raw::Postgres(connection) = self.raw() {
            sqlx::query("SELECT pg_notify('pamphlet', 'work')")
                .execute(connection)
                .await?;
        }
        Ok(())
    }

    /// Locks the change log until the transaction ends. Returns false if another node holds the lock.
    ///
    /// SQLite needs no lock: it has one writer.
    pub(in crate::store) async fn lock_changes(&mut self) -> Result<bool> {
        match self.raw() {
            Raw::Sqlite(_) => Ok(true),
            Raw::Postgres(connection) => Ok(sqlx::query_scalar(
                "SELECT pg_try_advisory_xact_lock(7261726461)",
            )
            .fetch_one(connection)
            .await?),
        }
    }

    /// Locks all deliveries until the transaction ends, in the order in which workers lock them: a transaction that changes
    /// all of them would otherwise wait for a worker that waits for it.
    pub(in crate::store) async fn lock_deliveries(&mut self) -> Result<()> {
        if let Raw::Postgres(connection) = self.raw() {
            sqlx::query("LOCK TABLE deliveries, destinations IN SHARE ROW EXCLUSIVE MODE")
                .execute(connection)
                .await?;
        }
        Ok(())
    }

    /// Locks the queue of notifications as [`Tx::lock_changes`] locks the change log.
    pub async fn lock_notifications(&mut self) -> Result<bool> {
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

/// Returns whether the same statement may succeed later: the database is locked, restarting, or unreachable.
pub(super) fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolClosed
        | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(inner) => inner.code().is_some_and(|code| {
            // SQLite: BUSY 5, LOCKED 6, IOERR 10 and FULL 13, extended codes in the bits above.
            let sqlite = code
                .parse::<i64>()
                .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 13) && code < 10_000);
            // PostgreSQL: connection (08), resources (53), intervention (57), serialization and deadlock (40), and a
            // standby that is about to become the primary (25006).
            let postgres = code.len() == 5
                && ["08", "53", "57", "40", "25006"]
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

/// Sets the clock of due rows ahead and returns the rows. Skips rows that another node holds.
macro_rules! claim_due {
    ($conn:expr, $until:expr, $limit:expr, $update:literal, $returning:literal) => {{
        macro_rules! run {
            ($lock:literal, $c:expr) => {
                sqlx::query_as(concat!($update, $lock, ") RETURNING ", $returning))
                    .bind($until)
                    .bind($crate::store::now())
                    .bind($limit)
                    .fetch_all($c)
                    .await?
            };
        }
        Ok(match $conn.raw() {
            $crate::store::database::Raw::Sqlite(c) => run!("", c),
            $crate::store::database::Raw::Postgres(c) => run!(" FOR UPDATE SKIP LOCKED", c),
        })
    }};
}
pub(in crate::store) use claim_due;
