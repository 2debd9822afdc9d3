//! What the node does with the wire: fetches, verifies, receives, turns database changes into
//! activities, and delivers them.

pub mod account;
pub mod backfill;
pub mod comments;
pub mod delivery;
pub mod followers_sync;
pub mod inbox;
pub mod objects;
pub mod outbox;
pub mod remote;
pub mod verified_activity;
