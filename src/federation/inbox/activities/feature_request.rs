//! `FeatureRequest`: an actor asks to add a local actor to a collection (FEP-7aa9). The configuration decides. The
//! collection's owner can end the authorization with `Undo`, `Remove` or `Delete`, and the admin can revoke it.

use crate::{
    base::steps,
    config::CanFeature,
    content::clean_line,
    federation::{
        objects::{documents, features},
        remote::{actors, fetch_object::fetch_object},
        verified_activity::VerifiedActivity,
    },
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        local_actors::LocalActor,
        notices::{self, NoticeEvent},
    },
    protocol::{Object, OutgoingActivity},
    store::{self, ActorKind, NewActivity, NewFeature, NoticeKind, Tx},
};
use serde_json::{Map, json};
use std::sync::Arc;

/// The storage charged for a collection besides its id, in bytes: the row and the notice.
const ROW: usize = 1024;
/// The maximum length of a stored collection name, in characters.
const MAX_NAME: usize = 100;

/// Returns the id of the collection.
fn collection(activity: &VerifiedActivity) -> Result<String, InboxError> {
    activity.instrument_id("the request names no collection")
}

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    check(activity)?;
    let local = requested_actor(activity, ctx).await?;
    let collection = collection(activity)?;
    activity.room_for_response(ctx).await?;
    // Fetch before the transaction, because other writers wait for it.
    let name = name_of(activity, &collection, &local, ctx).await?;
    let mut tx = activity.begin(ctx).await?;
    let uid = admit(activity, &local, &collection, &name, &mut tx, ctx).await?;
    let response = response(activity, uid.as_deref(), &local, ctx);
    steps::note("effect", || {
        format!("the request would be answered with {}", response.kind)
    });
    let destination = actors::destination_of(&activity.actor.row, ctx, &mut tx).await?;
    let response_id = tx.add_activity(&response).await?;
    tx.enqueue_to(response_id, destination).await?;
    tx.commit().await?;
    ctx.store.wake();
    Ok(())
}

fn check(activity: &VerifiedActivity) -> Result<(), InboxError> {
    activity.object_id()?;
    if activity.owns_host_of(&collection(activity)?) {
        Ok(())
    } else {
        Err(InboxError::forbidden(
            "the collection is on another host than its actor",
        ))
    }
}

/// Returns the requested local actor.
async fn requested_actor(
    activity: &VerifiedActivity,
    ctx: &Context,
) -> Result<Arc<LocalActor>, InboxError> {
    const NOT_LOCAL: InboxError = InboxError::Dropped(DropReason::FeatureRequestForNonLocalActor);
    let Some(username) = ctx.actor_at(&activity.object_id()?).await? else {
        return Err(NOT_LOCAL);
    };
    let found = ctx.local_actors.by_name(&ctx.store, &username).await;
    found
        .map_err(InboxError::internal)?
        .filter(|local| local.row.kind != ActorKind::Instance)
        .ok_or(NOT_LOCAL)
}

/// Returns the collection's name for the notice, or an empty string if the request is known already or the collection
/// can't be fetched: some servers publish a collection only once it has a member.
///
/// # Errors
/// [`InboxError::Dropped`] if the collection belongs to another actor.
async fn name_of(
    activity: &VerifiedActivity,
    id: &str,
    local: &LocalActor,
    ctx: &Context,
) -> Result<String, InboxError> {
    let mut conn = ctx.store.read().await?;
    if conn.feature_in(local.row.id, id).await?.is_some() {
        return Ok(String::new());
    }
    drop(conn);
    let owner = Some(activity.actor.row.uri.as_str());
    let is_own = |collection: &Object| collection.attributed_to.as_deref() == owner;
    let embedded = activity.payload.instrument.as_object().filter(is_own);
    let collection = match embedded {
        Some(embedded) => Some(embedded),
        None => match fetch_object(id, ctx).await {
            Ok(collection) if is_own(&collection) => Some(collection),
            Ok(_) => {
                return Err(InboxError::Dropped(
                    DropReason::FeatureRequestForForeignCollection,
                ));
            }
            Err(error @ (InboxError::Store(_) | InboxError::Busy(_))) => return Err(error),
            Err(_) => None,
        },
    };
    let name = collection.as_ref().and_then(|collection| collection.name());
    Ok(clean_line(name.unwrap_or_default(), MAX_NAME))
}

/// Decides by the configuration whether a collection may list a local actor. Returns the uid of the authorization if
/// it may.
async fn admit(
    activity: &VerifiedActivity,
    local: &LocalActor,
    collection: &str,
    name: &str,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<Option<String>, InboxError> {
    let (actor, request) = (&activity.actor.row, activity.id.as_str());
    if let Some(known) = tx.feature_in(local.row.id, collection).await? {
        if known.is_revoked() || known.actor_id != actor.id {
            return Ok(None);
        }
        tx.set_feature_request(known.id, request).await?;
        return Ok(Some(known.uid));
    }
    let is_allowed = match features::allowed(ctx, local) {
        CanFeature::Everyone => true,
        CanFeature::Followers => {
            tx.follows_any_of(actor.id, [local.row.id, ctx.site_id()])
                .await?
        }
        CanFeature::Nobody => false,
    };
    if !is_allowed {
        return Ok(None);
    }
    let sender = activity.sender(ctx).await?;
    ctx.quota.charge_stored(&sender, ROW + collection.len())?;
    let uid = store::new_uid();
    tx.add_feature(&NewFeature {
        uid: &uid,
        local_actor_id: local.row.id,
        actor_id: actor.id,
        collection_uri: collection,
        name,
        request_uri: request,
    })
    .await?;
    let (requester, username) = (activity.actor.handle(), &local.row.username);
    let text = match name {
        "" => format!("{requester} put @{username} into a collection."),
        name => format!("{requester} put @{username} into the collection “{name}”."),
    };
    let subject = format!("{collection} {}", local.uri);
    let event = NoticeEvent {
        kind: NoticeKind::Feature,
        object: Some(collection),
        subject: Some(&subject),
        text: &text,
    };
    notices::add(tx, ctx, actor, event).await?;
    Ok(Some(uid))
}

/// Returns the response. Its object is the bare id of the request, by which Mastodon finds the request.
fn response(
    activity: &VerifiedActivity,
    authorization: Option<&str>,
    local: &LocalActor,
    ctx: &Context,
) -> NewActivity {
    let uid = store::new_uid();
    let kind = match authorization {
        Some(_) => "Accept",
        None => "Reject",
    };
    let result = authorization.map(|uid| ("result".to_owned(), json!(ctx.urls().feature(uid))));
    let response = OutgoingActivity {
        id: ctx.urls().activity_of(&local.uri, &uid),
        kind,
        actor: local.uri.clone(),
        published: None,
        to: vec![activity.actor.row.uri.clone()],
        cc: Vec::new(),
        object: json!(activity.id),
        more: result.into_iter().collect::<Map<_, _>>(),
    };
    NewActivity {
        uid,
        local_actor_id: local.row.id,
        kind,
        object_uri: activity.id.to_string(),
        body: documents::activity(&response, local),
        public: false,
    }
}
