//! The errors of the store.

use super::dialect::{is_passing, is_unstorable};

/// What can go wrong with the database, as far as anyone decides on it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer holds the database, or it can't be reached: the same call may succeed later.
    #[error("the database is busy or out of reach: {0}")]
    Busy(sqlx::Error),
    /// Something with this unique name is there already.
    #[error("there is one already: {0}")]
    Duplicate(String),
    /// What it refers to was removed in the meantime.
    #[error("what it refers to is gone: {0}")]
    Missing(String),
    /// A text with a character that no text in this database has: on PostgreSQL, NUL. Nothing is found by it.
    #[error("the database can't store this text: {0}")]
    Unstorable(sqlx::Error),
    /// The database was made by a newer Pamphlet.
    #[error(
        "this database was made by a newer Pamphlet (it has migration {0}, which this version does not know): \
         install the newer version, or use another database"
    )]
    NewerVersion(i64),
    #[error("the database could not be prepared: {0}")]
    Migration(sqlx::migrate::MigrateError),
    #[error("{0}")]
    Location(String),
    #[error("the database refused: {0}")]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_passing(&error) {
            return StoreError::Busy(error);
        }
        if is_unstorable(&error) {
            return StoreError::Unstorable(error);
        }
        match &error {
            sqlx::Error::Database(inner) if inner.is_unique_violation() => {
                StoreError::Duplicate(inner.message().to_owned())
            }
            sqlx::Error::Database(inner) if inner.is_foreign_key_violation() => {
                StoreError::Missing(inner.message().to_owned())
            }
            _ => StoreError::Database(error),
        }
    }
}

/// The result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;
