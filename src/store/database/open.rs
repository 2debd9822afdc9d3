//! Opens the database at a URL: connections, migrations, and the signal that another process wrote to it.

use super::{
    conn::{Conn, Tx},
    error::{Result, StoreError},
    postgres::{self, DirectServer},
    writer::Writer,
};
use crate::{base::private_files, config::DatabaseUrls};
use sqlx::{
    ConnectOptions, Connection, PgPool, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    path::PathBuf,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// The interval at which SQLite is checked for writes by other processes.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// How long a node and a command wait while another process writes to SQLite. A node's senders try again; nobody
/// repeats a command.
const NODE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const COMMAND_BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// The time from which the log of statements says that one was slow.
const SLOW: Duration = Duration::from_secs(1);

/// The treatment of a missing or empty database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IfMissing {
    Create,
    Fail,
}

/// The migrations that a database shall have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    Newest,
    /// Those up to this number.
    UpTo(i64),
}

/// The shared database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: Db,
    wake: Arc<Notify>,
    wake_ups: Arc<AtomicU64>,
    is_rehearsal: Arc<AtomicBool>,
}

#[derive(Clone)]
pub(in crate::store) enum Db {
    Sqlite {
        readers: SqlitePool,
        writer: Writer,
        /// The file that the working process locks.
        worker_lock: PathBuf,
    },
    Postgres {
        pool: PgPool,
        /// For loops that write many things at once. On few connections, each statement is soon prepared and planned.
        batches: PgPool,
        /// Whether the pool's connections go through a pooler in transaction mode. What belongs together is then one
        /// transaction, and only a direct connection keeps anything longer.
        is_pooled: bool,
        direct: DirectServer,
        /// For counters, whose commits need not be on disk: the transaction that uses the number waits for that.
        counters: PgPool,
    },
}

impl Store {
    /// Opens the database at `sqlite://PATH` (created if missing) or `postgres://...`, and migrates it.
    ///
    /// # Errors
    /// [`StoreError::Location`] for other URLs and for databases that can't be opened, [`StoreError::NewerVersion`] for
    /// one that a newer version migrated.
    pub async fn open(urls: impl Into<DatabaseUrls<'_>>) -> Result<Store> {
        Self::open_waiting(
            urls.into(),
            NODE_BUSY_TIMEOUT,
            IfMissing::Create,
            Schema::Newest,
        )
        .await
    }

    /// Opens the database at a URL (created if missing) without the migrations after a number, in order to fill it with
    /// rows of an older version.
    ///
    /// # Errors
    /// As [`Store::open`]. A database that has later migrations keeps them.
    pub async fn open_at(url: &str, schema: i64) -> Result<Store> {
        let schema = Schema::UpTo(schema);
        Self::open_waiting(url.into(), COMMAND_BUSY_TIMEOUT, IfMissing::Create, schema).await
    }

    /// Opens an existing database for a command, with the migrations that it has.
    ///
    /// # Errors
    /// As [`Store::open_existing`].
    pub async fn open_unmigrated(url: &str) -> Result<Store> {
        let schema = Schema::UpTo(0);
        Self::open_waiting(url.into(), COMMAND_BUSY_TIMEOUT, IfMissing::Fail, schema).await
    }

    /// Returns the number of the newest migration.
    pub fn newest_schema() -> i64 {
        SQLITE_MIGRATIONS
            .iter()
            .map(|migration| migration.version)
            .max()
            .unwrap_or(0)
    }

    /// Opens the database of a node without creating it.
    ///
    /// # Errors
    /// Also [`StoreError::NoPublication`] if the database is missing or empty.
    pub async fn open_existing(urls: impl Into<DatabaseUrls<'_>>) -> Result<Store> {
        let schema = Schema::Newest;
        Self::open_waiting(urls.into(), NODE_BUSY_TIMEOUT, IfMissing::Fail, schema).await
    }

    /// Opens an existing database for a command, which waits longer for a busy node.
    pub async fn open_for_command(url: &str) -> Result<Store> {
        let schema = Schema::Newest;
        Self::open_waiting(url.into(), COMMAND_BUSY_TIMEOUT, IfMissing::Fail, schema).await
    }

    async fn open_waiting(
        urls: DatabaseUrls<'_>,
        busy: Duration,
        on_missing: IfMissing,
        schema: Schema,
    ) -> Result<Store> {
        let db = match urls.url.split(':').next().unwrap_or("") {
            "sqlite" => open_sqlite(urls.url, busy, on_missing, schema).await?,
            "postgres" | "postgresql" => postgres::open(urls, on_missing, schema).await?,
            _ => {
                return Err(StoreError::Location(
                    "the database URL must begin with sqlite:// or postgres://".into(),
                ));
            }
        };
        Ok(Store {
            db,
            wake: Arc::default(),
            wake_ups: Arc::default(),
            is_rehearsal: Arc::default(),
        })
    }

    /// Makes each later transaction of this store and its clones a rehearsal, which is rolled back at its commit: nothing
    /// that they write is kept.
    pub fn rehearse(&self) {
        self.is_rehearsal.store(true, Ordering::SeqCst);
    }

    /// Returns whether transactions are rolled back at their commit.
    pub fn is_rehearsal(&self) -> bool {
        self.is_rehearsal.load(Ordering::SeqCst)
    }

    /// Connects to an existing database in order to read a little at once: it is neither migrated nor waited for.
    ///
    /// # Errors
    /// If it is missing, busy or of no known kind.
    pub async fn look(url: &str) -> Result<Conn> {
        const BUSY: Duration = Duration::from_millis(200);
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?
                .read_only(true)
                .busy_timeout(BUSY);
            let pool = SqlitePoolOptions::new().max_connections(1);
            let pool = pool.connect_lazy_with(options.disable_statement_logging());
            return Ok(Conn::sqlite(pool.acquire().await?));
        }
        let pool = postgres::connect_lazily(url)?;
        Ok(Conn::postgres(pool.acquire().await?))
    }

    pub(in crate::store) fn db(&self) -> &Db {
        &self.db
    }

    /// Returns a connection to read with.
    pub async fn read(&self) -> Result<Conn> {
        Ok(match &self.db {
            Db::Sqlite { readers, .. } => Conn::sqlite(readers.acquire().await?),
            // Without a transaction, a pooler may parse a statement on one server process and execute it on another.
            Db::Postgres {
                pool,
                is_pooled: true,
                ..
            } => Conn::pooled(postgres::begin(pool).await?),
            Db::Postgres { pool, .. } => Conn::postgres(pool.acquire().await?),
        })
    }

    /// Begins a transaction.
    pub async fn begin(&self) -> Result<Tx> {
        let tx = match &self.db {
            Db::Sqlite { writer, .. } => Tx::sqlite(writer.begin().await?),
            Db::Postgres {
                pool, is_pooled, ..
            } => postgres::begin_tx(pool, *is_pooled).await?,
        };
        Ok(self.rehearsed(tx))
    }

    /// Begins a transaction of a loop that writes many things at once. The node has few such loops.
    pub async fn begin_batch(&self) -> Result<Tx> {
        let tx = match &self.db {
            Db::Sqlite { writer, .. } => Tx::sqlite(writer.begin().await?),
            Db::Postgres {
                batches, is_pooled, ..
            } => postgres::begin_tx(batches, *is_pooled).await?,
        };
        Ok(self.rehearsed(tx))
    }

    fn rehearsed(&self, tx: Tx) -> Tx {
        if self.is_rehearsal() {
            tx.rehearsed()
        } else {
            tx
        }
    }

    /// Returns whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.db, Db::Sqlite { .. })
    }

    /// Wakes the loops of this process, since there may be work.
    pub fn wake(&self) {
        self.wake_ups.fetch_add(1, Ordering::SeqCst);
        self.wake.notify_waiters();
    }

    /// Returns how often the loops were woken. While it is the same, nothing is known to have changed.
    pub fn wake_ups(&self) -> u64 {
        self.wake_ups.load(Ordering::SeqCst)
    }

    /// Returns the signal that there may be work. Enable it before looking for work, then wait.
    pub fn woken(&self) -> Arc<Notify> {
        self.wake.clone()
    }

    /// Wakes the loops of this process when another process commits. Runs until it is dropped.
    pub async fn watch(&self) {
        loop {
            let outcome = match &self.db {
                Db::Sqlite { readers, .. } => self.poll_sqlite(readers).await,
                Db::Postgres { direct, .. } => direct.listen(|| self.wake()).await,
            };
            if let Err(error) = outcome {
                tracing::warn!(%error, "lost the connection that watches the database");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.wake();
        }
    }

    async fn poll_sqlite(&self, readers: &SqlitePool) -> Result<()> {
        let mut connection = readers.acquire().await?.detach();
        let mut last = 0i64;
        loop {
            let version: i64 = sqlx::query_scalar("PRAGMA data_version")
                .fetch_one(&mut connection)
                .await?;
            if version != last {
                last = version;
                self.wake();
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Closes the connections, so that an SQLite database is one file, without a `-wal`.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite { readers, .. } => readers.close().await,
            Db::Postgres {
                pool,
                batches,
                counters,
                ..
            } => {
                counters.close().await;
                batches.close().await;
                pool.close().await;
            }
        }
    }
}

async fn open_sqlite(
    url: &str,
    busy: Duration,
    on_missing: IfMissing,
    schema: Schema,
) -> Result<Db> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|error| {
            StoreError::Location(format!("the database URL {url} is invalid: {error}"))
        })?
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(busy);
    let options = with_log(options);
    if on_missing == IfMissing::Fail && !options.get_filename().exists() {
        let file = options.get_filename().display();
        return Err(StoreError::NoPublication(file.to_string()));
    }
    if on_missing == IfMissing::Create {
        // SQLite gives its other files the permissions of the database. If this fails, opening it reports why.
        let _ = private_files::create_file(options.get_filename());
    }
    let writing = options
        .clone()
        .create_if_missing(on_missing == IfMissing::Create);
    migrate_sqlite(writing.clone(), on_missing, schema).await?;
    let connection = writing.connect().await?;
    let mut worker_lock = options.get_filename().as_os_str().to_owned();
    worker_lock.push("-worker");
    let readers = SqlitePoolOptions::new()
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(5))
        .connect_lazy_with(options.read_only(true));
    Ok(Db::Sqlite {
        readers,
        writer: Writer::new(writing, connection),
        worker_lock: worker_lock.into(),
    })
}

/// Runs the migrations with foreign keys off: one that replaces a table would delete the rows that refer to it.
async fn migrate_sqlite(
    options: SqliteConnectOptions,
    on_missing: IfMissing,
    schema: Schema,
) -> Result<()> {
    let options = options.foreign_keys(false);
    let mut connection = options.connect().await.map_err(|error| {
        StoreError::Location(format!(
            "the database file {} can't be opened: {error}",
            options.get_filename().display()
        ))
    })?;
    if on_missing == IfMissing::Fail {
        let steps: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'",
        )
        .fetch_one(&mut connection)
        .await?;
        if steps == 0 {
            let file = options.get_filename().display();
            return Err(StoreError::NoPublication(file.to_string()));
        }
    }
    match schema {
        Schema::Newest => SQLITE_MIGRATIONS.run(&mut connection).await,
        Schema::UpTo(last) => SQLITE_MIGRATIONS.run_to(last, &mut connection).await,
    }
    .map_err(migration_error)?;
    connection.close().await?;
    Ok(())
}

/// Logs statements with their times, for those who ask for it: `RUST_LOG=sqlx::query=trace`.
pub(super) fn with_log<O: ConnectOptions>(options: O) -> O {
    options
        .log_statements(log::LevelFilter::Trace)
        .log_slow_statements(log::LevelFilter::Trace, SLOW)
}

pub(super) fn migration_error(error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(version) => StoreError::NewerVersion(version),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Migration(other),
    }
}
