//! Queues notifications: a webhook call for each new comment and notice, an email to the admin about several of them, and
//! an email to each guest whose comment got a reply.
//!
//! The inbox only marks rows as new. The notifier clears the marks in batches, in the transaction that queues the
//! messages.

use super::templates::{self, Summary, comment_page, text_of};
use crate::{
    base::{
        time::rfc3339_millis,
        wait::{self, WakeUp},
    },
    config::NoticeMail,
    node::{Node, urls::permalink_path},
    store::{
        self, CommentState, Conn, Mail, Notice, NotifiedComment, PendingNotifications, StoreError,
        Tx,
    },
};
use serde_json::{Value, json};
use std::{iter, time::Duration};
use tokio_util::sync::CancellationToken;

/// The maximum number of rows to process in one transaction.
const BATCH: i64 = 100;
/// The maximum number of comments, and of notices, that an email shows.
const MAX_SHOWN: i64 = 20;
/// The minimum time between two immediate emails, in milliseconds. Events in between share an email.
const MIN_EMAIL_INTERVAL: i64 = 60 * 1000;
/// The setting with the time of the last email.
const MAILED_AT: &str = "mailed_at";
/// The longest time between two checks: on PostgreSQL, a comment sends no signal.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The shortest time between two checks: a busy node wakes its loops hundreds of times a second.
const MIN_INTERVAL: Duration = Duration::from_millis(200);

/// The reason why notifications can't be queued.
#[derive(Debug, thiserror::Error)]
enum NotifierError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot render an email: {0}")]
    Template(minijinja::Error),
}

// The message has the cause. As a source, it would be printed twice.
impl From<minijinja::Error> for NotifierError {
    fn from(error: minijinja::Error) -> Self {
        NotifierError::Template(error)
    }
}

/// Queues notifications until `stop`.
pub(super) async fn run(node: Node, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let wake_up = WakeUp::listen(node.store.woken());
        match notify(&node).await {
            Ok(true) => {
                // Wakes the dispatcher.
                node.store.wake();
                continue;
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "cannot queue notifications, retrying"),
        }
        wait::sleep(MIN_INTERVAL, &stop).await;
        wake_up.wait(POLL_INTERVAL, &stop).await;
    }
}

/// Queues some pending notifications. Returns false if none are pending. Only one node does this at a time, so that events
/// at the same time share an email.
async fn notify(node: &Node) -> Result<bool, NotifierError> {
    let mut conn = node.store.read().await?;
    let waiting = conn.pending_notifications().await?;
    if !waiting.news && !waiting.answers && !is_email_due(node, &mut conn, &waiting).await? {
        return Ok(false);
    }
    drop(conn);
    let mut tx = node.store.begin().await?;
    if !tx.lock_notifications().await? {
        return Ok(false);
    }
    notify_admin(node, &mut tx).await?;
    notify_guests(node, &mut tx).await?;
    let waiting = tx.pending_notifications().await?;
    if is_email_due(node, &mut tx, &waiting).await? {
        queue_admin_email(node, &mut tx).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Queues webhook calls about new comments and notices, and marks these for the next email to the admin.
async fn notify_admin(node: &Node, tx: &mut Tx) -> Result<(), NotifierError> {
    let is_mailed = node.config.mails_admin();
    let comments = tx.claim_comments_to_notify(BATCH, is_mailed).await?;
    let notices = tx.claim_notices_to_notify(BATCH, is_mailed).await?;
    let webhook = node.config.notices.webhook.as_ref();
    let Some(host) = webhook.and_then(|url| url.host_str()) else {
        return Ok(());
    };
    for comment in &comments {
        let event = comment_event(node, comment).to_string();
        let call = tx.add_webhook_call(host, &event).await?;
        tx.add_message_topics(call, iter::once(comment.id), iter::empty())
            .await?;
    }
    for notice in &notices {
        let event = notice_event(notice).to_string();
        let call = tx.add_webhook_call(host, &event).await?;
        tx.add_message_topics(call, iter::empty(), iter::once(notice.id))
            .await?;
    }
    Ok(())
}

/// Queues emails to guests whose comments got replies.
async fn notify_guests(node: &Node, tx: &mut Tx) -> Result<(), NotifierError> {
    let replies = tx.claim_replies_to_notify(BATCH).await?;
    if node.config.mail.server.is_none() {
        return Ok(());
    }
    for reply in &replies {
        let mail = tx.add_mail(&templates::reply(node, reply)).await?;
        tx.add_message_topics(mail, iter::once(reply.comment.id), iter::empty())
            .await?;
    }
    Ok(())
}

/// Returns whether an email to the admin is due. If the admin wants none any more, the pending marks are to be cleared.
async fn is_email_due(
    node: &Node,
    conn: &mut Conn,
    waiting: &PendingNotifications,
) -> Result<bool, StoreError> {
    let since = [waiting.comment_since, waiting.notice_since];
    let Some(since) = since.into_iter().flatten().min() else {
        return Ok(false);
    };
    if !node.config.mails_admin() {
        return Ok(true);
    }
    if node.config.notices.mail == NoticeMail::Digest {
        return Ok(since + node.config.notices.digest_every.milliseconds() <= store::now());
    }
    let last = conn.setting(MAILED_AT).await?;
    let last = last.and_then(|time| time.parse().ok()).unwrap_or(0);
    // If the clock was set back, the email is due.
    Ok(!(last..last + MIN_EMAIL_INTERVAL).contains(&store::now()))
}

/// Queues an email to the admin about all pending comments and notices.
async fn queue_admin_email(node: &Node, tx: &mut Tx) -> Result<(), NotifierError> {
    let total = tx.mail_pending().await?;
    let summary = Summary {
        comments: tx
            .mail_pending_comments(total.last_comment, MAX_SHOWN)
            .await?,
        notices: tx
            .mail_pending_notices(total.last_notice, MAX_SHOWN)
            .await?,
        total,
    };
    tx.clear_mail_pending(total.last_comment, total.last_notice)
        .await?;
    if total.comments + total.notices == 0 || !node.config.mails_admin() {
        return Ok(());
    }
    tx.set_setting(MAILED_AT, &store::now().to_string()).await?;
    let mail = templates::summary(node, &summary)?;
    for address in &node.config.mail.admin {
        let to = address.clone();
        let mail = tx.add_mail(&Mail { to, ..mail.clone() }).await?;
        let comments = summary.comments.iter().map(|comment| comment.id);
        let notices = summary.notices.iter().map(|notice| notice.id);
        tx.add_message_topics(mail, comments, notices).await?;
    }
    Ok(())
}

/// Returns the webhook's JSON for a comment.
fn comment_event(node: &Node, comment: &NotifiedComment) -> Value {
    let path = permalink_path(comment.article_published_at, &comment.article_slug);
    json!({
        "event": "comment",
        "comment": {
            "id": comment.id,
            "uri": comment.uri,
            "page": (comment.state == CommentState::Visible).then(|| comment_page(node, comment)),
            "state": comment.state,
            "reason": comment.reason,
            "content_warning": comment.content_warning,
            "text": text_of(comment),
            "received": rfc3339_millis(comment.received_at),
        },
        "author": {
            "name": comment.author_name,
            "handle": comment.author_handle,
            "url": comment.author_url,
        },
        "article": {"title": comment.article_title, "url": node.urls().at(&path)},
    })
}

/// Returns the webhook's JSON for a notice.
fn notice_event(notice: &Notice) -> Value {
    json!({
        "event": notice.kind.code(),
        "notice": {
            "id": notice.id,
            "actor": notice.actor_uri,
            "object": notice.object_uri,
            "text": notice.text,
            "received": rfc3339_millis(notice.created_at),
        },
    })
}
