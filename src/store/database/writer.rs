//! The one writer of an SQLite database, with group commit.
//!
//! Every transaction is a savepoint inside an open `BEGIN IMMEDIATE`. The one who commits while
//! others wait for the connection leaves the sync to the last of them, so that many small
//! transactions share one write to the disk; nobody is told "committed" before that write.

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

/// Transactions that share one commit at the most: bounds how long the first of them waits.
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
    /// A savepoint is open. It stays so when its owner was dropped, and is then undone by the next.
    savepoint: bool,
    /// When a transaction last waited in vain for another process that holds the database.
    in_vain: Option<Instant>,
}

/// The open `BEGIN IMMEDIATE` and those who wait for its commit.
struct Group {
    released: usize,
    done: broadcast::Sender<std::result::Result<(), String>>,
}

impl Writer {
    pub fn new(options: SqliteConnectOptions, connection: SqliteConnection) -> Self {
        Writer {
            state: Arc::new(Mutex::new(State {
                options,
                connection: Some(connection),
                group: None,
                savepoint: false,
                in_vain: None,
            })),
            waiting: Arc::default(),
        }
    }

    pub async fn begin(&self) -> Result<WriterGuard> {
        let mut place = Waiting::enter(self);
        let since = Instant::now();
        let mut state = self.state.clone().lock_owned().await;
        state.undo_abandoned().await;
        // Who stood behind one that waited in vain has waited as long, and does not begin anew.
        if state.in_vain.is_some_and(|failure| failure >= since) {
            return Err(StoreError::Busy(sqlx::Error::PoolTimedOut));
        }
        state.open_savepoint().await?;
        let guard = WriterGuard {
            state: Some(state),
            writer: self.clone(),
        };
        place.arrived = true;
        Ok(guard)
    }

    /// Closes a group whose last member went away without committing it.
    fn settle_abandoned(&self) {
        let writer = self.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let mut state = writer.state.clone().lock_owned().await;
                state.undo_abandoned().await;
                if writer.nobody_waits() {
                    // Its members hear of a failure through the group.
                    let _ = state.close_group().await;
                }
            });
        }
    }

    fn nobody_waits(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) == 0
    }
}

/// Counts one who waits for the connection, until it arrives or gives up.
struct Waiting<'a> {
    writer: &'a Writer,
    arrived: bool,
}

impl<'a> Waiting<'a> {
    fn enter(writer: &'a Writer) -> Self {
        writer.waiting.fetch_add(1, Ordering::SeqCst);
        Waiting {
            writer,
            arrived: false,
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.writer.waiting.fetch_sub(1, Ordering::SeqCst);
        if !self.arrived {
            // Someone may have left the commit to this one.
            self.writer.settle_abandoned();
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

    /// Where the savepoint is gone (SQLite undoes all when the disk is full), the group is too.
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
                self.in_vain = Some(Instant::now());
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
            // The next one starts on a connection that has nothing of this transaction in it.
            self.connection = None;
        }
        // Nobody listens when the group had one member.
        let _ = group
            .done
            .send(outcome.as_ref().map(|_| ()).map_err(ToString::to_string));
        outcome
    }

    /// The transaction is lost: everyone in it is told, and the connection is not used again.
    fn fail_group(&mut self, error: &StoreError) {
        self.connection = None;
        self.savepoint = false;
        if let Some(group) = self.group.take() {
            let _ = group.done.send(Err(error.to_string()));
        }
    }
}

/// The connection while one transaction has it.
pub(in crate::store) struct WriterGuard {
    state: Option<OwnedMutexGuard<State>>,
    writer: Writer,
}

impl WriterGuard {
    pub fn connection(&mut self) -> &mut SqliteConnection {
        // Both are there from `begin` until `commit` takes the guard by value.
        self.state
            .as_mut()
            .and_then(|state| state.connection.as_mut())
            .expect("a transaction holds the connection")
    }

    pub async fn commit(mut self) -> Result<()> {
        let Some(state) = self.state.as_mut() else {
            return Ok(());
        };
        state.run("RELEASE one").await?;
        state.savepoint = false;
        let Some(group) = state.group.as_mut() else {
            return Ok(());
        };
        group.released += 1;
        if self.writer.nobody_waits() || group.released >= GROUP_LIMIT {
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
                self.writer.settle_abandoned();
            }
        }
    }
}
