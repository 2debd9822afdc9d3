//! The wire form of local actors, articles, notes and activities.

pub mod activities;
pub mod approval_responses;
pub mod approvals;
pub mod articles;
pub mod content_hash;
pub mod documents;
pub mod features;
pub mod mentions;
pub mod notes;
pub mod pictures;
pub mod replies;
pub mod response_size;
