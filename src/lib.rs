//! Pamphlet: a publishing node for the fediverse. ARCHITECTURE.md has a map of the code.

mod adoption;
mod background;
mod backup;
mod base;
pub mod cli;
pub mod config;
pub mod content;
pub mod crypto;
#[doc(hidden)]
pub mod entry_points;
mod exporting;
pub mod federation;
pub mod guests;
mod http_client;
pub mod i18n;
mod importing;
mod mail;
pub mod media;
pub mod moderation;
pub mod node;
mod protocol;
mod publishing;
pub mod quota;
mod search;
pub mod spam;
pub mod store;
pub mod web;
