//! A publication of other software, opened for reading.

use super::{
    model::{Located, Place, Read},
    prepare::{self, Prepared},
};
use std::path::PathBuf;
use tokio::sync::mpsc::{self, Receiver};
use url::Url;

/// The number of items that are read before they are stored.
const AHEAD: usize = 16;

/// A publication of other software. Its items are read one by one, so that memory does not grow with their number.
pub(crate) struct Source {
    /// The name under which the import remembers what it stored: the address of the other site, or another name that
    /// stays the same in every export.
    pub(crate) name: String,
    /// The address of the other site, to which relative links in its texts refer.
    pub(crate) base: Option<Url>,
    /// Further folders in which files are looked for that texts name.
    pub(crate) folders: Vec<PathBuf>,
    /// The number of items, if it is known.
    pub(crate) total: Option<u64>,
    pub(crate) items: Box<dyn Iterator<Item = Read> + Send>,
}

impl Source {
    /// Returns a source without an address and without files.
    pub(crate) fn new(
        name: impl Into<String>,
        items: impl Iterator<Item = Read> + Send + 'static,
    ) -> Source {
        Source {
            name: name.into(),
            base: None,
            folders: Vec::new(),
            total: None,
            items: Box::new(items),
        }
    }

    /// Sets the address of the other site, which also names the source.
    pub(crate) fn at(self, base: Url) -> Source {
        Source {
            name: base.as_str().trim_end_matches('/').to_owned(),
            base: Some(base),
            ..self
        }
    }
}

/// An item that is ready to be stored, or the reason why it can't be.
pub(super) type ReadItem = Result<Located<Prepared>, Located<String>>;

/// Reads and prepares the items on a thread of its own, a few ahead of those that are stored.
pub(super) fn read(items: Box<dyn Iterator<Item = Read> + Send>) -> Receiver<ReadItem> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        for read in items {
            let ready = match read {
                Ok(located) => prepare::prepare(located),
                Err(broken) => Err(broken),
            };
            if sender.blocking_send(ready).is_err() {
                return;
            }
        }
    });
    receiver
}

impl Place {
    /// Describes the position for people: `posts.xml, line 12, post 4 (On trains)`.
    pub(crate) fn describe(&self) -> String {
        let line = (self.line > 0).then(|| format!("line {}", self.line));
        let parts = [Some(self.file.clone()), line, Some(self.item.clone())];
        let parts: Vec<String> = parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        match parts.is_empty() {
            true => "an item".to_owned(),
            false => parts.join(", "),
        }
    }
}
