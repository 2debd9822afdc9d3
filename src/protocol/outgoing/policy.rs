//! Interaction policies of our posts and actors.

use crate::protocol::PUBLIC;
use serde_json::{Value, json};

/// The policy for replies to a post.
#[derive(Debug, Clone, Copy)]
pub enum ReplyPolicy<'a> {
    Everyone,
    /// Everyone, but each reply needs the admin's approval.
    Reviewed,
    /// One actor, or a collection of them.
    Only(&'a str),
}

/// Returns a post's `interactionPolicy` (GoToSocial), with `canQuote` (FEP-044f).
///
/// "Nobody" is expressed by the `author` alone, since servers treat an empty list as a missing one and apply their own
/// default.
pub(crate) fn interaction_policy(author: &str, may_reply: ReplyPolicy, may_quote: &str) -> Value {
    let only = |whom: &str| json!({"automaticApproval": [whom], "manualApproval": []});
    let replies = match may_reply {
        ReplyPolicy::Everyone => only(PUBLIC),
        ReplyPolicy::Reviewed => json!({"automaticApproval": [author], "manualApproval": [PUBLIC]}),
        ReplyPolicy::Only(whom) => only(whom),
    };
    json!({
        "canLike": only(PUBLIC),
        "canAnnounce": only(PUBLIC),
        "canReply": replies,
        "canQuote": only(may_quote),
    })
}

/// Returns the policy for adding a local actor to collections (FEP-7aa9). `whom` is everyone, a collection of actors, or
/// the actor itself, which means nobody.
pub(crate) fn feature_policy(whom: &str) -> Value {
    json!({"canFeature": {"automaticApproval": [whom]}})
}
