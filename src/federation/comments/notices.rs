//! Receives posts that do not become comments. They may quote an article, belong to a thread elsewhere, or become a
//! notice for the admin.

use super::{quotes, text::Content};
use crate::{
    base::steps,
    content::clean_line,
    federation::remote::backfill_queue::{self, Referrer},
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        notices::{self, NoticeEvent},
        remote_actor::RemoteActor,
        urls::resolve,
    },
    protocol::Object,
    store::{Conn, LookupPriority, NoticeKind, Tx},
};

/// The maximum length of the text in a notice, in characters.
const MAX_NOTICE: usize = 1000;
/// The maximum number of addresses from other software that are looked up for one post.
const MAX_LOOKED_UP: usize = 20;

/// Receives a post that is not public. It becomes a notice for the admin, and is never shown on a page.
pub(super) async fn receive_private(
    object: &Object,
    content: &Content,
    author: &RemoteActor,
    is_reply: bool,
    mut tx: Tx,
    ctx: &Context,
) -> Result<(), InboxError> {
    if !is_reply && !concerns_us(object, &mut tx, ctx).await? {
        forget_notice(object, author, tx).await?;
        return Err(InboxError::Dropped(DropReason::UnrelatedPrivatePost));
    }
    notify(NoticeKind::Private, object, content, author, tx, ctx).await
}

/// Processes a public post that does not reply to an article or comment. It may quote an article; if it replies to a
/// post elsewhere, its thread is looked up; if it only mentions us, it becomes a notice.
pub(super) async fn receive_unrelated(
    object: &Object,
    content: &Content,
    referrer: &Referrer,
    author: &RemoteActor,
    mut tx: Tx,
    ctx: &Context,
) -> Result<(), InboxError> {
    let quote = match quotes::target_of(&mut tx, object, ctx).await? {
        Some(article) => quotes::receive(object, author, &article, &mut tx, ctx).await,
        None => Err(InboxError::Dropped(DropReason::UnrelatedPost)),
    };
    let is_queued = queue_thread(object, referrer, &mut tx, ctx).await?;
    match quote {
        Err(InboxError::Dropped(_)) if concerns_us(object, &mut tx, ctx).await? => {
            return notify(NoticeKind::Mention, object, content, author, tx, ctx).await;
        }
        Err(InboxError::Dropped(_)) if is_queued => {
            steps::note("effect", || {
                "its thread would be looked up later: it may lead to an article".into()
            });
        }
        Err(InboxError::Dropped(reason)) => {
            forget_notice(object, author, tx).await?;
            return Err(InboxError::Dropped(reason));
        }
        other => {
            other?;
            steps::note("effect", || {
                "it would be stored as a quote of an article".into()
            });
        }
    }
    tx.commit().await?;
    ctx.store.wake();
    Ok(())
}

/// Queues a lookup of the thread that a post replies to elsewhere. Returns false if it is not such a reply, or threads
/// are not fetched.
///
/// # Errors
/// [`InboxError::Later`] if the queue is full.
async fn queue_thread(
    object: &Object,
    referrer: &Referrer,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<bool, InboxError> {
    let parent = object.in_reply_to.as_deref();
    let is_elsewhere = parent.is_some_and(|parent| !ctx.urls().is_ours(parent));
    match object.id.as_deref() {
        Some(id) if is_elsewhere && ctx.config.conversations.fetch => {
            backfill_queue::add(tx, id, LookupPriority::Named, None, referrer, ctx).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Notifies the admin of a post. If it has a notice already, only the notice's text is updated, since an edit or a vote
/// in its poll also arrives here.
async fn notify(
    kind: NoticeKind,
    object: &Object,
    content: &Content,
    author: &RemoteActor,
    mut tx: Tx,
    ctx: &Context,
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
        && !notices::add(&mut tx, ctx, &author.row, event).await?
    {
        return Err(InboxError::TOO_MANY_NOTICES);
    }
    steps::note("effect", || {
        format!("the admin would get a notice ({})", kind.code())
    });
    tx.commit().await?;
    Ok(())
}

/// Clears the notice of a post that no longer concerns us after an edit.
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

/// Returns whether a post is addressed to a local actor, mentions one, or replies to a note of one.
async fn concerns_us(object: &Object, conn: &mut Conn, ctx: &Context) -> Result<bool, InboxError> {
    let urls = ctx.urls();
    let replies_to_note = object
        .in_reply_to
        .as_deref()
        .is_some_and(|parent| urls.note_uid(parent).is_some());
    if replies_to_note {
        return Ok(true);
    }
    let recipients = object.recipients().map(str::to_owned);
    let mentioned = object.tags().filter_map(|tag| tag.href);
    let named: Vec<String> = recipients.chain(mentioned).collect();
    let looked_up = named
        .iter()
        .filter(|id| !urls.address_candidates(id).is_empty());
    for id in looked_up.take(MAX_LOOKED_UP) {
        let own = resolve(conn, urls, id).await?;
        if urls.actor_at(&own).is_some() {
            return Ok(true);
        }
    }
    Ok(named.iter().any(|id| urls.actor_at(id).is_some()))
}
