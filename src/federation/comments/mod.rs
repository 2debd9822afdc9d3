//! A remote post becomes a comment, a reaction or a quote, changes, or stops being one.

pub mod budget;
pub mod edit;
pub mod extras;
pub mod forward;
pub mod new_comment;
mod notices;
pub mod quotes;
pub mod reactions;
pub mod receive;
pub mod text;
