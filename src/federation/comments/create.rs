//! `Create`, and objects that come bare: a reply to an article or to a comment becomes a comment.
//!
//! An embedded object is believed only if it is the sender's own and on the sender's host; any other
//! is fetched from its id.

use super::{
    budget, extras, forward, quote,
    text::{Content, content_of},
};
use crate::{
    content::{CommentPolicy, Html, clean_line},
    federation::{
        objects::approvals,
        remote::{
            actors,
            backfill_queue::{self, Referrer},
            fetch,
            fetch_error::FetchError,
            requests, strangers,
        },
        verified_activity::{MAX_ID, Received, handles},
    },
    moderation,
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        notices::{self, NoticeEvent},
        remote_actor::RemoteActor,
        target::{self, Target},
        urls::{link_or_id, same_origin_text},
    },
    protocol::{Activity as Wire, Object, Reference},
    store::{
        self, CommentAdmission, CommentState, LookupPriority, NewComment, NoticeKind, Severity, Tx,
    },
};

handles!(
    /// Something new.
    Create
);

/// Longest content warning, in characters.
const MAX_WARNING: usize = 300;
/// Longest text in a notice, in characters.
const MAX_NOTICE: usize = 1000;

/// What makes a document an object rather than an activity.
pub fn is_bare_object(activity: &Wire) -> bool {
    matches!(activity.object, Reference::Nothing)
        && activity
            .raw
            .get("attributedTo")
            .is_some_and(|owner| !owner.is_null())
}

/// Who sent an object that came bare.
pub fn author_of_bare(activity: &Wire) -> Option<String> {
    Object::read(activity.raw.clone())?.attributed_to
}

impl Create {
    /// An object without an activity around it, which some servers send.
    pub fn of_bare(mut received: Received) -> Self {
        let object = received.activity.raw.clone();
        received.activity.object = Reference::Embedded(Box::new(object));
        Create(received)
    }

    async fn check(&self, _: &Context) -> Result<(), InboxError> {
        self.0.object_id().map(drop)
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        match self.0.activity.object.as_object() {
            Some(object) if is_senders_own(&object, &self.0) => {
                receive_object(object, &self.0, &self.0.actor, data).await
            }
            _ => receive_from_its_id(&self.0.object_id()?, &self.0, data).await,
        }
    }
}

fn is_senders_own(object: &Object, received: &Received) -> bool {
    object
        .attributed_to
        .as_deref()
        .is_some_and(|owner| received.is_actor(owner))
        && object
            .id
            .as_deref()
            .is_some_and(|id| received.owns_host_of(id))
}

/// Fetches an object, and receives it as its author's, whoever told us of it.
pub async fn receive_from_its_id(
    id: &str,
    received: &Received,
    data: &Context,
) -> Result<(), InboxError> {
    let mut conn = data.store.read().await?;
    if conn.comment_by_uri(id).await?.is_some() && !conn.has_only_vanished(id).await? {
        return Err(InboxError::Dropped(DropReason::CommentAlreadyStored));
    }
    drop(conn);
    let object = fetch_object(id, data).await?;
    let (Some(id), Some(author)) = (&object.id, &object.attributed_to) else {
        return Err(InboxError::Dropped(DropReason::MissingIdOrAuthor));
    };
    if !same_origin_text(id, author) {
        return Err(InboxError::Dropped(DropReason::AuthorOnOtherHost));
    }
    if received.is_actor(author) {
        return receive_object(object, received, &received.actor, data).await;
    }
    let author = match actors::get(author, data).await {
        Ok(author) => author,
        Err(error @ (InboxError::Later(_) | InboxError::Busy(_) | InboxError::Store(_))) => {
            return Err(error);
        }
        Err(_) => return Err(InboxError::Dropped(DropReason::AuthorUnavailable)),
    };
    let process = Box::pin(receive_object(object, received, &author, data));
    strangers::charged(&author, data, process).await
}

/// An object as its own host has it.
pub async fn fetch_object(id: &str, data: &Context) -> Result<Object, InboxError> {
    match fetch::document(id, data).await {
        Ok(value) => Object::read(value).ok_or(InboxError::Dropped(DropReason::UnreadableObject)),
        Err(FetchError::Unreachable { reason, .. }) => Err(InboxError::Later(reason)),
        Err(FetchError::Busy { reason, .. }) => Err(InboxError::Busy(reason)),
        Err(_) => Err(InboxError::Dropped(DropReason::ObjectUnconfirmed)),
    }
}

/// Processes an object that is verified to be `author`'s. The sender's own object inherits its activity's addressing
/// if it has none.
pub async fn receive_object(
    mut object: Object,
    received: &Received,
    author: &RemoteActor,
    data: &Context,
) -> Result<(), InboxError> {
    if !is_text(object.kind()) {
        return Err(InboxError::Dropped(DropReason::ObjectNotText));
    }
    if author.row.id == received.actor.row.id {
        object.inherit_from(&received.activity);
    }
    let id = object.id.clone().unwrap_or_default();
    // Before the transaction, which others wait for.
    let content = content_of(&object, data).await;
    budget::know(author, data).await?;
    let referrer = Referrer::of(&received.actor.row.uri, &received.sender_host, data).await?;
    let mut tx = received.begin(data).await?;
    author.store_in(&mut tx).await?;
    let gate = refuse_unwanted(&mut tx, &object, author, data).await?;
    let target = match &object.in_reply_to {
        Some(parent) => target::find(&mut tx, data.urls(), parent).await?,
        None => None,
    };
    if !object.is_public() {
        return receive_private(&object, &content, author, target.is_some(), tx, data).await;
    }
    let Some(target) = target else {
        return receive_unplaced(&object, &content, &referrer, author, tx, data).await;
    };
    let kept = keep(&mut tx, &object, content, author, &target, gate, data).await?;
    let Some(state) = kept else {
        return Err(InboxError::Dropped(DropReason::CommentAlreadyStored));
    };
    let request = (received.activity.kind() == "ReplyRequest").then_some(received.id.as_str());
    if author.row.id == received.actor.row.id {
        let reply = (id.as_str(), author.row.id);
        approvals::reply_arrived(data, &mut tx, &target, reply, request, state)
            .await
            .map_err(InboxError::internal)?;
    }
    if state == CommentState::Visible {
        forward::pass_on(&mut tx, received, &target.article, &id, data).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Stores an accepted public post as a comment on `target`. Returns its state, or `None` if it is already stored. A
/// comment that was only absent returns to its former position.
///
/// # Errors
/// [`InboxError::Dropped`] if it can't be one; [`InboxError::Later`] if its author has stored enough for now.
pub async fn keep(
    tx: &mut Tx,
    object: &Object,
    content: Content,
    author: &RemoteActor,
    target: &Target,
    gate: CommentAdmission,
    data: &Context,
) -> Result<Option<CommentState>, InboxError> {
    if gate.is_here && gate.absent_id.is_none() {
        return Ok(None);
    }
    let policy = moderation::policy::let_in(tx, data, &target.article, author.row.id).await?;
    let mut comment = to_comment(object, content, author, target, data);
    comment.author_handle = author.handle_now(tx, data).await?;
    if policy == CommentPolicy::Moderated {
        comment.state = CommentState::Held;
        comment.reason = Some("waits for approval".to_owned());
    }
    if gate.severity == Severity::Hold {
        comment.state = CommentState::Held;
        comment.reason = Some("comments from there are held".to_owned());
    }
    comment.extras = extras::of(tx, object, &comment.content, &author.row.uri).await?;
    if comment.content.is_empty() && comment.extras.is_none() {
        return Err(InboxError::Dropped(DropReason::EmptyComment));
    }
    budget::charge(&mut comment, &author.row.uri, data).await?;
    let check = moderation::weigh(tx, &mut comment, author, target, gate, data).await?;
    let added = match gate.absent_id {
        Some(id) => {
            // The admin already knows it, unless it needs a decision.
            comment.notify_pending &= comment.state != CommentState::Visible;
            tx.restore_comment(id, &comment).await?.then_some(id)
        }
        None => {
            let article = comment.article_id;
            let number = data.store.next_comment_number(tx, article).await?;
            tx.add_comment(&comment, number).await?
        }
    };
    check.note(tx, added).await?;
    if added.is_some() && comment.replies.is_some() {
        requests::write(tx).await?;
    }
    if added.is_some() {
        follow_up(tx, object, author, target, comment.state, data).await?;
    }
    Ok(added.map(|_| comment.state))
}

/// Processes the side effects of a new comment: a possible quote of another article, and rechecks.
async fn follow_up(
    tx: &mut Tx,
    object: &Object,
    author: &RemoteActor,
    target: &Target,
    state: CommentState,
    data: &Context,
) -> Result<(), InboxError> {
    let is_visible = state == CommentState::Visible;
    if is_visible || state == CommentState::Held {
        quote::receive_in_comment(object, author, &target.article, is_visible, tx, data).await?;
    }
    let first = store::now() + data.config.conversations.first_recheck.milliseconds();
    let id = object.id.as_deref().unwrap_or_default();
    for uri in [id, &author.row.uri] {
        tx.add_recheck(uri, &author.row.host, first).await?;
    }
    Ok(())
}

/// Refuses what a blocked author wrote, and what its author deleted before; what else stands against it.
pub async fn refuse_unwanted(
    tx: &mut Tx,
    object: &Object,
    author: &RemoteActor,
    data: &Context,
) -> Result<CommentAdmission, InboxError> {
    let (id, row) = (object.id.as_deref().unwrap_or_default(), &author.row);
    if id.len() > MAX_ID {
        return Err(InboxError::Dropped(DropReason::IdTooLong));
    }
    let gate = tx.comment_admission(id, &row.uri, &row.host).await?;
    if gate.severity == Severity::Block || !data.allows(&row.host) {
        return Err(InboxError::Dropped(DropReason::CommentAuthorBlocked));
    }
    match gate.is_deleted {
        true => Err(InboxError::Dropped(DropReason::CommentDeleted)),
        false => Ok(gate),
    }
}

/// Whether a type can be a comment: whatever people write, also in types that are not known here, but no
/// actor, activity, collection or remains of something.
pub fn is_text(kind: &str) -> bool {
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

fn to_comment(
    object: &Object,
    content: Content,
    author: &RemoteActor,
    target: &Target,
    data: &Context,
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
        replies: replies_of(object, now, data),
        caused_by: requests::root(),
        guest: None,
        extras: None,
        score: None,
        score_reasons: None,
        text_hash: None,
        notify_pending: data.config.notifies_admin(),
        signin_required: object.requires_signin,
    }
}

/// Where the answers to it are looked for, and when first: on its own host alone.
fn replies_of(object: &Object, now: i64, data: &Context) -> Option<(String, i64)> {
    let config = &data.config.conversations;
    let id = object.id.as_deref()?;
    let replies = object.replies.clone().filter(|_| config.fetch)?;
    (replies.len() <= MAX_ID && same_origin_text(&replies, id))
        .then(|| (replies, now + config.first_crawl.milliseconds()))
}

/// The content warning: the `summary` of a note.
pub fn warning_of(object: &Object) -> Option<String> {
    object
        .summaries()
        .map(|summary| clean_line(&Html::from_remote(summary).to_text(), MAX_WARNING))
        .find(|warning| !warning.is_empty())
}

/// A private answer is for the admin's eyes, never for the page.
async fn receive_private(
    object: &Object,
    content: &Content,
    author: &RemoteActor,
    is_reply: bool,
    tx: Tx,
    data: &Context,
) -> Result<(), InboxError> {
    if !is_reply && !concerns_us(object, data) {
        forget_notice(object, author, tx).await?;
        return Err(InboxError::Dropped(DropReason::UnrelatedPrivatePost));
    }
    notify(NoticeKind::Private, object, content, author, tx, data).await
}

/// Processes a post that is no reply to anything here. It may quote an article; if it is a reply to something
/// elsewhere, its thread is looked up; if it only mentions us, it becomes a notice.
async fn receive_unplaced(
    object: &Object,
    content: &Content,
    referrer: &Referrer,
    author: &RemoteActor,
    mut tx: Tx,
    data: &Context,
) -> Result<(), InboxError> {
    let refusal = match quote::target_of(&mut tx, object, data).await? {
        Some(article) => quote::receive(object, author, &article, &mut tx, data).await,
        None => Err(InboxError::Dropped(DropReason::UnrelatedPost)),
    };
    let is_noted = note_place(object, referrer, &mut tx, data).await?;
    match refusal {
        Err(InboxError::Dropped(_)) if concerns_us(object, data) => {
            return notify(NoticeKind::Mention, object, content, author, tx, data).await;
        }
        Err(InboxError::Dropped(_)) if is_noted => {}
        Err(InboxError::Dropped(reason)) => {
            forget_notice(object, author, tx).await?;
            return Err(InboxError::Dropped(reason));
        }
        other => other?,
    }
    tx.commit().await?;
    data.store.wake();
    Ok(())
}

/// Empties the notice of a post that was about us and, as its author left it, is no longer.
async fn forget_notice(
    object: &Object,
    author: &RemoteActor,
    mut tx: Tx,
) -> Result<(), InboxError> {
    let id = object.id.as_deref().unwrap_or_default();
    if tx.author_of_noticed(id).await?.is_some() {
        tx.clear_notices_of_post(id, &author.row.uri).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Queues a lookup of a reply's thread elsewhere. Returns false if it is no such reply.
///
/// # Errors
/// [`InboxError::Later`] if there is no room.
async fn note_place(
    object: &Object,
    referrer: &Referrer,
    tx: &mut Tx,
    data: &Context,
) -> Result<bool, InboxError> {
    let parent = object.in_reply_to.as_deref();
    let is_elsewhere = parent.is_some_and(|parent| !data.urls().is_ours(parent));
    match object.id.as_deref() {
        Some(id) if is_elsewhere && data.config.conversations.fetch => {
            backfill_queue::add(tx, id, LookupPriority::Named, None, referrer, data).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Notifies the admin of a post that becomes no comment: once, however often it is edited or voted in.
async fn notify(
    kind: NoticeKind,
    object: &Object,
    content: &Content,
    author: &RemoteActor,
    mut tx: Tx,
    data: &Context,
) -> Result<(), InboxError> {
    let (uri, id) = (&author.row.uri, object.id.as_deref());
    let text = clean_line(&content.html.to_text(), MAX_NOTICE);
    let text = format!("{}: {text}", author.handle());
    let event = NoticeEvent {
        kind,
        object: id,
        subject: None,
        text: &text,
    };
    if !tx
        .update_notice_text(uri, id.unwrap_or_default(), &text)
        .await?
        && !notices::add(&mut tx, data, &author.row, event).await?
    {
        return Err(InboxError::TOO_MANY_NOTICES);
    }
    tx.commit().await?;
    Ok(())
}

fn concerns_us(object: &Object, data: &Context) -> bool {
    let addressed = object.recipients().any(|id| names_actor(id, data));
    let answers_note = object
        .in_reply_to
        .as_deref()
        .is_some_and(|parent| data.urls().note_uid(parent).is_some());
    addressed
        || answers_note
        || object
            .tags()
            .any(|tag| tag.href.is_some_and(|href| names_actor(&href, data)))
}

fn names_actor(id: &str, data: &Context) -> bool {
    data.urls().actor_at(id).is_some()
}
