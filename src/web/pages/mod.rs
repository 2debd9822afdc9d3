//! Pages that readers open in a browser, and the feed: from rows to views.

pub mod article;
mod authors;
pub mod feed;
pub mod lists;
pub mod note;
pub mod permalink;
pub mod reactions;
pub mod remote_interaction;
pub mod tag;
