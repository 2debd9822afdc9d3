//! The errors of the store.

use super::dialect::{is_passing, is_unstorable};

/// The message of the trigger that guards a closed publication.
const CLOSED: &str = "the publication is closed";

/// An error of the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer holds the database, or it is unreachable: the same call may succeed later.
    #[error("the database is busy or unreachable: {0}")]
    Busy(sqlx::Error),
    /// A row with this unique value exists.
    #[error("already exists: {0}")]
    Duplicate(String),
    /// The row that it refers to does not exist.
    #[error("it refers to something that does not exist: {0}")]
    Missing(String),
    /// A text with a character that the database can't store: on PostgreSQL, NUL. No row has such a text.
    #[error("the database can't store this text: {0}")]
    Unstorable(sqlx::Error),
    /// A newer version of Pamphlet migrated the database.
    #[error(
        "a newer version of Pamphlet migrated this database (migration {0} is unknown here): \
         install the newer version, or use another database"
    )]
    NewerVersion(i64),
    #[error("the database could not be migrated: {0}")]
    Migration(sqlx::migrate::MigrateError),
    #[error("{0}")]
    Location(String),
    /// A value that does not fit its column, or a row that does not fit the others.
    #[error("{0}")]
    Value(String),
    /// The database is missing or empty. The usual cause is that the command runs in the wrong folder.
    #[error(
        "no publication here, since the database {0} is missing or empty: run `pamphlet init` to set one up, or name the \
         configuration of one with --config"
    )]
    NoPublication(String),
    /// A trigger refused to write a change.
    #[error(
        "the publication is closed, so nothing can be published or changed: `pamphlet export` and `pamphlet backup` \
         still work"
    )]
    Closed,
    #[error("the database reports an error: {0}")]
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
            sqlx::Error::Database(inner) if inner.message().contains(CLOSED) => StoreError::Closed,
            _ => StoreError::Database(error),
        }
    }
}

/// The result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;
