//! Changes of local actors: follow requests, migration, key rotation, deletion and the end of the publication.

pub mod closing;
pub mod deletion;
pub mod follow_requests;
pub mod key_rotation;
pub mod migration;
