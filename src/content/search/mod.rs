//! Full-text search: the words that are indexed, the words that a reader searches for, and excerpts with marks.

mod excerpt;
mod fold;
mod query;
mod tokens;

pub use excerpt::{Piece, excerpt, marked};
pub use query::{SearchQuery, SearchTerm};
pub use tokens::index_terms;
