//! A spam service with Akismet's protocol (akismet.com/developers). It checks each comment that would be visible, and
//! gets a report where the admin decides otherwise.
//!
//! A comment is held during the check, but its sender does not wait. The column `comments.akismet` has the pending task.

mod client;

use super::{By, Verdict};
use crate::{
    base::wait::WakeUp,
    node::{Node, NodeError},
    spam::Score,
    store::{self, Allowed, Comment, CommentState, NewComment, SpamCheckState, SpamCheckTask, Tx},
};
use client::{AkismetError, Response};
use futures_util::future::join_all;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The name of the service in the moderation log.
pub const LOG_NAME: &str = "spam check";
/// The reason of a comment that waits for the check. It is stored and compared, so it must never change.
const PENDING_REASON: &str = "waits for the spam check";
/// The time after which a comment is decided by its own score, in milliseconds.
const CHECK_TIMEOUT: i64 = 10 * 60 * 1000;
/// The wait before another check, the wait before another report, and the time after which reports are given up, in
/// milliseconds.
const CHECK_RETRY: i64 = 20 * 1000;
const REPORT_RETRY: i64 = 10 * 60 * 1000;
const REPORT_TIMEOUT: i64 = 24 * 60 * 60 * 1000;
/// The maximum number of concurrent requests, and the lease of each in milliseconds: other nodes take over after it.
const MAX_CLAIMED: i64 = 8;
const LEASE: i64 = 60 * 1000;
/// The longest sleep, in case a wake-up is missed.
const LONGEST_SLEEP: Duration = Duration::from_secs(2);

/// Whether the service must check a comment that is being stored.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingCheck(bool);

impl PendingCheck {
    /// Holds a comment that would be visible until the service has checked it, if a service is configured and the author
    /// is not on the admin's allow list.
    pub fn of(comment: &mut NewComment, score: &Score, node: &Node) -> PendingCheck {
        let is_asked = node.config.spam.akismet_key.is_some()
            && comment.state == CommentState::Visible
            && score.allowed == Allowed::No;
        if is_asked {
            comment.state = CommentState::Held;
            comment.reason = Some(PENDING_REASON.to_owned());
        }
        PendingCheck(is_asked)
    }

    /// Stores the pending check once the comment has an id.
    pub async fn store(
        self,
        tx: &mut Tx,
        comment_id: Option<i64>,
    ) -> Result<(), store::StoreError> {
        match comment_id {
            Some(id) if self.0 => {
                tx.set_spam_check_state(id, Some(SpamCheckState::Check))
                    .await
            }
            _ => Ok(()),
        }
    }
}

/// Queues a report to the service if the admin's decision contradicts its check.
pub(super) async fn after_decision(
    tx: &mut Tx,
    node: &Node,
    comment: &Comment,
    verdict: Verdict,
    by: By<'_>,
) -> Result<(), NodeError> {
    use SpamCheckState::{Check, Ham, Spam, SubmitHam, SubmitSpam};
    let state = comment.akismet.clone().map(SpamCheckState::try_from);
    let Some(Ok(state)) = state.filter(|_| by.who != LOG_NAME) else {
        return Ok(());
    };
    let has_service = node.config.spam.akismet_key.is_some();
    let next = match (verdict, state) {
        (_, Check) => None,
        (Verdict::Spam, Ham) if has_service => Some(SubmitSpam),
        (Verdict::Approve, Spam) if has_service => Some(SubmitHam),
        // The opposite report was not sent yet.
        (Verdict::Spam, SubmitHam) => Some(Spam),
        (Verdict::Approve, SubmitSpam) => Some(Ham),
        _ => return Ok(()),
    };
    Ok(tx.set_spam_check_state(comment.id, next).await?)
}

/// Sends due checks and reports until `stop`. If no service is configured any more, it releases the comments that wait
/// for one.
pub async fn run(node: Node, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let wake_up = WakeUp::listen(node.store.woken());
        let worked = tokio::select! {
            worked = process_due(&node) => worked,
            // Interrupted requests are repeated when their lease expires.
            () = stop.cancelled() => return,
        };
        let sleep = match worked {
            Ok(0) if node.config.spam.akismet_key.is_none() => return,
            Ok(0) => LONGEST_SLEEP,
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "comments could not be checked by the spam service, retrying");
                Duration::from_secs(1)
            }
        };
        wake_up.wait(sleep, &stop).await;
    }
}

/// Processes some due tasks. Returns their number.
async fn process_due(node: &Node) -> Result<usize, NodeError> {
    if !node.store.read().await?.has_due_spam_checks().await? {
        return Ok(0);
    }
    let mut tx = node.store.begin().await?;
    let tasks = tx
        .claim_spam_checks(store::now() + LEASE, MAX_CLAIMED)
        .await?;
    tx.commit().await?;
    let outcomes = join_all(tasks.iter().map(|task| process(task, node))).await;
    outcomes.into_iter().collect::<Result<Vec<()>, _>>()?;
    node.store.wake();
    Ok(tasks.len())
}

async fn process(task: &SpamCheckTask, node: &Node) -> Result<(), NodeError> {
    let mut conn = node.store.read().await?;
    let comment = conn.comment(task.id).await?;
    let Some(comment) = comment.filter(|comment| comment.state != CommentState::Deleted) else {
        return finish(task.id, None, node).await;
    };
    let article = conn.article_by_id(comment.article_id).await?;
    drop(conn);
    let response = client::request(task.state, &comment, article.as_ref(), node).await;
    match task.state {
        SpamCheckState::Check => apply_check(&comment, response, node).await,
        report => finish_report(&comment, report, response, node).await,
    }
}

/// Applies the result of a check to a waiting comment. Without a result, its own score decides.
async fn apply_check(
    comment: &Comment,
    response: Result<Response, AkismetError>,
    node: &Node,
) -> Result<(), NodeError> {
    let (verdict, state, why) = match response {
        Ok(Response::Spam) => (
            Verdict::Spam,
            Some(SpamCheckState::Spam),
            "spam, says the spam check",
        ),
        Ok(Response::Ham | Response::Accepted) => (
            Verdict::Approve,
            Some(SpamCheckState::Ham),
            "no spam, says the spam check",
        ),
        Err(AkismetError::Transient(reason))
            if store::now() < comment.received_at + CHECK_TIMEOUT =>
        {
            tracing::info!(
                comment = comment.id,
                reason,
                "the spam check of a comment is retried"
            );
            return postpone(comment.id, CHECK_RETRY, node).await;
        }
        Err(error) => {
            tracing::warn!(comment = comment.id, reason = %error, "the spam check of a comment failed");
            (Verdict::Approve, None, "the spam check said nothing")
        }
    };
    let mut tx = node.store.begin().await?;
    tx.set_spam_check_state(comment.id, state).await?;
    let now = tx.comment(comment.id).await?;
    let waits = |now: &Comment| {
        now.state == CommentState::Held && now.reason.as_deref() == Some(PENDING_REASON)
    };
    if let Some(now) = now.filter(waits) {
        let by = By {
            who: LOG_NAME,
            why: Some(why),
        };
        super::decide(node, &mut tx, &now, verdict, by).await?;
    }
    Ok(tx.commit().await?)
}

/// Finishes or postpones a report.
async fn finish_report(
    comment: &Comment,
    report: SpamCheckState,
    response: Result<Response, AkismetError>,
    node: &Node,
) -> Result<(), NodeError> {
    let done = match report {
        SpamCheckState::SubmitHam => SpamCheckState::Ham,
        _ => SpamCheckState::Spam,
    };
    match response {
        Err(AkismetError::Transient(reason))
            if store::now() < comment.received_at + REPORT_TIMEOUT =>
        {
            tracing::info!(
                comment = comment.id,
                reason,
                "a report to the spam service is retried"
            );
            postpone(comment.id, REPORT_RETRY, node).await
        }
        Err(error) => {
            tracing::warn!(comment = comment.id, reason = %error, "a report to the spam service failed");
            finish(comment.id, Some(done), node).await
        }
        Ok(_) => finish(comment.id, Some(done), node).await,
    }
}

async fn postpone(comment_id: i64, pause: i64, node: &Node) -> Result<(), NodeError> {
    let mut tx = node.store.begin().await?;
    tx.postpone_spam_check(comment_id, store::now() + pause)
        .await?;
    Ok(tx.commit().await?)
}

async fn finish(
    comment_id: i64,
    state: Option<SpamCheckState>,
    node: &Node,
) -> Result<(), NodeError> {
    let mut tx = node.store.begin().await?;
    tx.set_spam_check_state(comment_id, state).await?;
    Ok(tx.commit().await?)
}
