//! ActivityPub for other servers: documents, collections, the inboxes and discovery.

pub(super) mod activities;
pub(super) mod actor;
pub(super) mod actor_collections;
pub(super) mod article;
pub(super) mod authorizations;
mod collections;
pub(super) mod inbox;
pub(super) mod note;
mod self_test;
pub(super) mod well_known;
