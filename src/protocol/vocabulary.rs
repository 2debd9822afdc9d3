//! Names that ActivityPub and ActivityStreams define.

/// The media type of ActivityPub documents (ActivityPub 3.2 names the other one).
pub const ACTIVITY_JSON: &str = "application/activity+json";

/// The public collection: everyone (ActivityPub 5.6).
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// Whether an audience entry means everyone, in any spelling in use.
pub fn is_public(audience: &str) -> bool {
    matches!(audience, PUBLIC | "as:Public" | "Public")
}
