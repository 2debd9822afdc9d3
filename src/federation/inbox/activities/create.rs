//! `Create`, and objects without an activity: a reply to an article or comment becomes a comment.
//!
//! An embedded object is trusted only if it is the sender's own and on the sender's host. Any other object is fetched
//! from its id.

use crate::{
    base::steps,
    federation::{
        comments::receive::{receive_by_id, receive_object},
        verified_activity::VerifiedActivity,
    },
    node::{Context, error::InboxError},
    protocol::{Activity, Object, Reference},
};

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let id = activity.object_id()?;
    match own_object(activity) {
        Some(object) => {
            steps::note("object", || {
                format!(
                    "the {} in it is the sender's own, so it is believed",
                    object.kind()
                )
            });
            receive_object(object, activity, &activity.actor, ctx).await
        }
        None => {
            steps::note("object", || {
                "it is not the sender's own, so it is fetched from its own server".into()
            });
            receive_by_id(&id, activity, ctx).await
        }
    }
}

/// Returns the embedded object, if it is the sender's own.
pub(in crate::federation::inbox) fn own_object(activity: &VerifiedActivity) -> Option<Object> {
    let object = activity.payload.object.as_object()?;
    is_own(&object, activity).then_some(object)
}

/// Receives an object that some servers send without an activity.
pub(super) async fn receive_bare(
    mut activity: VerifiedActivity,
    ctx: &Context,
) -> Result<(), InboxError> {
    let object = activity.payload.raw.clone();
    activity.payload.object = Reference::Embedded(Box::new(object));
    receive(&activity, ctx).await
}

/// Returns whether a document is an object rather than an activity: it has an author, and no object of its own.
pub(in crate::federation::inbox) fn is_bare_object(activity: &Activity) -> bool {
    matches!(activity.object, Reference::Nothing)
        && activity
            .raw
            .get("attributedTo")
            .is_some_and(|owner| !owner.is_null())
}

/// Returns the author of an object that came without an activity.
pub(in crate::federation::inbox) fn author_of_bare_object(activity: &Activity) -> Option<String> {
    Object::read(activity.raw.clone())?.attributed_to
}

/// Returns whether an object is attributed to the sender and on the sender's host.
fn is_own(object: &Object, activity: &VerifiedActivity) -> bool {
    object
        .attributed_to
        .as_deref()
        .is_some_and(|owner| activity.is_actor(owner))
        && object
            .id
            .as_deref()
            .is_some_and(|id| activity.owns_host_of(id))
}
