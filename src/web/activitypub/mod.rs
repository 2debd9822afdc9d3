//! ActivityPub for other servers: documents, collections, the inboxes and discovery.

pub mod activities;
pub mod actor;
pub mod actor_collections;
pub mod article;
pub mod authorizations;
mod collections;
pub mod inbox;
pub mod note;
pub mod well_known;
