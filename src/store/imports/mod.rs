//! The records of what was imported from other software, and statements that store much of it at once.

mod comments;
mod notes;
mod records;

pub use comments::{CommentChange, ImportedCommentRow};
pub use records::{ImportKind, ImportRecord};
