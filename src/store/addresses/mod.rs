//! Addresses that others know, of a publication that other software or another domain served before.

mod actors;
mod aliases;
mod former_hosts;
mod object_uris;

pub use actors::ActorAddresses;
