//! Whether a change is announced to other servers.

/// Whether the followers are told about a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Announcement {
    /// It is delivered to followers and to mentioned people.
    #[default]
    Tell,
    /// Nothing is delivered. What is published can be fetched, and stands on the pages, in the feeds and in the outbox.
    Silent,
}

impl Announcement {
    pub fn is_silent(self) -> bool {
        self == Announcement::Silent
    }
}
