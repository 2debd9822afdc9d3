//! Receives comments, reactions and quotes from other servers: stores, edits and forwards them, and charges their
//! authors.

pub mod admission;
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
