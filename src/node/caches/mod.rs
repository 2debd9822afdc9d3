//! The node's memory. Nothing here fetches: `federation/remote` and `federation/followers_sync.rs` fill
//! these caches.

pub mod asked_hosts;
pub mod handle_lookups;
pub mod key_cache;
pub mod recently_synchronized;
pub mod refetches;
pub mod strangers;
