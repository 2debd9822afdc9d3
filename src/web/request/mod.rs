//! Requests: their clients, bodies, origins and signed links.

pub mod body;
mod client;
mod origin;
mod signature;
pub mod signed_link;

pub use client::{ClientNetwork, Peer};
pub use origin::{is_from_private_page, is_same_origin};
pub use signature::{add_host, signed_parts};
