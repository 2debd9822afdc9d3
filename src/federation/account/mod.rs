//! Changes of local actors: follow requests, migration, key rotation and deletion.

pub mod deletion;
pub mod follow_requests;
pub mod key_rotation;
pub mod migration;
