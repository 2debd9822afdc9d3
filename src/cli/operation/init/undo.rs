//! Removes what a failed `pamphlet init` made, so that the next attempt starts from scratch.

use crate::config::Config;
use std::path::{Path, PathBuf};

/// The files and folders that are removed unless everything succeeds.
pub(super) struct Undo {
    file: Option<PathBuf>,
    /// The data folder, if it did not exist before.
    data: Option<PathBuf>,
}

impl Undo {
    /// Begins with the configuration file, which was just written.
    pub(super) fn of_file(path: &Path) -> Undo {
        Undo {
            file: Some(path.to_owned()),
            data: None,
        }
    }

    /// Adds the data folder, if it is going to be created.
    pub(super) fn remember_data(&mut self, config: &Config) {
        self.data = Some(config.data.clone()).filter(|folder| !folder.exists());
    }

    /// Keeps everything.
    pub(super) fn forget(&mut self) {
        self.file = None;
        self.data = None;
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            let _ = std::fs::remove_file(file);
        }
        if let Some(data) = &self.data {
            let _ = std::fs::remove_dir_all(data);
        }
    }
}
