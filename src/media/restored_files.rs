//! The files that a restoration or an import stores, and takes back if it fails.

use super::{Storage, storage::StorageError};
use std::path::Path;

/// The files that are being stored.
pub(crate) struct RestoredFiles<'a> {
    storage: &'a Storage,
    /// The names of files of which the source may have only a part.
    damaged: &'a [String],
    /// The names of those that were stored, and that nobody had before.
    stored: Vec<String>,
}

impl<'a> RestoredFiles<'a> {
    pub(crate) fn new(storage: &'a Storage, damaged: &'a [String]) -> Self {
        RestoredFiles {
            storage,
            damaged,
            stored: Vec::new(),
        }
    }

    /// Stores a file from the local disk, unless it is there.
    ///
    /// # Errors
    /// If it can't be stored.
    pub(crate) async fn put(&mut self, name: &str, source: &Path) -> Result<(), StorageError> {
        // A name is made from the content. An existing file may be another node's, in the same bucket.
        match self.storage.has_equal(name, source).await? {
            Some(true) => return Ok(()),
            Some(false) if self.damaged.iter().any(|damaged| damaged == name) => return Ok(()),
            // A damaged file is replaced, and stays if the restoration fails.
            Some(false) => {}
            None => self.stored.push(name.to_owned()),
        }
        let content_type = mime_guess::from_path(name).first_raw();
        let content_type = content_type.unwrap_or("application/octet-stream");
        self.storage.put(name, content_type, source).await
    }

    /// Deletes the files after a failure, which is what is reported.
    pub(crate) async fn remove(self) {
        for name in self.stored {
            // A bucket that does not respond would not respond for each of the others either.
            if self.storage.delete(&name).await.is_err() {
                return;
            }
        }
    }
}
