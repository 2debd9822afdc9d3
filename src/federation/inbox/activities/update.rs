//! `Update` of an actor, or of a comment by its own author. It changes neither the parent nor the author of a comment.

use crate::{
    base::steps,
    federation::{
        comments::{
            edit::apply_edit, forward::forward, quotes, receive::receive_object, text::content_of,
        },
        remote::{actors, fetch_object::fetch_object},
        verified_activity::VerifiedActivity,
    },
    node::{Context, drop_reason::DropReason, error::InboxError},
    protocol::Object,
    store::{self, CommentState},
};

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    check(activity, ctx).await?;
    let id = activity.object_id()?;
    if id == activity.actor.row.uri {
        return update_actor(activity, ctx).await;
    }
    let object = match activity.payload.object.as_object() {
        Some(object) => object,
        None => fetch_object(&id, ctx).await?,
    };
    let is_by_actor = |object: &Object| {
        let owner = object.attributed_to.as_deref();
        owner.is_some_and(|owner| activity.is_actor(owner))
    };
    match ctx.store.read().await?.comment_by_uri(&id).await? {
        Some(comment) if comment.state != CommentState::Deleted => {
            update_comment(activity, comment, &object, ctx).await
        }
        Some(_) if object.is_restricted() => {
            Err(InboxError::Dropped(DropReason::UpdateOfDeletedObject))
        }
        // The `Create` may have been lost or not addressed to us, or the comment had only vanished.
        _ if is_by_actor(&object) => {
            if ends_quote(activity, &object, ctx).await? {
                return Ok(());
            }
            receive_object(object, activity, &activity.actor, ctx).await
        }
        _ => Err(InboxError::Dropped(DropReason::UpdateOfUnknownObject)),
    }
}

async fn check(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let id = activity.object_id()?;
    let known = ctx.store.read().await?.comment_by_uri(&id).await?;
    match known {
        // A deleted comment has no author to compare with.
        Some(comment)
            if comment.state != CommentState::Deleted
                && comment.actor_id != Some(activity.actor.row.id) =>
        {
            Err(InboxError::forbidden(
                "only its author can change a comment",
            ))
        }
        Some(comment) if comment.state != CommentState::Deleted => Ok(()),
        _ if !activity.owns_host_of(&id) => Err(InboxError::forbidden(
            "the object is on another host than its actor",
        )),
        _ => Ok(()),
    }
}

/// Fetches the actor from its server, so that an old `Update` that arrives late can't restore an outdated profile.
async fn update_actor(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    if activity.actor.stranger().is_some() {
        ctx.strangers.forget(&activity.actor.row.uri);
        return Err(InboxError::Dropped(DropReason::UpdateOfUnknownActor));
    }
    match actors::refetch(&activity.actor.row.uri, ctx).await {
        Err(
            InboxError::Unverified(_)
            | InboxError::Unobtainable(_)
            | InboxError::NotFound(_)
            | InboxError::Malformed(_)
            | InboxError::Forbidden(_),
        ) => {
            return Err(InboxError::Dropped(DropReason::ActorUnconfirmed));
        }
        other => other?,
    };
    steps::note("effect", || {
        "the stored profile would be replaced by the fetched one".into()
    });
    activity.begin(ctx).await?.commit().await?;
    Ok(())
}

/// Deletes the quotes of a post that no longer quotes an article. Returns false if it still does, or never did.
async fn ends_quote(
    activity: &VerifiedActivity,
    object: &Object,
    ctx: &Context,
) -> Result<bool, InboxError> {
    let id = object.id.as_deref().unwrap_or_default();
    let known = ctx.store.read().await?.find_quotes(0, id).await?;
    if known.is_empty() {
        return Ok(false);
    }
    let mut tx = ctx.store.begin().await?;
    let has_ended = quotes::forget_if_ended(object, &activity.actor, &mut tx, ctx).await?;
    tx.commit().await?;
    Ok(has_ended)
}

/// Applies an edit to a stored comment and its quotes, and forwards the activity.
async fn update_comment(
    activity: &VerifiedActivity,
    comment: store::Comment,
    object: &Object,
    ctx: &Context,
) -> Result<(), InboxError> {
    let content = content_of(object, ctx).await;
    let mut tx = activity.begin(ctx).await?;
    let author = &activity.actor.row.uri;
    let is_shown = apply_edit(&mut tx, &comment, object, &content, author, ctx).await?;
    steps::note("effect", || {
        let state = if is_shown {
            "stays visible"
        } else {
            "is not shown"
        };
        format!("comment {} would be edited; it {state}", comment.id)
    });
    let article = tx.article_header_by_id(comment.article_id).await?;
    let may_quote = is_shown || comment.state == CommentState::Held;
    if let Some(article) = article.as_ref().filter(|_| may_quote) {
        quotes::update_in_comment(object, &activity.actor, article, is_shown, &mut tx, ctx).await?;
    }
    if !may_quote {
        tx.forget_quotes(activity.actor.row.id, &comment.uri)
            .await?;
    }
    if let Some(article) = article.filter(|_| is_shown) {
        forward(&mut tx, activity, &article, &comment.uri, ctx).await?;
    }
    tx.commit().await?;
    Ok(())
}
