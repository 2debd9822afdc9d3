//! Workers: who delivers on this database, and how the others see that one of them is gone.
//!
//! On SQLite one process works at a time; who holds the lock on the file beside the database is it. On
//! PostgreSQL many do; each holds a session's advisory lock, which ends with its connection and so with
//! its process. Neither needs a clock.

use super::{
    Conn, Result, Store, StoreError,
    conn::{Raw, on},
    now,
    open::Db,
};
use crate::base::private_files;
use sqlx::{ConnectOptions, Connection, FromRow, PgConnection, PgPool};
use std::fs::{File, TryLockError};

/// The first of the two numbers of our advisory locks; the second is the worker's name.
const LOCKS: i32 = 0x70616d70;

/// A worker's place: who holds it may lease destinations under its name.
pub struct Place {
    name: i32,
    lock: Lock,
}

enum Lock {
    /// Locked until it is closed.
    File { _file: File },
    Session {
        pool: PgPool,
        connection: Option<PgConnection>,
    },
}

/// What workers did in a while.
#[derive(Debug, Clone, FromRow)]
pub struct Throughput {
    pub delivered: i64,
    pub failed: i64,
}

impl Store {
    /// A place for a new worker; `None` while another process works on this SQLite database.
    pub async fn take_place(&self) -> Result<Option<Place>> {
        let lock = match self.db() {
            Db::Sqlite { worker_lock, .. } => match lock_file(worker_lock)? {
                Some(file) => Lock::File { _file: file },
                None => return Ok(None),
            },
            Db::Postgres { pool, .. } => Lock::Session {
                pool: pool.clone(),
                connection: None,
            },
        };
        let mut place = Place {
            name: new_name(),
            lock,
        };
        place.hold().await?;
        let mut tx = self.begin().await?;
        if self.is_sqlite() {
            // There is no other: what stands there is of a killed process.
            for name in tx.workers().await? {
                tx.dismiss_worker(&name).await?;
            }
            tx.release_leases().await?;
        }
        tx.add_worker(&place.name()).await?;
        tx.commit().await?;
        Ok(Some(place))
    }
}

impl Place {
    /// The owner of this worker's leases.
    pub fn name(&self) -> String {
        self.name.to_string()
    }

    /// Makes sure that the others see this worker living: after a lost connection, again.
    ///
    /// # Errors
    /// If the database is out of reach; it is tried again with the next call.
    pub async fn hold(&mut self) -> Result<()> {
        let Lock::Session { pool, connection } = &mut self.lock else {
            return Ok(());
        };
        if let Some(alive) = connection
            && alive.ping().await.is_ok()
        {
            return Ok(());
        }
        *connection = None;
        let mut session = pool.connect_options().connect().await?;
        sqlx::query("SELECT pg_advisory_lock($1, $2)")
            .bind(LOCKS)
            .bind(self.name)
            .execute(&mut session)
            .await?;
        *connection = Some(session);
        Ok(())
    }
}

impl Conn {
    async fn add_worker(&mut self, name: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO workers (name, started_at) VALUES ($1, $2)"
        )
        .bind(name)
        .bind(now())
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// The names of all workers, also of those that nobody has dismissed yet.
    pub async fn workers(&mut self) -> Result<Vec<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT name FROM workers ORDER BY started_at"
        )
        .fetch_all(c)
        .await)?)
    }

    /// Workers whose process is gone. On SQLite that is found out when the next one starts.
    pub async fn lost_workers(&mut self) -> Result<Vec<String>> {
        let Raw::Postgres(connection) = self.raw() else {
            return Ok(Vec::new());
        };
        Ok(sqlx::query_scalar(
            "SELECT name FROM workers WHERE name NOT IN (SELECT objid::text FROM pg_locks
                WHERE locktype = 'advisory' AND granted AND classid::bigint = $1
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
        )
        .bind(i64::from(LOCKS))
        .fetch_all(connection)
        .await?)
    }

    /// Takes a worker off the list and gives back what it had leased.
    pub async fn dismiss_worker(&mut self, name: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE destinations SET leased_until = 0, lease_owner = NULL WHERE lease_owner = $1"
        )
        .bind(name)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query("DELETE FROM workers WHERE name = $1")
            .bind(name)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Adds to what a worker did in this minute.
    pub(super) async fn count_deliveries(
        &mut self,
        worker: &str,
        delivered: i64,
        failed: i64,
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "INSERT INTO delivery_minutes (minute, worker, delivered, failed) VALUES ($1, $2, $3, $4)
             ON CONFLICT (minute, worker) DO UPDATE SET
                delivered = delivery_minutes.delivered + excluded.delivered,
                failed = delivery_minutes.failed + excluded.failed",
        )
        .bind(minute_of(now()))
        .bind(worker)
        .bind(delivered)
        .bind(failed)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// What all workers did since the beginning of the minute of `since`.
    pub async fn throughput(&mut self, since: i64) -> Result<Throughput> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT CAST(COALESCE(SUM(delivered), 0) AS BIGINT) AS delivered,
                CAST(COALESCE(SUM(failed), 0) AS BIGINT) AS failed
             FROM delivery_minutes WHERE minute >= $1"
        )
        .bind(minute_of(since))
        .fetch_one(c)
        .await)?)
    }

    /// Forgets the counts of minutes before this time.
    pub async fn forget_throughput(&mut self, before: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM delivery_minutes WHERE minute < $1"
        )
        .bind(before)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}

fn minute_of(time: i64) -> i64 {
    time - time.rem_euclid(60_000)
}

fn lock_file(path: &std::path::Path) -> Result<Option<File>> {
    let problem = |error: std::io::Error| {
        StoreError::Location(format!(
            "the lock file {} can't be used: {error}",
            path.display()
        ))
    };
    let file = private_files::open_options()
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(problem)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(problem(error)),
    }
}

/// A number, since that is what advisory locks go by.
fn new_name() -> i32 {
    let mut bytes = [0u8; 4];
    // The system's generator fails only where the process could not have started.
    aws_lc_rs::rand::fill(&mut bytes).expect("the system's random generator works");
    i32::from_be_bytes(bytes) & i32::MAX
}
