//! What the node does with the wire: fetches, verifies, receives, turns database changes into
//! activities, and delivers them.

pub mod access;
pub mod actors;
pub mod answers;
pub mod approvals;
pub mod conversations;
pub mod delivery;
pub mod documents;
pub mod erasing;
pub mod features;
pub mod fetch;
pub mod fetch_gate;
pub mod follows;
mod guard;
pub mod guests;
pub mod inbox;
pub mod interaction;
pub mod keys;
mod ld_signatures;
pub mod locals;
pub mod mentions;
pub mod moderation;
pub mod moving;
pub mod node;
pub mod notes;
pub mod notices;
pub mod outbox;
pub mod permalinks;
pub mod pictures;
pub mod plain;
pub mod posts;
pub mod proofs;
pub mod remote_posts;
pub mod replies;
pub mod retraction;
pub mod rotation;
pub mod signatures;
pub mod strangers;
pub mod synchronization;
pub mod tokens;
pub mod told;
pub mod urls;
pub mod webfinger;
pub mod work;

pub use node::{Node, NodeError};
