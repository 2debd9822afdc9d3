//! Published content: articles and notes with their tags, authors and paths, and the log of their changes.

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

pub use article::{Article, ArticleFields, ArticleFilter, ArticleStatus, Cursor, Listing};
pub use authors::Author;
pub use changes::{Change, ChangeKind};
pub use header::ArticleHeader;
pub use notes::{NewNote, Note, NoteState};
pub use pins::PinState;
pub use publications::{Publication, PublicationState};
pub use tags::{PostCursor, PostKind};
