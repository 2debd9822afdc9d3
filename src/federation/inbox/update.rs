//! `Update` of an actor, or of a comment by its own author. What a comment answers, and whose it is, stays.

use crate::{
    federation::{
        comments::{
            budget, create, extras, forward, quote,
            text::{Content, content_of},
        },
        remote::actors,
        verified_activity::handles,
    },
    moderation::{self, retraction},
    node::{Context, drop_reason::DropReason, error::InboxError},
    protocol::Object,
    store::{self, CommentState, DeletionCause, Edit, Tx},
};

handles!(
    /// A newer version of something.
    Update
);

impl Update {
    async fn check(&self, data: &Context) -> Result<(), InboxError> {
        let id = self.0.object_id()?;
        let known = data.store.read().await?.comment_by_uri(&id).await?;
        match known {
            // Of a comment that is a tombstone already nobody knows the author any more.
            Some(comment)
                if comment.state != CommentState::Deleted
                    && comment.actor_id != Some(self.0.actor.row.id) =>
            {
                Err(InboxError::forbidden(
                    "only its author can change a comment",
                ))
            }
            Some(comment) if comment.state != CommentState::Deleted => Ok(()),
            _ if !self.0.owns_host_of(&id) => Err(InboxError::forbidden(
                "the object is on another host than its actor",
            )),
            _ => Ok(()),
        }
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        let id = self.0.object_id()?;
        if id == self.0.actor.row.uri {
            return self.update_actor(data).await;
        }
        let object = match self.0.activity.object.as_object() {
            Some(object) => object,
            None => create::fetch_object(&id, data).await?,
        };
        let is_by_actor = |object: &Object| {
            let owner = object.attributed_to.as_deref();
            owner.is_some_and(|owner| self.0.is_actor(owner))
        };
        match data.store.read().await?.comment_by_uri(&id).await? {
            Some(comment) if comment.state != CommentState::Deleted => {
                self.update_comment(comment, &object, data).await
            }
            Some(_) if object.is_restricted() => {
                Err(InboxError::Dropped(DropReason::UpdateOfDeletedObject))
            }
            // The `Create` may have been lost or not addressed to us, or the comment was only absent.
            _ if is_by_actor(&object) => {
                if self.ends_quote(&object, data).await? {
                    return Ok(());
                }
                create::receive_object(object, &self.0, &self.0.actor, data).await
            }
            _ => Err(InboxError::Dropped(DropReason::UpdateOfUnknownObject)),
        }
    }

    /// Reads the actor from its own address, so that an old message brings nothing old back.
    async fn update_actor(&self, data: &Context) -> Result<(), InboxError> {
        if self.0.actor.stranger().is_some() {
            data.strangers.forget(&self.0.actor.row.uri);
            return Err(InboxError::Dropped(DropReason::UpdateOfUnknownActor));
        }
        match actors::refetch(&self.0.actor.row.uri, data).await {
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
        self.0.begin(data).await?.commit().await?;
        Ok(())
    }

    /// Forgets what a post quoted that no longer does. False if it still does, or never did.
    async fn ends_quote(&self, object: &Object, data: &Context) -> Result<bool, InboxError> {
        let id = object.id.as_deref().unwrap_or_default();
        let known = data.store.read().await?.find_quotes(0, id).await?;
        if known.is_empty() {
            return Ok(false);
        }
        let mut tx = data.store.begin().await?;
        let has_ended = quote::forget_if_ended(object, &self.0.actor, &mut tx, data).await?;
        tx.commit().await?;
        Ok(has_ended)
    }

    async fn update_comment(
        &self,
        comment: store::Comment,
        object: &Object,
        data: &Context,
    ) -> Result<(), InboxError> {
        let content = content_of(object, data).await;
        let mut tx = self.0.begin(data).await?;
        let author = &self.0.actor.row.uri;
        let is_shown = revise(&mut tx, &comment, object, &content, author, data).await?;
        let article = tx.article_header_by_id(comment.article_id).await?;
        let may_quote = is_shown || comment.state == CommentState::Held;
        if let Some(article) = article.as_ref().filter(|_| may_quote) {
            quote::update_in_comment(object, &self.0.actor, article, is_shown, &mut tx, data)
                .await?;
        }
        if !may_quote {
            tx.forget_quotes(self.0.actor.row.id, &comment.uri).await?;
        }
        if let Some(article) = article.filter(|_| is_shown) {
            forward::pass_on(&mut tx, &self.0, &article, &comment.uri, data).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Applies the author's edit to a comment. Returns whether readers could see the comment and still can: an edit that
/// looks like spam hides it.
///
/// # Errors
/// [`InboxError::Dropped`] if the stored version is newer, or the edit leaves nothing to read; [`InboxError::Later`] if
/// its author has stored enough for now.
pub async fn revise(
    tx: &mut Tx,
    comment: &store::Comment,
    object: &Object,
    content: &Content,
    author: &str,
    data: &Context,
) -> Result<bool, InboxError> {
    let now = store::now();
    // If the author's server sends no time, its `Update`s arrive in order: this one is newer, and so is the next.
    let updated_at = object.updated.map(|time| time.timestamp_millis().min(now));
    let is_older =
        updated_at.is_some_and(|time| comment.updated_at.is_some_and(|last| last > time));
    if comment.state == CommentState::Deleted || is_older {
        return Err(InboxError::Dropped(DropReason::OutdatedUpdate));
    }
    let (html, warning) = (content.html.as_str(), create::warning_of(object));
    let extras = extras::of(tx, object, html, author).await?;
    let is_empty = html.is_empty() && extras.is_none();
    if object.is_restricted() || is_empty {
        // Its author withdrew it from the public, or all of its words, and may publish it again.
        if let Some(author) = tx.remote_actor(author).await? {
            retraction::end_object(tx, &comment.uri, &author, DeletionCause::Absence, None)
                .await
                .map_err(InboxError::internal)?;
        }
        return Ok(comment.state == CommentState::Visible);
    }
    if html == comment.content && warning == comment.content_warning {
        // Votes in a poll, or the description of a picture: readers do not count these as edits.
        tx.set_comment_extras(comment.id, extras.as_deref(), updated_at)
            .await?;
    } else {
        let bytes = html.len() + extras.as_ref().map_or(0, String::len);
        budget::charge_edit(bytes, author, data).await?;
        tx.edit_comment(
            comment.id,
            &Edit {
                content: html,
                content_warning: warning.as_deref(),
                language: content.language.as_deref(),
                extras: extras.as_deref(),
                edited_at: updated_at.unwrap_or(now),
                updated_at,
            },
        )
        .await?;
    }
    if object.requires_signin != comment.signin_required {
        tx.set_signin_required(comment.id, object.requires_signin)
            .await?;
    }
    let (warning, extras) = (warning.as_deref(), extras.as_deref());
    let stays = moderation::weigh_again(tx, comment, warning, html, extras, data).await?;
    Ok(stays && comment.state == CommentState::Visible)
}
