//! Actors and posts of other servers: fetched, cached, confirmed.

pub mod actors;
pub mod backfill_queue;
pub mod fetch;
pub mod fetch_permits;
pub mod key_cache;
pub mod remote_interaction;
pub mod remote_posts;
pub mod requests;
pub mod unsigned_fetch;
pub mod webfinger;
