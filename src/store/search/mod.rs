//! Full-text search over articles and pages. Triggers note what has changed, and the node indexes it.

mod index;
mod query;

pub use index::{SearchDocument, SearchPending, SearchableDocument};
pub use query::{Found, FoundPage};

use crate::store::database::text_enum;

text_enum! {
    /// The kinds of texts that are searched.
    pub enum SearchKind ("kind of a text") {
        Article = "article",
        Page = "page",
    }
}
