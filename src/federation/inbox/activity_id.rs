//! The id of an activity, and the receipt that makes a repetition of it known.

use crate::{
    crypto::signatures::{self, BodyDigest, Unverified},
    node::{Context, error::InboxError, urls::same_origin},
    protocol::{Activity, canonical_id},
};
use url::Url;

/// Returns an activity's id, which must be on its actor's host. An activity without an id, such as the `Undo` of some
/// servers, gets one that is derived from its body.
///
/// # Errors
/// [`InboxError::Malformed`] if the id is not a URL; [`InboxError::Forbidden`] if it is on another host or too long.
pub(super) fn activity_id(
    activity: &Activity,
    actor: &Url,
    body: &[u8],
    ctx: &Context,
) -> Result<Url, InboxError> {
    let Some(id) = &activity.id else {
        if activity.raw.get("id").is_some_and(|id| !id.is_null()) {
            return Err(InboxError::malformed("the activity's id is not a URL"));
        }
        let mut derived = actor.clone();
        derived.set_fragment(Some(&BodyDigest::of(body).digest_value()));
        return Ok(derived);
    };
    let id = Url::parse(id).map_err(|_| InboxError::malformed("the activity's id is not a URL"))?;
    let is_theirs = same_origin(&id, actor) || is_undo_of_unanswered_follow(activity, &id, ctx);
    if is_theirs && id.as_str().len() <= signatures::MAX_KEY_ID {
        Ok(id)
    } else {
        Err(InboxError::forbidden(
            "the activity's id is on another host than its actor",
        ))
    }
}

/// Returns whether this is snac's `Undo` of a follow that was never answered. It names the followed actor, and its id
/// is derived from that actor's.
fn is_undo_of_unanswered_follow(activity: &Activity, id: &Url, ctx: &Context) -> bool {
    let undone = activity.object.id();
    activity.kind() == "Undo"
        && ctx.urls().is_ours(id.as_str())
        && undone.is_some_and(|undone| {
            // Whether an address from other software is an actor's is not looked up yet: nothing else is undone by it.
            ctx.urls().actor_at(&undone).is_some()
                || !ctx.urls().address_candidates(&undone).is_empty()
        })
}

/// Returns the key by which a repetition of an activity is recognized: its id.
///
/// Some servers (PeerTube, Pixelfed, WordPress) derive the ids of a follow and of its end from the two actors, so that
/// each is sent again under the same id after a change of mind. A repetition of these has the same signature, however
/// the header around it is written.
pub(super) fn receipt_of(activity: &Activity, id: &Url, unverified: &Unverified) -> String {
    match activity.kind() {
        "Follow" | "Undo" => {
            let digest = BodyDigest::of(unverified.signature()).digest_value();
            format!("{} {digest}", canonical_id(id.as_str()))
        }
        _ => canonical_id(id.as_str()).into_owned(),
    }
}
