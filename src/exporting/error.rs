//! The failures of exports.

use crate::{media::StorageError, node::NodeError, store::StoreError};
use std::{io, path::Path};
use tokio::task::JoinError;

/// The reason why something could not be exported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// The sentence says what was wrong, and what to do.
    #[error("{0}")]
    Refused(String),
    #[error("{0} can't be written: {1}")]
    Unwritable(String, io::Error),
    #[error("{0} can't be read: {1}")]
    Unreadable(String, io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Node(#[from] NodeError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A page could not be made: its address, and the status of the response.
    #[error("the page {0} could not be made (status {1}): see the log with RUST_LOG=debug")]
    Page(String, u16),
    #[error("the pages can't be made: {0:#}")]
    Look(anyhow::Error),
    #[error("a thread ended too early: {0}")]
    Thread(JoinError),
    /// The admin ended an import before the database had committed it.
    #[error("interrupted, and nothing was imported")]
    Interrupted,
}

impl ExportError {
    pub(super) fn writing(path: &Path) -> impl FnOnce(io::Error) -> ExportError {
        let path = path.display().to_string();
        move |error| ExportError::Unwritable(path, error)
    }

    pub(super) fn reading(path: &Path) -> impl FnOnce(io::Error) -> ExportError {
        let path = path.display().to_string();
        move |error| ExportError::Unreadable(path, error)
    }
}
