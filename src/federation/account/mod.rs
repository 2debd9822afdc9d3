//! Changes of local actors: follow requests, migration and key rotation.

pub mod follow_requests;
pub mod key_rotation;
pub mod migration;
