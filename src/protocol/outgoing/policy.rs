//! Policies of our posts and actors: who may interact with them.

use crate::protocol::PUBLIC;
use serde_json::{Value, json};

/// Who may answer a post of ours.
#[derive(Debug, Clone, Copy)]
pub enum ReplyPolicy<'a> {
    Everyone,
    /// Everyone, and the admin looks at each answer first.
    Reviewed,
    /// One actor, or a collection of them.
    Only(&'a str),
}

/// Who may do what with a post of ours: GoToSocial's `interactionPolicy`, with FEP-044f's `canQuote`.
///
/// Nobody is written as the `author` alone: an empty list is the same as none, which leaves the answer to
/// the reader.
pub fn interaction_policy(author: &str, may_reply: ReplyPolicy, may_quote: &str) -> Value {
    let only = |whom: &str| json!({"automaticApproval": [whom], "manualApproval": []});
    let answers = match may_reply {
        ReplyPolicy::Everyone => only(PUBLIC),
        ReplyPolicy::Reviewed => json!({"automaticApproval": [author], "manualApproval": [PUBLIC]}),
        ReplyPolicy::Only(whom) => only(whom),
    };
    json!({
        "canLike": only(PUBLIC),
        "canAnnounce": only(PUBLIC),
        "canReply": answers,
        "canQuote": only(may_quote),
    })
}

/// The actors who may add a local actor to a collection: everyone, a collection of actors, or only the actor itself,
/// which means nobody (FEP-7aa9).
pub fn feature_policy(whom: &str) -> Value {
    json!({"canFeature": {"automaticApproval": [whom]}})
}
