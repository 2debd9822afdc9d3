//! `Delete` of an object by its author, or of an actor by itself.

use crate::{
    base::steps,
    federation::{comments::forward::forward, verified_activity::VerifiedActivity},
    moderation::retraction,
    node::{Context, error::InboxError},
    store::{CommentState, DeletionCause},
};

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    check(activity, ctx).await?;
    let (id, actor) = (activity.object_id()?, &activity.actor.row);
    let deletion = Some(activity.id.as_str());
    let mut tx = activity.begin_without_actor(ctx).await?;
    if id == actor.uri {
        steps::note("effect", || {
            "the account and all of its comments would be removed".into()
        });
        retraction::end_actor(&mut tx, actor, DeletionCause::Account, deletion)
            .await
            .map_err(InboxError::internal)?;
        tx.commit().await?;
        ctx.forget_keys();
        return Ok(());
    }
    let comment = retraction::end_object(&mut tx, &id, actor, DeletionCause::Author, deletion)
        .await
        .map_err(InboxError::internal)?;
    steps::note("effect", || match &comment {
        Some(comment) => format!("comment {} would be removed", comment.id),
        None => "it is not here; it would be remembered as deleted".into(),
    });
    if let Some(comment) = comment.filter(|comment| comment.state == CommentState::Visible) {
        let article = tx.article_header_by_id(comment.article_id).await?;
        if let Some(article) = article {
            forward(&mut tx, activity, &article, &id, ctx).await?;
        }
    }
    tx.forget_features(activity.actor.row.id, &id).await?;
    tx.commit().await?;
    Ok(())
}

async fn check(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let (id, actor) = (activity.object_id()?, &activity.actor.row);
    if id == actor.uri {
        return Ok(());
    }
    let mut conn = ctx.store.read().await?;
    match conn.comment_by_uri(&id).await? {
        // A deleted comment has no author to compare with.
        Some(comment)
            if comment.state != CommentState::Deleted && comment.actor_id != Some(actor.id) =>
        {
            return Err(InboxError::forbidden(
                "only its author can delete a comment",
            ));
        }
        Some(_) => return Ok(()),
        None => {}
    }
    let notice_author = conn.author_of_noticed(&id).await?;
    let is_foreign = notice_author.is_some_and(|author| author != actor.uri);
    if is_foreign || !activity.owns_host_of(&id) || conn.remote_actor(&id).await?.is_some() {
        return Err(InboxError::forbidden(
            "the object is not the actor's to delete",
        ));
    }
    Ok(())
}
