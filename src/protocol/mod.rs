//! ActivityStreams documents: read leniently, written strictly.

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
pub use id::{canonical_id, is_http_url, normalize_percent_encoding, same_id};
pub use incoming::*;
pub use json::{JsonError, parse_json};
pub use json_ld::{ContextError, check_json_ld};
pub use outgoing::*;
pub use repair::repair_unicode;
pub use vocabulary::{ACTIVITY_JSON, PUBLIC, is_public};
