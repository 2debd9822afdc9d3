//! How a remote object becomes, changes or stops being a comment.

pub mod budget;
pub mod create;
pub mod extras;
pub mod forward;
pub mod quote;
pub mod reaction;
pub mod text;
