//! A spam service that speaks Akismet's protocol (akismet.com/developers): asked about each comment that would
//! be shown, and told where the admin knows better.
//!
//! A comment waits while it is asked about: its sender does not. `comments.akismet` says what is to be done.

pub mod client;

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

/// Who decides when the service does, as the log names it.
pub const LOG_NAME: &str = "spam check";
/// The reason of a comment that waits for the service. It is stored and compared, so that it never changes.
const PENDING_REASON: &str = "waits for the spam check";
/// How long the service is waited for, until a comment goes by its own score, in milliseconds.
const CHECK_TIMEOUT: i64 = 10 * 60 * 1000;
/// Between two tries, and between two tries to tell it better; and until that is given up.
const CHECK_RETRY: i64 = 20 * 1000;
const REPORT_RETRY: i64 = 10 * 60 * 1000;
const REPORT_TIMEOUT: i64 = 24 * 60 * 60 * 1000;
/// Comments that it is asked about at once, and after which time a killed node's are taken up again.
const MAX_CLAIMED: i64 = 8;
const LEASE: i64 = 60 * 1000;
/// Longest sleep between two looks.
const LONGEST_SLEEP: Duration = Duration::from_secs(2);

/// Whether the service is to be asked about a comment that is being stored.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingCheck(bool);

impl PendingCheck {
    /// Lets a comment wait for the service that would be shown by its own score, if one is configured and no
    /// rule of the admin's lets it in.
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

    /// Notes it, once the comment has an id.
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

/// What the service is to hear of an admin's decision: where it said otherwise, that it was wrong.
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
        // It was not told yet.
        (Verdict::Spam, SubmitHam) => Some(Spam),
        (Verdict::Approve, SubmitSpam) => Some(Ham),
        _ => return Ok(()),
    };
    Ok(tx.set_spam_check_state(comment.id, next).await?)
}

/// Asks and tells what is due, until `stop`. Without a service, what still waits for one is let go.
pub async fn run(node: Node, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let wake_up = WakeUp::listen(node.store.woken());
        let worked = tokio::select! {
            worked = process_due(&node) => worked,
            // What is broken off is taken up again when its lease is over.
            () = stop.cancelled() => return,
        };
        let sleep = match worked {
            Ok(0) if node.config.spam.akismet_key.is_none() => return,
            Ok(0) => LONGEST_SLEEP,
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "the spam service could not be asked, trying again");
                Duration::from_secs(1)
            }
        };
        wake_up.wait(sleep, &stop).await;
    }
}

/// Works off some of what is due; how much.
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

/// Does with a waiting comment what the service says, or lets it go by its own score.
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
            tracing::info!(comment = comment.id, reason, "the spam check is waited for");
            return postpone(comment.id, CHECK_RETRY, node).await;
        }
        Err(error) => {
            tracing::warn!(comment = comment.id, reason = %error, "the spam check says nothing");
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

/// After the service was told better, or not.
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
                "the spam service is report later"
            );
            postpone(comment.id, REPORT_RETRY, node).await
        }
        Err(error) => {
            tracing::warn!(comment = comment.id, reason = %error, "the spam service is not report");
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
