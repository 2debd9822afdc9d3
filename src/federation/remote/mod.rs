//! Actors and posts of other servers: fetched, cached, confirmed.

pub mod actors;
pub mod backfill_queue;
pub mod custom_emoji;
pub mod fetch;
pub mod fetch_error;
pub mod fetch_object;
pub mod keys;
pub mod remote_interaction;
pub mod remote_posts;
pub mod requests;
pub mod signed_client;
pub mod strangers;
pub mod unsigned_fetch;
pub mod webfinger;
