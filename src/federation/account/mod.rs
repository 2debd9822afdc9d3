//! Changes of local actors: follow requests, migration, key rotation, deletion, the end of the publication and
//! the change of its domain.

pub mod closing;
pub mod deletion;
pub mod domain_move;
pub mod follow_requests;
pub mod key_rotation;
pub mod migration;
