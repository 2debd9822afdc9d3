//! The only writer of an SQLite database, with group commit.
//!
//! Every transaction is a savepoint inside an open `BEGIN IMMEDIATE`. A commit with others queued defers the fsync to
//! the last of them (at most 64); none returns before it. So many small transactions share one write to the disk.

use super::error::{Result, StoreError};
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};
use tokio::sync::{Mutex, OwnedMutexGuard, broadcast};

/// The maximum number of transactions that share a commit. It bounds how long the first of them waits.
const GROUP_LIMIT: usize = 64;

/// The writer connection of one process.
#[derive(Clone)]
pub(in crate::store) struct Writer {
    state: Arc<Mutex<State>>,
    waiting: Arc<AtomicUsize>,
}

struct State {
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    group: Option<Group>,
    /// Whether a savepoint is open. It stays open if its owner was dropped, and the next one rolls it back.
    savepoint: bool,
    /// The time of the last transaction that timed out because another process held the database.
    last_timeout: Option<Instant>,
}

/// The open `BEGIN IMMEDIATE`, and the transactions that wait for its commit.
struct Group {
    released: usize,
    done: broadcast::Sender<std::result::Result<(), String>>,
}

impl Writer {
    pub(crate) fn new(options: SqliteConnectOptions, connection: SqliteConnection) -> Self {
        Writer {
            state: Arc::new(Mutex::new(State {
                options,
                connection: Some(connection),
                group: None,
                savepoint: false,
                last_timeout: None,
            })),
            waiting: Arc::default(),
        }
    }

    pub(crate) async fn begin(&self) -> Result<WriterGuard> {
        let mut entry = QueueEntry::enter(self);
        let since = Instant::now();
        let mut state = self.state.clone().lock_owned().await;
        state.undo_abandoned().await;
        // A transaction that was queued behind one that timed out has waited as long: it fails too.
        if state.last_timeout.is_some_and(|failure| failure >= since) {
            return Err(StoreError::Busy(sqlx::Error::PoolTimedOut));
        }
        state.open_savepoint().await?;
        let guard = WriterGuard {
            state: Some(state),
            writer: self.clone(),
        };
        entry.arrived = true;
        Ok(guard)
    }

    /// Commits a group whose last member was dropped without committing.
    fn close_abandoned(&self) {
        let writer = self.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let mut state = writer.state.clone().lock_owned().await;
                state.undo_abandoned().await;
                if writer.is_queue_empty() {
                    // Its members receive a failure through the group.
                    let _ = state.close_group().await;
                }
            });
        }
    }

    fn is_queue_empty(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) == 0
    }
}

/// Counts a transaction that waits for the connection, until it has it or gives up.
struct QueueEntry<'a> {
    writer: &'a Writer,
    arrived: bool,
}

impl<'a> QueueEntry<'a> {
    fn enter(writer: &'a Writer) -> Self {
        writer.waiting.fetch_add(1, Ordering::SeqCst);
        QueueEntry {
            writer,
            arrived: false,
        }
    }
}

impl Drop for QueueEntry<'_> {
    fn drop(&mut self) {
        self.writer.waiting.fetch_sub(1, Ordering::SeqCst);
        if !self.arrived {
            // Another transaction may have deferred the commit to this one.
            self.writer.close_abandoned();
        }
    }
}

impl State {
    async fn connection(&mut self) -> Result<&mut SqliteConnection> {
        if self.connection.is_none() {
            self.connection = Some(self.options.connect().await?);
        }
        self.connection
            .as_mut()
            .ok_or(StoreError::Busy(sqlx::Error::PoolClosed))
    }

    async fn run(&mut self, statement: &'static str) -> Result<()> {
        let connection = self.connection().await?;
        sqlx::query(statement).execute(connection).await?;
        Ok(())
    }

    /// Rolls back an abandoned savepoint. If SQLite rolled back everything, as it does when the disk is full, the group
    /// fails.
    async fn undo_abandoned(&mut self) {
        if std::mem::take(&mut self.savepoint)
            && let Err(error) = self.run("ROLLBACK TO one").await
        {
            self.fail_group(&error);
        }
    }

    async fn open_savepoint(&mut self) -> Result<()> {
        if self.group.is_none() {
            let begun = self.run("BEGIN IMMEDIATE").await;
            if begun.is_err() {
                self.last_timeout = Some(Instant::now());
            }
            begun?;
            let (done, _) = broadcast::channel(1);
            self.group = Some(Group { released: 0, done });
        }
        if let Err(error) = self.run("SAVEPOINT one").await {
            self.fail_group(&error);
            return Err(error);
        }
        self.savepoint = true;
        Ok(())
    }

    async fn close_group(&mut self) -> Result<()> {
        let Some(group) = self.group.take() else {
            return Ok(());
        };
        let outcome = self.run("COMMIT").await;
        if outcome.is_err() {
            // The next group starts on a new connection, without anything of this transaction.
            self.connection = None;
        }
        // Nobody listens if the group had one member.
        let _ = group
            .done
            .send(outcome.as_ref().map(|_| ()).map_err(ToString::to_string));
        outcome
    }

    /// Reports a lost transaction to all of its members, and drops the connection.
    fn fail_group(&mut self, error: &StoreError) {
        self.connection = None;
        self.savepoint = false;
        if let Some(group) = self.group.take() {
            let _ = group.done.send(Err(error.to_string()));
        }
    }
}

/// The connection, held by one transaction.
pub(in crate::store) struct WriterGuard {
    state: Option<OwnedMutexGuard<State>>,
    writer: Writer,
}

impl WriterGuard {
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        // Both exist from `begin` until `commit` takes the guard by value.
        self.state
            .as_mut()
            .and_then(|state| state.connection.as_mut())
            .expect("a transaction holds the connection")
    }

    pub(crate) async fn commit(mut self) -> Result<()> {
        let Some(state) = self.state.as_mut() else {
            return Ok(());
        };
        state.run("RELEASE one").await?;
        state.savepoint = false;
        let Some(group) = state.group.as_mut() else {
            return Ok(());
        };
        group.released += 1;
        if self.writer.is_queue_empty() || group.released >= GROUP_LIMIT {
            return state.close_group().await;
        }
        let mut done = group.done.subscribe();
        self.state = None;
        match done.recv().await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(message)) => Err(StoreError::Busy(sqlx::Error::Protocol(message))),
            Err(_) => Err(StoreError::Busy(sqlx::Error::WorkerCrashed)),
        }
    }
}

impl Drop for WriterGuard {
    fn drop(&mut self) {
        if let Some(state) = self.state.take() {
            let unfinished = state.savepoint || state.group.is_some();
            drop(state);
            if unfinished {
                self.writer.close_abandoned();
            }
        }
    }
}
