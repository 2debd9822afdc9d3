//! `QuoteRequest`: an actor asks to quote an article (FEP-044f). The article's policy decides.

use crate::{
    base::steps,
    federation::{
        comments::quotes,
        objects::{
            documents,
            response_size::{self, SizeLimit},
        },
        remote::{actors, fetch_object::fetch_object},
        verified_activity::VerifiedActivity,
    },
    node::{Context, drop_reason::DropReason, error::InboxError, local_actors::LocalActor},
    protocol::{Object, OutgoingActivity, same_id},
    store::{self, NewActivity},
};
use serde_json::{Value, json};

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    check(activity)?;
    let (actor, post_id) = (&activity.actor, post_id(activity)?);
    let size_limit = activity.room_for_response(ctx).await?;
    // Fetch before the transaction, because other writers wait for it.
    let post = post(activity, &post_id, ctx).await?;
    let mut tx = activity.begin(ctx).await?;
    let quoted = activity.object_id()?;
    let Some(article) = quotes::find_article(&mut tx, &quoted, ctx).await? else {
        return Err(InboxError::Dropped(DropReason::QuoteOfUnknownObject));
    };
    if let Some(post) = &post
        && !quotes::quotes_article(post, &article, &mut tx, ctx).await?
    {
        return Err(InboxError::Dropped(DropReason::QuoteRequestMismatch));
    }
    let Some(author) = quotes::author_of(&article, &mut tx, ctx).await? else {
        return Err(InboxError::Dropped(DropReason::QuoteOfUnknownObject));
    };
    let response = match quotes::admit(&article, &author, actor, &post_id, &mut tx, ctx).await? {
        Some(uid) => {
            if let Some(post) = post.filter(Object::is_public) {
                quotes::show(&article, actor, &post, &mut tx, ctx).await?;
            }
            response(
                activity,
                "Accept",
                Some(ctx.urls().quote(&uid)),
                &author,
                size_limit,
                ctx,
            )?
        }
        None => response(activity, "Reject", None, &author, size_limit, ctx)?,
    };
    steps::note("effect", || {
        format!("the quote would be answered with {}", response.kind)
    });
    let destination = actors::destination_of(&actor.row, ctx, &mut tx).await?;
    let response_id = tx.add_activity(&response).await?;
    tx.enqueue_to(response_id, destination).await?;
    tx.commit().await?;
    ctx.store.wake();
    Ok(())
}

fn check(activity: &VerifiedActivity) -> Result<(), InboxError> {
    activity.object_id()?;
    let post = post_id(activity)?;
    if activity.owns_host_of(&post) {
        Ok(())
    } else {
        Err(InboxError::forbidden(
            "the quoting post is on another host than its actor",
        ))
    }
}

/// Returns the id of the quoting post.
fn post_id(activity: &VerifiedActivity) -> Result<String, InboxError> {
    activity.instrument_id("the request names no quoting post")
}

/// Returns the quoting post, embedded or fetched from its host. Returns `None` if it can't be fetched: some servers
/// publish it only after the response.
///
/// # Errors
/// [`InboxError::Dropped`] if the post is not the actor's.
async fn post(
    activity: &VerifiedActivity,
    id: &str,
    ctx: &Context,
) -> Result<Option<Object>, InboxError> {
    let is_own = |post: &Object| {
        let (post_id, owner) = (post.id.as_deref(), post.attributed_to.as_deref());
        post_id.is_some_and(|post_id| same_id(post_id, id))
            && owner.is_some_and(|owner| activity.is_actor(owner))
    };
    if let Some(embedded) = activity.payload.instrument.as_object().filter(is_own) {
        return Ok(Some(embedded));
    }
    match fetch_object(id, ctx).await {
        Ok(post) if is_own(&post) => Ok(Some(post)),
        Ok(_) => Err(InboxError::Dropped(DropReason::QuoteRequestForForeignPost)),
        Err(error @ (InboxError::Store(_) | InboxError::Busy(_))) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Returns the `Accept` or `Reject`. It repeats the request, or only its id if the whole would exceed the size limit.
fn response(
    activity: &VerifiedActivity,
    kind: &'static str,
    result: Option<String>,
    author: &LocalActor,
    size_limit: SizeLimit,
    ctx: &Context,
) -> Result<NewActivity, InboxError> {
    let request = json!({
        "id": activity.id,
        "type": "QuoteRequest",
        "actor": activity.actor.row.uri,
        "object": activity.object_id()?,
        "instrument": post_id(activity)?,
    });
    let respond = |object| response_about(activity, object, kind, result.clone(), author, ctx);
    size_limit
        .first_fitting([request, json!(activity.id)], respond)
        .ok_or(response_size::TOO_LARGE)
}

fn response_about(
    activity: &VerifiedActivity,
    object: Value,
    kind: &'static str,
    result: Option<String>,
    author: &LocalActor,
    ctx: &Context,
) -> NewActivity {
    let uid = store::new_uid();
    let response = OutgoingActivity {
        id: ctx.urls().activity_of(&author.uri, &uid),
        kind,
        actor: author.uri.clone(),
        published: None,
        to: vec![activity.actor.row.uri.clone()],
        cc: Vec::new(),
        object,
        more: result
            .map(|result| ("result".to_owned(), json!(result)))
            .into_iter()
            .collect(),
    };
    let document = serde_json::to_value(&response).unwrap_or(Value::Null);
    NewActivity {
        uid,
        local_actor_id: author.row.id,
        kind,
        object_uri: activity.id.to_string(),
        body: documents::about_quotes(&document),
        public: false,
    }
}
