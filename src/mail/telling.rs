//! Finds what people are to be told of: queues a call of the webhook for each comment and notice, a mail to
//! the admin for what came together, and a mail to each guest who was answered.
//!
//! The inbox only marks what is new; all else happens here, in batches, in the transaction that takes the
//! mark off.

use super::letters::{self, News, comment_page, text_of};
use crate::{
    config::NoticeMail,
    node::{Node, urls::permalink_path},
    store::{self, Conn, Mail, Notice, StoreError, ToldComment, Tx, Waiting},
};
use serde_json::{Value, json};
use std::{iter, time::Duration};
use tokio_util::sync::CancellationToken;

/// Rows that are told of in one transaction.
const BATCH: i64 = 100;
/// Comments, and notices, that a mail has in full.
const IN_MAIL: i64 = 20;
/// Least time between two mails "at once", in milliseconds: what comes meanwhile goes together.
const AT_ONCE: i64 = 60 * 1000;
/// The setting that says when the last one was written.
const MAILED_AT: &str = "mailed_at";
/// Longest sleep between two looks: on PostgreSQL, a comment gives no signal.
const PATIENCE: Duration = Duration::from_secs(1);

/// Least time between two looks: a busy node wakes its loops hundreds of times a second.
const BREATH: Duration = Duration::from_millis(200);

/// What can keep people from being told.
#[derive(Debug, thiserror::Error)]
enum TellingError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a mail can't be written: {0}")]
    Letter(#[from] askama::Error),
}

/// Tells, until `stop`.
pub async fn run(node: Node, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let wake = node.store.woken();
        let woken = wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        match tell(&node).await {
            Ok(true) => {
                // What was queued is to be carried.
                node.store.wake();
                continue;
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "notices wait"),
        }
        tokio::select! {
            () = tokio::time::sleep(BREATH) => {}
            () = stop.cancelled() => {}
        }
        tokio::select! {
            () = &mut woken => {}
            () = tokio::time::sleep(PATIENCE) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Tells some of what waits; whether anything did. One node at a time, so that what comes together is told
/// together.
async fn tell(node: &Node) -> Result<bool, TellingError> {
    let mut conn = node.store.read().await?;
    let waiting = conn.waiting_to_be_told().await?;
    if !waiting.news && !waiting.answers && !mail_is_due(node, &mut conn, &waiting).await? {
        return Ok(false);
    }
    drop(conn);
    let mut tx = node.store.begin().await?;
    if !tx.lock_telling().await? {
        return Ok(false);
    }
    tell_news(node, &mut tx).await?;
    tell_guests(node, &mut tx).await?;
    let waiting = tx.waiting_to_be_told().await?;
    if mail_is_due(node, &mut tx, &waiting).await? {
        mail_admin(node, &mut tx).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Tells the webhook of what is new, and keeps it for the next mail to the admin.
async fn tell_news(node: &Node, tx: &mut Tx) -> Result<(), TellingError> {
    let is_mailed = node.config.mails_admin();
    let comments = tx.claim_untold_comments(BATCH, is_mailed).await?;
    let notices = tx.claim_untold_notices(BATCH, is_mailed).await?;
    let webhook = node.config.notices.webhook.as_ref();
    let Some(host) = webhook.and_then(|url| url.host_str()) else {
        return Ok(());
    };
    for comment in &comments {
        let event = comment_event(node, comment).to_string();
        let call = tx.add_webhook_call(host, &event).await?;
        tx.add_topics(call, iter::once(comment.id), iter::empty())
            .await?;
    }
    for notice in &notices {
        let event = notice_event(notice).to_string();
        let call = tx.add_webhook_call(host, &event).await?;
        tx.add_topics(call, iter::empty(), iter::once(notice.id))
            .await?;
    }
    Ok(())
}

async fn tell_guests(node: &Node, tx: &mut Tx) -> Result<(), TellingError> {
    let answers = tx.claim_answers(BATCH).await?;
    if node.config.mail.server.is_none() {
        return Ok(());
    }
    for answer in &answers {
        let mail = tx.add_mail(&letters::answer(node, answer)?).await?;
        tx.add_topics(mail, iter::once(answer.comment.id), iter::empty())
            .await?;
    }
    Ok(())
}

/// Whether a mail to the admin is to be written now. Where the admin wants none any more, what waits is only
/// crossed off.
async fn mail_is_due(node: &Node, conn: &mut Conn, waiting: &Waiting) -> Result<bool, StoreError> {
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
    // A clock that was set back keeps nothing waiting.
    Ok(!(last..last + AT_ONCE).contains(&store::now()))
}

/// Writes to the admin of all that waits for it.
async fn mail_admin(node: &Node, tx: &mut Tx) -> Result<(), TellingError> {
    let total = tx.unmailed().await?;
    let news = News {
        comments: tx.unmailed_comments(total.last_comment, IN_MAIL).await?,
        notices: tx.unmailed_notices(total.last_notice, IN_MAIL).await?,
        total,
    };
    tx.set_mailed(total.last_comment, total.last_notice).await?;
    if total.comments + total.notices == 0 || !node.config.mails_admin() {
        return Ok(());
    }
    tx.set_setting(MAILED_AT, &store::now().to_string()).await?;
    let mail = letters::news(node, &news)?;
    for address in &node.config.mail.admin {
        let to = address.clone();
        let mail = tx.add_mail(&Mail { to, ..mail.clone() }).await?;
        let comments = news.comments.iter().map(|comment| comment.id);
        let notices = news.notices.iter().map(|notice| notice.id);
        tx.add_topics(mail, comments, notices).await?;
    }
    Ok(())
}

/// What the webhook gets of a comment.
fn comment_event(node: &Node, comment: &ToldComment) -> Value {
    let path = permalink_path(comment.article_published_at, &comment.article_slug);
    json!({
        "event": "comment",
        "comment": {
            "id": comment.id,
            "uri": comment.uri,
            "page": (comment.state == "visible").then(|| comment_page(node, comment)),
            "state": comment.state,
            "reason": comment.reason,
            "content_warning": comment.content_warning,
            "text": text_of(comment),
            "received": timestamp(comment.received_at),
        },
        "author": {
            "name": comment.author_name,
            "handle": comment.author_handle,
            "url": comment.author_url,
        },
        "article": {"title": comment.article_title, "url": node.urls().at(&path)},
    })
}

/// What the webhook gets of a notice.
fn notice_event(notice: &Notice) -> Value {
    json!({
        "event": notice.kind.code(),
        "notice": {
            "id": notice.id,
            "actor": notice.actor_uri,
            "object": notice.object_uri,
            "text": notice.text,
            "received": timestamp(notice.created_at),
        },
    })
}

fn timestamp(milliseconds: i64) -> String {
    store::moment(milliseconds).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
