//! The report of an import.

use super::model::Place;
use serde::Serialize;
use std::collections::BTreeMap;

/// The maximum number of messages of one kind that a report lists; the others are counted.
const MOST_MESSAGES: usize = 1000;

/// The outcome of an import, or of a rehearsal.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// The counts for each kind of item: `articles`, `drafts`, `pages`, `comments`, ...
    pub(crate) items: BTreeMap<&'static str, Counts>,
    /// Pictures and other files that were taken in.
    pub(crate) files: u64,
    /// Addresses of the other site in texts that were replaced by addresses here.
    pub(crate) links: u64,
    /// Items that can't be read or stored, each with its position.
    pub(crate) broken: Messages,
    /// Items that were changed here and in the source: they stay as they are here.
    pub(crate) conflicts: Messages,
    /// Items that were stored in another way than the source has them.
    pub(crate) warnings: Messages,
}

/// The outcomes for the items of one kind.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub(crate) added: u64,
    pub(crate) changed: u64,
    pub(crate) unchanged: u64,
}

/// Messages, each with a position in the source.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Messages {
    pub(crate) count: u64,
    /// The first of them.
    pub(crate) first: Vec<Message>,
}

/// A message about one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Message {
    /// The position: `posts.xml, line 12, post 4 (On trains)`.
    pub(crate) position: String,
    pub(crate) message: String,
}

/// The outcome for one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Added,
    Changed,
    Unchanged,
}

impl Messages {
    pub(super) fn push(&mut self, place: &Place, message: impl Into<String>) {
        self.count += 1;
        if self.first.len() < MOST_MESSAGES {
            self.first.push(Message {
                position: place.describe(),
                message: message.into(),
            });
        }
    }
}

impl Report {
    pub(super) fn count(&mut self, kind: &'static str, fate: Fate) {
        let counts = self.items.entry(kind).or_default();
        match fate {
            Fate::Added => counts.added += 1,
            Fate::Changed => counts.changed += 1,
            Fate::Unchanged => counts.unchanged += 1,
        }
    }

    /// Returns whether everything was brought over.
    pub(crate) fn is_complete(&self) -> bool {
        self.broken.count == 0
    }
}
