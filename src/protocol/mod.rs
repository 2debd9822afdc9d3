//! ActivityStreams documents: read leniently, written strictly.

mod address;
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

pub(crate) use address::{AddressCandidate, address_candidates, address_host, address_key};
pub(crate) use dates::parse as parse_date;
pub use id::canonical_id;
pub(crate) use id::{is_http_url, normalize_percent_encoding, same_id};
pub use incoming::*;
pub use json::parse_json;
pub use json_ld::check_json_ld;
pub(crate) use outgoing::*;
pub(crate) use repair::repair_unicode;
pub(crate) use vocabulary::{ACTIVITY_JSON, PUBLIC, is_public};
