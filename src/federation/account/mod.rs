//! What happens to a local account: follow requests, migration, key rotation.

pub mod follow_requests;
pub mod key_rotation;
pub mod migration;
