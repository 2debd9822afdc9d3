//! Conversations with the admin at the terminal: questions, and texts in an editor.

pub(crate) mod confirm;
pub(crate) mod editor;
pub(crate) mod hidden;
