//! Pamphlet: a publishing node for the fediverse. ARCHITECTURE.md has a map of the code.

pub mod background;
pub mod base;
pub mod cli;
pub mod config;
pub mod content;
pub mod crypto;
#[doc(hidden)]
pub mod entry_points;
pub mod federation;
pub mod guests;
pub mod http_client;
pub mod mail;
pub mod media;
pub mod moderation;
pub mod node;
pub mod protocol;
pub mod quota;
pub mod spam;
pub mod store;
pub mod web;
