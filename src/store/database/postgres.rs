//! PostgreSQL: opening, directly or through a pooler, and connections on which statements run.

use super::{
    conn::Tx,
    dialect::CHANNEL,
    error::{Result, StoreError},
    open::{Db, IfMissing, Schema, Store, migration_error, with_log},
};
use crate::config::DatabaseUrls;
use futures_util::{future::BoxFuture, stream::BoxStream};
use sqlx::{
    ConnectOptions, Connection, Either, Execute, Executor, PgConnection, PgPool, Postgres, SqlStr,
    Transaction,
    error::BoxDynError,
    migrate::{MigrateError, Migrator},
    postgres::{
        PgArguments, PgConnectOptions, PgListener, PgPoolOptions, PgQueryResult, PgRow, PgSslMode,
        PgStatement, PgTypeInfo,
    },
};
use std::{str::FromStr, sync::Arc, time::Duration};
use tokio::time::timeout;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a statement waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the connection that listens is tested, and how long a test or a new connection may take. A machine that
/// lost its power closes no connection: without a test, it would be waited for forever.
const LISTEN_TEST: Duration = Duration::from_secs(5);
const SESSION_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection on which statements run. Through a pooler they have no names, since the next one may reach another
/// server process.
#[derive(Debug)]
pub(in crate::store) struct PgSession<'c> {
    pub(in crate::store) connection: &'c mut PgConnection,
    /// Whether statements are prepared once and kept by name.
    pub(in crate::store) keeps_statements: bool,
}

impl<'c> PgSession<'c> {
    /// Returns a connection that is our own, on which statements are kept.
    pub(in crate::store) fn direct(connection: &'c mut PgConnection) -> Self {
        PgSession {
            connection,
            keeps_statements: true,
        }
    }

    pub(super) async fn ping(self) -> sqlx::Result<()> {
        self.connection.ping().await
    }
}

/// A statement that is kept by name only on a connection of our own. sqlx prepares each statement under a name, even
/// with a cache of size 0, unless the statement itself says that it is not persistent.
struct Statement<E> {
    inner: E,
    is_kept: bool,
}

impl<'q, E: Execute<'q, Postgres>> Execute<'q, Postgres> for Statement<E> {
    fn sql(self) -> SqlStr {
        self.inner.sql()
    }

    fn statement(&self) -> Option<&PgStatement> {
        self.inner.statement()
    }

    fn take_arguments(&mut self) -> std::result::Result<Option<PgArguments>, BoxDynError> {
        self.inner.take_arguments()
    }

    fn persistent(&self) -> bool {
        self.is_kept && self.inner.persistent()
    }
}

impl<'c> Executor<'c> for PgSession<'c> {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, sqlx::Result<Either<PgQueryResult, PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.connection.fetch_many(Statement {
            inner: query,
            is_kept: self.keeps_statements,
        })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.connection.fetch_optional(Statement {
            inner: query,
            is_kept: self.keeps_statements,
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<PgStatement>>
    where
        'c: 'e,
    {
        self.connection.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<sqlx::Describe<Postgres>>>
    where
        'c: 'e,
    {
        self.connection.describe(sql)
    }
}

/// The place of sessions: connections that keep something from one transaction to the next, such as an advisory lock. No
/// pooler stands before it.
#[derive(Clone)]
pub(in crate::store) struct DirectServer(Arc<PgConnectOptions>);

impl DirectServer {
    /// Opens a session.
    ///
    /// # Errors
    /// If the server is unreachable.
    pub(in crate::store) async fn connect(&self) -> Result<PgConnection> {
        let connected = timeout(SESSION_TIMEOUT, self.0.connect()).await;
        Ok(connected.unwrap_or(Err(sqlx::Error::PoolTimedOut))?)
    }

    /// Calls `wake` for each signal of another process, until the connection is lost.
    pub(super) async fn listen(&self, wake: impl Fn()) -> Result<()> {
        // A pool for this connection alone: a lost one may occupy its place for long.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(self.0.as_ref().clone());
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        wake();
        loop {
            match timeout(LISTEN_TEST, listener.try_recv()).await {
                Ok(Ok(Some(_))) => wake(),
                // Signals of the meantime are lost.
                Ok(Ok(None)) => return Err(StoreError::Busy(sqlx::Error::WorkerCrashed)),
                Ok(Err(error)) => return Err(error.into()),
                Err(_) => {
                    let test = sqlx::query("SELECT 1").execute(&mut listener);
                    let tested = timeout(SESSION_TIMEOUT, test).await;
                    tested.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
                }
            }
        }
    }
}

/// Returns whether a session still works.
pub(in crate::store) async fn is_alive(session: &mut PgConnection) -> bool {
    timeout(SESSION_TIMEOUT, session.ping())
        .await
        .is_ok_and(|answer| answer.is_ok())
}

/// Begins a transaction on a connection of a pool.
pub(super) async fn begin_tx(pool: &PgPool, is_pooled: bool) -> Result<Tx> {
    let transaction = if is_pooled {
        begin(pool).await?
    } else {
        pool.begin().await?
    };
    Ok(Tx::postgres(transaction, is_pooled))
}

/// Begins a transaction through a pooler. A task does it, which is not cancelled with the request: sqlx does not roll a
/// transaction back whose `BEGIN` was interrupted, and the pooler would keep a connection for it.
pub(super) async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin().await }).await;
    Ok(begun.unwrap_or(Err(sqlx::Error::WorkerCrashed))?)
}

/// Connects to an existing database, without migrating it.
pub(super) fn connect_lazily(url: &str) -> Result<PgPool> {
    Ok(PgPoolOptions::new().max_connections(1).connect_lazy(url)?)
}

pub(super) async fn open(
    urls: DatabaseUrls<'_>,
    on_missing: IfMissing,
    schema: Schema,
) -> Result<Db> {
    let direct = options(urls.direct())?.options(PLANNING);
    // The pool would report only a timeout; a single connection reports why it failed.
    let first = PgConnection::connect_with(&direct).await;
    let mut first = first.map_err(|error| unreachable(&direct, &error))?;
    if on_missing == IfMissing::Fail {
        let is_ours: bool =
            sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
                .fetch_one(&mut first)
                .await?;
        if !is_ours {
            let name = direct.get_database().unwrap_or_default();
            return Err(StoreError::NoPublication(name.to_owned()));
        }
    }
    migrate(&mut first, schema).await?;
    let direct = without_needless_encryption(direct, &mut first).await?;
    first.close().await?;
    let is_pooled = urls.is_pooled();
    let of_pool = if is_pooled {
        let through = options(urls.url)?
            .statement_cache_capacity(0)
            // A pooler refuses it as an option of a session.
            .extra_float_digits(None);
        let second = PgConnection::connect_with(&through).await;
        let second = second.map_err(|error| unreachable(&through, &error))?;
        second.close().await?;
        through
    } else {
        direct.clone()
    };
    let batches = PgPoolOptions::new()
        .max_connections(3)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(of_pool.clone());
    let pool = PgPoolOptions::new()
        .max_connections(24)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(of_pool);
    let counters = PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(direct.clone().options([("synchronous_commit", "off")]));
    Ok(Db::Postgres {
        pool,
        batches,
        is_pooled,
        direct: DirectServer(Arc::new(direct)),
        counters,
    })
}

/// Runs the migrations in a session, since they hold an advisory lock. A schema of a newer version is left as it is, if
/// this version can work with it.
async fn migrate(session: &mut PgConnection, schema: Schema) -> Result<()> {
    let done = match schema {
        Schema::Newest => MIGRATIONS.run(&mut *session).await,
        Schema::UpTo(last) => MIGRATIONS.run_to(last, &mut *session).await,
    };
    match done {
        Err(MigrateError::VersionMissing(version)) => {
            let stated = "SELECT value FROM settings WHERE name = 'compatible_schemas'";
            let stated: Option<String> = sqlx::query_scalar(stated)
                .fetch_optional(&mut *session)
                .await?;
            let newest: i64 = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations")
                .fetch_one(session)
                .await?;
            if is_compatible(stated.as_deref(), newest, Store::newest_schema()) {
                tracing::info!(
                    schema = newest,
                    "a newer version has migrated the database: this one works with it until it is upgraded"
                );
                return Ok(());
            }
            Err(StoreError::NewerVersion(version))
        }
        done => done.map_err(migration_error),
    }
}

/// Returns whether a program whose newest migration is `known` can work with a schema whose newest one is `newest`. The
/// migration itself states so, as `newest:oldest`; an earlier one's statement no longer counts.
fn is_compatible(stated: Option<&str>, newest: i64, known: i64) -> bool {
    let Some((stated_for, oldest)) = stated.and_then(|text| text.split_once(':')) else {
        return false;
    };
    stated_for.parse() == Ok(newest) && oldest.parse().is_ok_and(|oldest: i64| oldest <= known)
}

/// A prepared statement keeps its plan, and the plan of a table that was small then would read all of it. So tables are read
/// by their indexes, unless they have none for a statement. What that costs by the planner's estimate must not have
/// statements compiled.
const PLANNING: [(&str, &str); 2] = [("enable_seqscan", "off"), ("jit", "off")];

fn options(url: &str) -> Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| StoreError::Location(format!("the database URL is invalid: {error}")))?
        .application_name("pamphlet");
    Ok(with_log(options))
}

/// Returns the options without encryption if that protects nothing: the server is on this machine, accepts connections
/// without it, and no `sslmode` asks for it. Since sqlx 0.9.0 does not set `TCP_NODELAY`, each encrypted statement of more
/// than a few KiB waits 40 ms for an acknowledgement.
async fn without_needless_encryption(
    options: PgConnectOptions,
    session: &mut PgConnection,
) -> Result<PgConnectOptions> {
    if !matches!(options.get_ssl_mode(), PgSslMode::Prefer) {
        return Ok(options);
    }
    // A forwarder on this machine has another address than the server behind it.
    let is_needless: Option<bool> = sqlx::query_scalar(
        "SELECT COALESCE(ssl AND inet_client_addr() = inet_server_addr(), FALSE) FROM pg_stat_ssl
         WHERE pid = pg_backend_pid()",
    )
    .fetch_optional(session)
    .await?;
    if is_needless != Some(true) {
        return Ok(options);
    }
    let plain = options.clone().ssl_mode(PgSslMode::Disable);
    match PgConnection::connect_with(&plain).await {
        Ok(accepted) => {
            accepted.close().await?;
            Ok(plain)
        }
        // The server asks for encryption.
        Err(_) => Ok(options),
    }
}

fn unreachable(options: &PgConnectOptions, error: &sqlx::Error) -> StoreError {
    StoreError::Location(format!(
        "the PostgreSQL database at {}:{} can't be opened: {error}",
        options.get_host(),
        options.get_port()
    ))
}

#[cfg(test)]
mod tests {
    use super::is_compatible;

    #[test]
    fn a_newer_schema_is_compatible_only_if_its_newest_migration_says_so() {
        for (stated, newest, known, expected) in [
            (None, 42, 41, false),
            (Some("42:40"), 42, 41, true),
            (Some("42:41"), 42, 41, true),
            (Some("42:42"), 42, 41, false),
            // Of the migration before.
            (Some("42:40"), 43, 41, false),
            (Some("42"), 42, 41, false),
            (Some(""), 42, 41, false),
        ] {
            assert_eq!(is_compatible(stated, newest, known), expected, "{stated:?}");
        }
    }
}
