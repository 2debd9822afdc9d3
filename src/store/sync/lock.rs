//! The lock of the process that syncs a folder: two at once would store the same files twice.
//!
//! On SQLite it is a lock on a file beside the database, on PostgreSQL an advisory lock of a session. Both end with the
//! process.

use crate::{
    base::private_files,
    store::database::{Db, Result, Store, StoreError},
};
use sqlx::PgConnection;
use std::{
    fs::{File, TryLockError},
    path::Path,
};

/// The number of the advisory lock.
const LOCK: i64 = 7_261_726_463;

/// A held lock.
pub struct SyncLock {
    _lock: Lock,
}

enum Lock {
    /// Locked until the file is closed.
    File {
        _file: File,
    },
    Session {
        _session: PgConnection,
    },
}

impl Store {
    /// Takes the lock. Returns `None` while another process holds it.
    pub async fn acquire_sync_lock(&self) -> Result<Option<SyncLock>> {
        let lock = match self.db() {
            Db::Sqlite { worker_lock, .. } => {
                let path = worker_lock.to_string_lossy().replace("-worker", "-sync");
                lock_file(Path::new(&path))?.map(|file| Lock::File { _file: file })
            }
            Db::Postgres { direct, .. } => {
                let mut session = direct.connect().await?;
                let is_free: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
                    .bind(LOCK)
                    .fetch_one(&mut session)
                    .await?;
                is_free.then_some(Lock::Session { _session: session })
            }
        };
        Ok(lock.map(|lock| SyncLock { _lock: lock }))
    }
}

fn lock_file(path: &Path) -> Result<Option<File>> {
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
    private_files::inherit_owner(path);
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(problem(error)),
    }
}
