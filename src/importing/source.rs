//! A publication of other software, opened for reading.

use super::{
    model::{Located, Place, Read},
    prepare::{self, Prepared},
};
use std::path::PathBuf;
use tokio::{
    sync::mpsc::{self, Receiver},
    task::JoinHandle,
};
use url::Url;

/// The number of items that are read before they are stored.
const AHEAD: usize = 16;

/// A publication of other software. Its items are read one by one, so that memory does not grow with their number.
pub(crate) struct Source {
    /// The name under which the import remembers what it stored: the address of the other site, or another name that
    /// stays the same in every export.
    pub(crate) name: String,
    /// The name that the source would have without its address: an earlier import may have had none.
    pub(crate) generic: Option<String>,
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
            generic: None,
            base: None,
            folders: Vec::new(),
            total: None,
            items: Box::new(items),
        }
    }

    /// Sets the address of the other site, which also names the source.
    pub(crate) fn at(self, base: Url) -> Source {
        Source {
            generic: Some(self.name),
            name: name_of(&base),
            base: Some(base),
            ..self
        }
    }
}

/// Returns the name of a site: it stays the same if the site gets a certificate, or loses its `www`.
fn name_of(base: &Url) -> String {
    let host = base.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let port = base.port().map(|port| format!(":{port}"));
    let path = base.path().trim_end_matches('/');
    format!("{host}{}{path}", port.unwrap_or_default())
}

/// An item that is ready to be stored, or the reason why it can't be.
pub(super) type ReadItem = Result<Located<Prepared>, Located<String>>;

/// Reads and prepares the items on a thread of its own, a few ahead of those that are stored. The thread must have ended
/// well for the items to be all.
pub(super) fn read(
    items: Box<dyn Iterator<Item = Read> + Send>,
) -> (Receiver<ReadItem>, JoinHandle<()>) {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let thread = tokio::task::spawn_blocking(move || {
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
    (receiver, thread)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_site_outlives_its_move_to_https() {
        for (address, name) in [
            ("http://www.old.example/", "old.example"),
            ("https://old.example", "old.example"),
            ("https://old.example:8080/blog/", "old.example:8080/blog"),
        ] {
            assert_eq!(name_of(&Url::parse(address).unwrap()), name);
        }
    }

    #[tokio::test]
    async fn a_panic_of_a_reader_is_no_end() {
        let items = std::iter::from_fn(|| -> Option<Read> { panic!("a test") });
        let (mut items, thread) = read(Box::new(items));
        assert!(items.recv().await.is_none());
        assert!(thread.await.is_err());
    }
}
