//! Pamphlet: a publishing node for the fediverse. See ARCHITECTURE.md for the plan of the house.

pub mod base;
pub mod cli;
pub mod config;
pub mod content;
#[doc(hidden)]
pub mod entry_points;
pub mod federation;
pub mod mail;
pub mod media;
pub mod protocol;
pub mod quota;
pub mod store;
pub mod web;
