//! What the site publishes: articles and notes with their tags, authors and paths, and the log of their changes.

mod article;
mod authors;
mod changes;
mod edit;
mod header;
mod notes;
mod paths;
mod pins;
mod publications;
mod tags;

pub use article::{Article, ArticleFields, ArticleFilter, Cursor, Listing};
pub use authors::Author;
pub use changes::{Change, ChangeKind};
pub use header::ArticleGate;
pub use notes::{NewNote, Note};
pub use publications::Publication;
pub use tags::{PostCursor, PostKind};
