//! Stores a public post as a comment.

use super::{
    budget, extras, quotes,
    text::{Content, warning_of},
};
use crate::{
    content::CommentPolicy,
    federation::{remote::requests, verified_activity::MAX_ID},
    moderation,
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        remote_actor::RemoteActor,
        target::Target,
        urls::{link_or_id, same_origin_text},
    },
    protocol::Object,
    store::{self, CommentAdmission, CommentState, NewComment, Severity, Tx},
};

/// Checks whether a post may become a comment. Returns the admin's rules and the stored state of the post.
///
/// # Errors
/// [`InboxError::Dropped`] if the author is blocked, the post was deleted, or its id is too long.
pub async fn admit(
    tx: &mut Tx,
    object: &Object,
    author: &RemoteActor,
    ctx: &Context,
) -> Result<CommentAdmission, InboxError> {
    let (id, row) = (object.id.as_deref().unwrap_or_default(), &author.row);
    if id.len() > MAX_ID {
        return Err(InboxError::Dropped(DropReason::IdTooLong));
    }
    let admission = tx.comment_admission(id, &row.uri, &row.host).await?;
    if admission.severity == Severity::Block || !ctx.allows(&row.host) {
        return Err(InboxError::Dropped(DropReason::CommentAuthorBlocked));
    }
    if admission.is_deleted {
        Err(InboxError::Dropped(DropReason::CommentDeleted))
    } else {
        Ok(admission)
    }
}

/// Returns whether an object of this type can be a comment. Unknown types can; actors, activities, collections and
/// tombstones can't.
pub fn can_be_comment(kind: &str) -> bool {
    !matches!(
        kind,
        "Person"
            | "Group"
            | "Organization"
            | "Service"
            | "Application"
            | "Tombstone"
            | "Collection"
            | "OrderedCollection"
            | "CollectionPage"
            | "OrderedCollectionPage"
            | "Create"
            | "Update"
            | "Delete"
            | "Undo"
            | "Follow"
            | "Accept"
            | "Reject"
            | "Announce"
            | "Like"
            | "Flag"
            | "Block"
            | "Move"
            | "Add"
            | "Remove"
            | "Relationship"
    )
}

/// Stores an accepted public post as a comment on `target`. Returns its state, or `None` if it is already stored. A
/// comment that had only vanished returns to its former position.
///
/// # Errors
/// [`InboxError::Dropped`] if the article does not accept it or it is empty; [`InboxError::Later`] if the author's
/// storage budget is spent for now.
pub async fn store_comment(
    tx: &mut Tx,
    object: &Object,
    content: Content,
    author: &RemoteActor,
    target: &Target,
    admission: CommentAdmission,
    ctx: &Context,
) -> Result<Option<CommentState>, InboxError> {
    if admission.is_here && admission.absent_id.is_none() {
        return Ok(None);
    }
    let policy =
        moderation::policy::check_comment_policy(tx, ctx, &target.article, author.row.id).await?;
    let mut comment = to_comment(object, content, author, target, ctx);
    comment.author_handle = author.handle_now(tx, ctx).await?;
    if policy == CommentPolicy::Moderated {
        comment.state = CommentState::Held;
        comment.reason = Some("waits for approval".to_owned());
    }
    if admission.severity == Severity::Hold {
        comment.state = CommentState::Held;
        comment.reason = Some("comments from there are held".to_owned());
    }
    comment.extras = extras::of(tx, object, &comment.content, &author.row.uri).await?;
    if comment.content.is_empty() && comment.extras.is_none() {
        return Err(InboxError::Dropped(DropReason::EmptyComment));
    }
    budget::charge(&mut comment, &author.row.uri, ctx).await?;
    let check = moderation::classify(tx, &mut comment, author, target, admission, ctx).await?;
    let added = match admission.absent_id {
        Some(id) => {
            // The admin was already notified of it. Notify again only if it needs a decision.
            comment.notify_pending &= comment.state != CommentState::Visible;
            tx.restore_comment(id, &comment).await?.then_some(id)
        }
        None => {
            let article = comment.article_id;
            let number = ctx.store.next_comment_number(tx, article).await?;
            tx.add_comment(&comment, number).await?
        }
    };
    check.store(tx, added).await?;
    if added.is_some() && comment.replies.is_some() {
        requests::write(tx).await?;
    }
    if added.is_some() {
        follow_up(tx, object, author, target, comment.state, ctx).await?;
    }
    Ok(added.map(|_| comment.state))
}

fn to_comment(
    object: &Object,
    content: Content,
    author: &RemoteActor,
    target: &Target,
    ctx: &Context,
) -> NewComment {
    let id = object.id.clone().unwrap_or_default();
    let now = store::now();
    NewComment {
        article_id: target.article.id,
        parent_id: target.comment_id(),
        url: Some(link_or_id(
            object.url.as_deref().filter(|url| url.len() <= MAX_ID),
            &id,
        )),
        uri: id,
        actor_id: Some(author.row.id),
        author_name: author.row.name.clone(),
        author_handle: author.handle(),
        author_url: Some(author.link()),
        content: content.html.into_string(),
        content_warning: warning_of(object),
        language: content.language,
        state: CommentState::Visible,
        reason: None,
        published_at: object
            .published
            .map_or(now, |time| time.timestamp_millis().min(now)),
        updated_at: object.updated.map(|time| time.timestamp_millis().min(now)),
        replies: replies_of(object, now, ctx),
        caused_by: requests::root(),
        guest: None,
        extras: None,
        score: None,
        score_reasons: None,
        text_hash: None,
        notify_pending: ctx.config.notifies_admin(),
        signin_required: object.requires_signin,
    }
}

/// Returns the id of the post's `replies` collection and the time of the first crawl. A collection on another host is
/// ignored.
fn replies_of(object: &Object, now: i64, ctx: &Context) -> Option<(String, i64)> {
    let config = &ctx.config.conversations;
    let id = object.id.as_deref()?;
    let replies = object.replies.clone().filter(|_| config.fetch)?;
    (replies.len() <= MAX_ID && same_origin_text(&replies, id))
        .then(|| (replies, now + config.first_crawl.milliseconds()))
}

/// Stores the quote of another article in a new comment, if it has one, and schedules rechecks of the comment and its
/// author.
async fn follow_up(
    tx: &mut Tx,
    object: &Object,
    author: &RemoteActor,
    target: &Target,
    state: CommentState,
    ctx: &Context,
) -> Result<(), InboxError> {
    let is_visible = state == CommentState::Visible;
    if is_visible || state == CommentState::Held {
        quotes::receive_in_comment(object, author, &target.article, is_visible, tx, ctx).await?;
    }
    let first = store::now() + ctx.config.conversations.first_recheck.milliseconds();
    let id = object.id.as_deref().unwrap_or_default();
    for uri in [id, &author.row.uri] {
        tx.add_recheck(uri, &author.row.host, first).await?;
    }
    Ok(())
}
