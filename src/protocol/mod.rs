//! The wire: ActivityStreams documents, read leniently and written strictly.

mod attached;
mod check;
mod collections;
mod dates;
mod id;
mod incoming;
mod json;
mod lenient;
mod links;
mod note;
mod outgoing;
mod repair;
mod strangers;
mod text;

pub use attached::{Attachment, CustomEmoji, Poll, custom_emoji};
pub use check::{ContextError, check_terms};
pub use collections::{Items, embedded_parents};
pub use id::{canonical_escapes, canonical_id, is_address, same_id};
pub use incoming::{Activity, ActorDocument, ActorKey, Object, Reference, Tag};
pub use json::{JsonError, parse};
pub use note::Note;
pub use outgoing::*;
pub use repair::repair;
pub use strangers::HiddenFromStrangers;
pub use text::{Format, Text};

/// The media type of ActivityPub documents (ActivityPub 3.2 names the other one).
pub const ACTIVITY_JSON: &str = "application/activity+json";

/// The public collection: everyone (ActivityPub 5.6).
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// Whether an audience entry means everyone, in any spelling in use.
pub fn is_public(audience: &str) -> bool {
    matches!(audience, PUBLIC | "as:Public" | "Public")
}
