//! The wire: ActivityStreams documents, read leniently and written strictly.

mod dates;
mod id;
mod incoming;
mod json;
mod json_ld;
mod lenient;
mod links;
mod outgoing;
mod repair;
mod vocabulary;

pub use dates::{rfc3339, rfc3339_millis};
pub use id::{canonical_escapes, canonical_id, is_address, same_id};
pub use incoming::*;
pub use json::{JsonError, parse};
pub use json_ld::{ContextError, check_terms};
pub use outgoing::*;
pub use repair::repair;
pub use vocabulary::{ACTIVITY_JSON, PUBLIC, is_public};
