//! `Add` and `Remove`: a change to an actor's collection. Dropped unless it is about a local actor's entry (FEP-7aa9).

use crate::{
    base::steps,
    federation::verified_activity::{MAX_ID, VerifiedActivity},
    node::{Context, drop_reason::DropReason, error::InboxError},
};

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let mut tx = activity.begin(ctx).await?;
    let (actor, item) = (activity.actor.row.id, activity.payload.object.id());
    let authorization = activity.payload.object.as_object();
    let authorization = authorization.and_then(|item| item.feature_authorization);
    let uid = authorization.and_then(|url| ctx.urls().feature_uid(&url));
    let item = item.filter(|item| item.len() <= MAX_ID && activity.owns_host_of(item));
    let is_known = match (activity.payload.kind(), item) {
        ("Add", Some(item)) => match uid {
            Some(uid) => tx.set_feature_item(actor, &uid, &item).await?,
            None => false,
        },
        (_, Some(item)) => {
            // The `Add` of the entry may never have arrived. Then the authorization identifies it.
            if let Some(uid) = uid {
                tx.set_feature_item(actor, &uid, &item).await?;
            }
            tx.forget_features(actor, &item).await?
        }
        (_, None) => false,
    };
    if !is_known {
        return Err(InboxError::Dropped(DropReason::ForeignCollection));
    }
    steps::note("effect", || {
        "the list of collections that feature us would change".into()
    });
    tx.commit().await?;
    Ok(())
}
