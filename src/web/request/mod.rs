//! Requests: their clients, bodies, origins and signed links.

pub(super) mod body;
mod client;
mod origin;
mod signature;
pub(super) mod signed_link;

pub(super) use client::{ClientNetwork, Peer};
pub(super) use origin::{is_from_private_page, is_same_origin};
pub(super) use signature::{add_host, path_and_query, signed_parts};
