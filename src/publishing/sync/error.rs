//! Reasons why nothing is synced.

use super::Request;
use crate::{publishing::PublishError, store::StoreError};

/// The reason why no plan could be made. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SyncError {
    /// Mistakes in files, each a sentence with the file and the line.
    #[error("{}", .0.join("\n"))]
    Broken(Vec<String>),
    /// The folder is hardly the one of the last sync.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SyncError {
    pub(super) fn no_files(request: &Request) -> SyncError {
        SyncError::Refused(format!(
            "{} has no Markdown files, so nothing was changed: is it the right folder, and was it checked out?",
            request.root.display()
        ))
    }

    pub(super) fn other_folder(request: &Request, known: usize) -> SyncError {
        SyncError::Refused(format!(
            "{} has none of the {known} files of the last sync, so nothing was changed: if it is another folder, give \
             it a name with --source NAME; articles are deleted by `pamphlet post delete`",
            request.root.display()
        ))
    }

    pub(super) fn changed_meanwhile(path: &str) -> SyncError {
        SyncError::Refused(format!(
            "the article of {path} was changed while the plan was made: sync again"
        ))
    }
}
