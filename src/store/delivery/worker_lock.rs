//! The lock that tells the other workers that one of them is alive.
//!
//! On SQLite one process works at a time: the one that holds the lock on the file beside the database. On PostgreSQL
//! many do: each holds an advisory lock of a session, which ends with its connection and so with its process. Neither
//! needs a clock.

use crate::{
    base::private_files,
    store::database::{Db, DirectServer, Result, Store, StoreError, is_alive},
};
use sqlx::PgConnection;
use std::fs::{File, TryLockError};

/// The first of the two numbers of our advisory locks. The second is the worker's name.
pub(super) const LOCKS: i32 = 0x70616d70;

/// The lock of a live worker. Its holder may lease destinations under the worker's name.
pub struct WorkerLock {
    name: i32,
    lock: Lock,
}

enum Lock {
    /// Locked until the file is closed.
    File { _file: File },
    Session {
        direct: DirectServer,
        connection: Option<PgConnection>,
    },
}

impl WorkerLock {
    /// Returns the worker's name, which owns its leases.
    pub fn name(&self) -> String {
        self.name.to_string()
    }

    /// Takes the lock again after a lost connection. Returns whether it was lost.
    ///
    /// # Errors
    /// If the database is unreachable. The next call tries again.
    pub async fn hold(&mut self) -> Result<bool> {
        let Lock::Session { direct, connection } = &mut self.lock else {
            return Ok(false);
        };
        if let Some(session) = connection
            && is_alive(session).await
        {
            return Ok(false);
        }
        *connection = None;
        let mut session = direct.connect().await?;
        sqlx::query("SELECT pg_advisory_lock($1, $2)")
            .bind(LOCKS)
            .bind(self.name)
            .execute(&mut session)
            .await?;
        *connection = Some(session);
        Ok(true)
    }
}

impl Store {
    /// Returns whether a process works on this SQLite database. On PostgreSQL, each worker has a lock of its own, and
    /// this is always true.
    pub(super) fn is_worker_lock_held(&self) -> bool {
        match self.db() {
            Db::Sqlite { worker_lock, .. } => File::open(worker_lock)
                .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))),
            Db::Postgres { .. } => true,
        }
    }

    /// Takes the lock for a new worker. Returns `None` while another process works on this SQLite database.
    pub async fn acquire_worker_lock(&self) -> Result<Option<WorkerLock>> {
        let lock = match self.db() {
            Db::Sqlite { worker_lock, .. } => match lock_file(worker_lock)? {
                Some(file) => Lock::File { _file: file },
                None => return Ok(None),
            },
            Db::Postgres { direct, .. } => Lock::Session {
                direct: direct.clone(),
                connection: None,
            },
        };
        let mut place = WorkerLock {
            name: new_name(),
            lock,
        };
        place.hold().await?;
        let mut tx = self.begin().await?;
        if self.is_sqlite() {
            // There is no other worker: these rows are of a killed process.
            for name in tx.workers().await? {
                tx.remove_worker(&name).await?;
            }
            tx.release_all_leases().await?;
        }
        tx.add_worker(&place.name()).await?;
        tx.commit().await?;
        Ok(Some(place))
    }
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

/// Returns a new name: a number, as advisory locks need.
fn new_name() -> i32 {
    let mut bytes = [0u8; 4];
    // The system's generator fails only where the process could not have started.
    aws_lc_rs::rand::fill(&mut bytes).expect("the system's random generator works");
    i32::from_be_bytes(bytes) & i32::MAX
}
