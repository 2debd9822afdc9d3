//! Addresses that others know, of a publication that other software or another domain served before.

mod aliases;
mod former_hosts;
mod object_uris;
