//! Names that ActivityPub and ActivityStreams define.

/// The short media type of ActivityPub documents (ActivityPub 3.2).
pub(crate) const ACTIVITY_JSON: &str = "application/activity+json";

/// The public collection, which stands for everyone (ActivityPub 5.6).
pub(crate) const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// Returns whether an addressee is the public collection, in any spelling in use.
pub(crate) fn is_public(audience: &str) -> bool {
    matches!(audience, PUBLIC | "as:Public" | "Public")
}
