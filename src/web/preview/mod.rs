//! The preview of a draft for its author: its page exactly as it will be, and beside it the posts that followers on
//! Mastodon will see. It serves one computer, and changes nothing.

mod card;
mod forms;
mod panel;
mod server;

pub(crate) use server::serve;

/// The draft that the preview shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// Its row; `None` if it could not be stored so far.
    pub article_id: Option<i64>,
    /// Grows with each change.
    pub version: u64,
    /// Warnings to the author about the file.
    pub warnings: Vec<String>,
    /// The reason why the last change is not shown.
    pub problem: Option<String>,
}
