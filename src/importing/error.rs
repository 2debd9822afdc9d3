//! Reasons why an import ends.

use super::archive::ArchiveError;
use crate::{
    node::{NodeError, media::LibraryError},
    publishing::PublishError,
    store::StoreError,
};

/// The reason why an import ended. What was stored before stays, and the next import continues from there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    /// A file or address that can't be imported at all, as a sentence that says what to do.
    #[error("{0}")]
    Mistake(String),
    #[error("cannot read {path}")]
    Read {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error(transparent)]
    Node(#[from] NodeError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ImportError {
    /// Returns the error for something that can't be imported at all.
    pub(crate) fn mistake(message: impl Into<String>) -> ImportError {
        ImportError::Mistake(message.into())
    }
}
