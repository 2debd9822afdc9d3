//! Connections and transactions on either database, and the macro that runs a statement on them.

use super::{error::Result, postgres::PgSession, writer::WriterGuard};
use sqlx::{Connection, Postgres, Sqlite, SqliteConnection, Transaction, pool::PoolConnection};

/// A connection to read with. The statements are its methods, defined in the folders of the store.
pub struct Conn {
    inner: Inner,
    /// Whether a pooler in transaction mode is between.
    is_pooled: bool,
}

enum Inner {
    SqliteRead(PoolConnection<Sqlite>),
    SqliteWrite(WriterGuard),
    PostgresRead(PoolConnection<Postgres>),
    PostgresWrite(Transaction<'static, Postgres>),
}

/// The driver's connection, for macros and for what the databases do differently.
pub(in crate::store) enum Raw<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(PgSession<'a>),
}

/// Runs a sqlx expression on the database of a connection.
macro_rules! on {
    ($conn:expr, |$raw:ident| $body:expr) => {
        match $conn.raw() {
            $crate::store::database::Raw::Sqlite($raw) => $body,
            $crate::store::database::Raw::Postgres($raw) => $body,
        }
    };
}
pub(in crate::store) use on;

impl Conn {
    pub(super) fn sqlite(connection: PoolConnection<Sqlite>) -> Self {
        Conn::of(Inner::SqliteRead(connection))
    }

    pub(in crate::store) fn postgres(connection: PoolConnection<Postgres>) -> Self {
        Conn::of(Inner::PostgresRead(connection))
    }

    /// Reads through a pooler, in a transaction that is rolled back in the end.
    pub(super) fn pooled(transaction: Transaction<'static, Postgres>) -> Self {
        Conn {
            inner: Inner::PostgresWrite(transaction),
            is_pooled: true,
        }
    }

    fn of(inner: Inner) -> Self {
        Conn {
            inner,
            is_pooled: false,
        }
    }

    pub(in crate::store) fn raw(&mut self) -> Raw<'_> {
        let connection = match &mut self.inner {
            Inner::SqliteRead(connection) => return Raw::Sqlite(connection),
            Inner::SqliteWrite(guard) => return Raw::Sqlite(guard.connection()),
            Inner::PostgresRead(connection) => &mut **connection,
            Inner::PostgresWrite(transaction) => &mut **transaction,
        };
        Raw::Postgres(PgSession {
            connection,
            keeps_statements: !self.is_pooled,
        })
    }

    /// Checks that the database responds.
    pub async fn ping(&mut self) -> Result<()> {
        Ok(on!(self, |c| c.ping().await)?)
    }
}

/// A transaction, rolled back unless it is committed. Writes are its methods, so that none compiles on a [`Conn`]. It
/// reads as a [`Conn`] does.
pub struct Tx {
    conn: Conn,
    /// Whether the commit rolls it back.
    is_rehearsal: bool,
}

impl Tx {
    pub(super) fn sqlite(guard: WriterGuard) -> Self {
        Tx::of(Conn::of(Inner::SqliteWrite(guard)))
    }

    pub(super) fn postgres(transaction: Transaction<'static, Postgres>, is_pooled: bool) -> Self {
        Tx::of(Conn {
            inner: Inner::PostgresWrite(transaction),
            is_pooled,
        })
    }

    fn of(conn: Conn) -> Self {
        Tx {
            conn,
            is_rehearsal: false,
        }
    }

    /// Returns the transaction as one that is rolled back at its commit.
    pub(super) fn rehearsed(self) -> Self {
        Tx {
            is_rehearsal: true,
            ..self
        }
    }

    /// Commits. When this returns `Ok`, the work is on disk. A rehearsal is rolled back instead.
    pub async fn commit(self) -> Result<()> {
        match self.conn.inner {
            // What is dropped without a commit is rolled back.
            Inner::SqliteWrite(guard) if self.is_rehearsal => {
                drop(guard);
                Ok(())
            }
            Inner::PostgresWrite(transaction) if self.is_rehearsal => {
                Ok(transaction.rollback().await?)
            }
            Inner::SqliteWrite(guard) => guard.commit().await,
            Inner::PostgresWrite(transaction) => Ok(transaction.commit().await?),
            Inner::SqliteRead(_) | Inner::PostgresRead(_) => Ok(()),
        }
    }
}

impl std::ops::Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl std::ops::DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}
