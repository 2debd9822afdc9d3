//! Opening the database that a URL names: connections, migrations, and the signal that others wrote to it.

use super::{
    conn::{Conn, Tx},
    dialect::CHANNEL,
    error::{Result, StoreError},
    writer::Writer,
};
use crate::base::private_files;
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, SqlitePool,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};
use tokio::sync::Notify;

static SQLITE_STEPS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_STEPS: Migrator = sqlx::migrate!("migrations/postgres");

/// How often SQLite is asked whether another process wrote to it.
const POLL: Duration = Duration::from_millis(250);

/// How long SQLite is waited for while another process writes: by a node, whose senders come again, and by
/// a command.
const NODE_WAITS: Duration = Duration::from_secs(5);
const COMMAND_WAITS: Duration = Duration::from_secs(30);

/// The action for a missing or empty database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Make,
    Refuse,
}

/// The shared database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: Db,
    wake: Arc<Notify>,
}

#[derive(Clone)]
pub(in crate::store) enum Db {
    Sqlite {
        readers: SqlitePool,
        writer: Writer,
        /// The file whose lock the one working process holds.
        worker_lock: PathBuf,
    },
    Postgres {
        pool: PgPool,
        /// For counting, which does not wait for the disk: what uses the number does.
        counters: PgPool,
    },
}

impl Store {
    /// Opens the database at `sqlite://PATH` (made if it is not there) or `postgres://...` and brings
    /// its tables up to date.
    ///
    /// # Errors
    /// [`StoreError::Location`] for a URL of another kind, [`StoreError::NewerVersion`], and what the
    /// database says.
    pub async fn open(url: &str) -> Result<Store> {
        Self::open_waiting(url, NODE_WAITS, Missing::Make).await
    }

    /// Opens the database of a node that does not create one.
    ///
    /// # Errors
    /// Also [`StoreError::Location`] if the database is missing, or has no publication.
    pub async fn open_existing(url: &str) -> Result<Store> {
        Self::open_waiting(url, NODE_WAITS, Missing::Refuse).await
    }

    /// The same for a command, which waits longer for its turn beside a busy node: nobody asks again for it.
    pub async fn open_for_command(url: &str) -> Result<Store> {
        Self::open_waiting(url, COMMAND_WAITS, Missing::Refuse).await
    }

    async fn open_waiting(url: &str, busy: Duration, missing: Missing) -> Result<Store> {
        let db = match url.split(':').next().unwrap_or("") {
            "sqlite" => open_sqlite(url, busy, missing).await?,
            "postgres" | "postgresql" => open_postgres(url, missing).await?,
            _ => {
                return Err(StoreError::Location(
                    "the database URL must begin with sqlite:// or postgres://".into(),
                ));
            }
        };
        Ok(Store {
            db,
            wake: Arc::default(),
        })
    }

    pub(in crate::store) fn db(&self) -> &Db {
        &self.db
    }

    /// A connection to read with.
    pub async fn read(&self) -> Result<Conn> {
        Ok(match &self.db {
            Db::Sqlite { readers, .. } => Conn::sqlite(readers.acquire().await?),
            Db::Postgres { pool, .. } => Conn::postgres(pool.acquire().await?),
        })
    }

    /// A transaction to write in.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match &self.db {
            Db::Sqlite { writer, .. } => Tx::sqlite(writer.begin().await?),
            Db::Postgres { pool, .. } => Tx::postgres(pool.begin().await?),
        })
    }

    /// Whether this is the embedded database.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.db, Db::Sqlite { .. })
    }

    /// Says that there may be work for the loops of this process.
    pub fn wake(&self) {
        self.wake.notify_waiters();
    }

    /// Something that resolves when there may be work. Enable it before looking, then wait.
    pub fn woken(&self) -> Arc<Notify> {
        self.wake.clone()
    }

    /// Watches for what other processes commit, and wakes this one's loops; runs until it is dropped.
    pub async fn watch(&self) {
        loop {
            let outcome = match &self.db {
                Db::Sqlite { readers, .. } => self.poll_sqlite(readers).await,
                Db::Postgres { pool, .. } => self.listen_postgres(pool).await,
            };
            if let Err(error) = outcome {
                tracing::warn!(%error, "watching the database was interrupted");
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
            tokio::time::sleep(POLL).await;
        }
    }

    async fn listen_postgres(&self, pool: &PgPool) -> Result<()> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        self.wake();
        loop {
            listener.recv().await?;
            self.wake();
        }
    }

    /// Closes the connections, so that an SQLite file stands alone, without its `-wal`.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite { readers, .. } => readers.close().await,
            Db::Postgres { pool, counters } => {
                counters.close().await;
                pool.close().await;
            }
        }
    }
}

async fn open_sqlite(url: &str, busy: Duration, missing: Missing) -> Result<Db> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|error| {
            StoreError::Location(format!("the database URL {url} is not understood: {error}"))
        })?
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(busy)
        .disable_statement_logging();
    if missing == Missing::Refuse && !options.get_filename().exists() {
        let file = options.get_filename().display();
        return Err(no_publication(&format!("file {file}")));
    }
    if missing == Missing::Make {
        // SQLite gives the files beside a database the permissions of the database. It says itself what is wrong here.
        let _ = private_files::create_file(options.get_filename());
    }
    let writing = options.clone().create_if_missing(missing == Missing::Make);
    migrate_sqlite(writing.clone(), missing).await?;
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

/// Steps run with foreign keys off: one that makes a table anew would lose what refers to it.
async fn migrate_sqlite(options: SqliteConnectOptions, missing: Missing) -> Result<()> {
    let options = options.foreign_keys(false);
    let mut connection = options.connect().await.map_err(|error| {
        StoreError::Location(format!(
            "the database file {} can't be opened: {error}",
            options.get_filename().display()
        ))
    })?;
    if missing == Missing::Refuse {
        let steps: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'",
        )
        .fetch_one(&mut connection)
        .await?;
        if steps == 0 {
            let file = options.get_filename().display();
            return Err(no_publication(&format!("file {file}")));
        }
    }
    SQLITE_STEPS
        .run(&mut connection)
        .await
        .map_err(migration_error)?;
    connection.close().await?;
    Ok(())
}

async fn open_postgres(url: &str, missing: Missing) -> Result<Db> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| {
            StoreError::Location(format!("the database URL is not understood: {error}"))
        })?
        .application_name("pamphlet")
        .disable_statement_logging();
    let counting = options.clone().options([("synchronous_commit", "off")]);
    // One connection first: it says why it failed, where the pool would only say that it waited.
    let first = PgConnection::connect_with(&options).await;
    let mut first = first.map_err(|error| unreachable(&options, &error))?;
    if missing == Missing::Refuse {
        let is_ours: bool =
            sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
                .fetch_one(&mut first)
                .await?;
        if !is_ours {
            let name = options.get_database().unwrap_or_default();
            return Err(no_publication(name));
        }
    }
    first.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(24)
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(options)
        .await?;
    POSTGRES_STEPS.run(&pool).await.map_err(migration_error)?;
    let counters = PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(5))
        .connect_lazy_with(counting);
    Ok(Db::Postgres { pool, counters })
}

/// Usually the command runs in the wrong folder.
fn no_publication(database: &str) -> StoreError {
    StoreError::Location(format!(
        "the database {database} can't be opened, since no publication is in it: run this in the folder of its \
         pamphlet.toml, or name that file with --config; `pamphlet init` sets up a new one"
    ))
}

fn unreachable(options: &PgConnectOptions, error: &sqlx::Error) -> StoreError {
    StoreError::Location(format!(
        "the PostgreSQL database at {}:{} can't be opened: {error}",
        options.get_host(),
        options.get_port()
    ))
}

fn migration_error(error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(version) => StoreError::NewerVersion(version),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Migration(other),
    }
}
