//! Teaches the spam filter by the admin's decisions: at most one lesson per comment, and none from the node's own
//! decisions.

use super::{By, Verdict, akismet};
use crate::{
    node::{NodeError, urls::host_of},
    spam::CommentText,
    store::{Comment, SpamLabel, Tx},
};
use url::Url;

/// Learns from a decision about a comment. Hiding or deleting a comment teaches nothing about spam.
pub(super) async fn learn_from_decision(
    tx: &mut Tx,
    comment: &Comment,
    verdict: Verdict,
    by: By<'_>,
) -> Result<(), NodeError> {
    match verdict {
        _ if by.who == akismet::LOG_NAME => Ok(()),
        Verdict::Approve => learn(tx, comment, Some(SpamLabel::Ham)).await,
        Verdict::Spam => learn(tx, comment, Some(SpamLabel::Spam)).await,
        // The decision was undone, so its lesson is unlearned.
        Verdict::Hold => learn(tx, comment, None).await,
        Verdict::Hide | Verdict::Delete => Ok(()),
    }
}

/// Replaces a comment's lesson. With `None`, the former lesson is only unlearned.
pub(super) async fn learn(
    tx: &mut Tx,
    comment: &Comment,
    lesson: Option<SpamLabel>,
) -> Result<(), NodeError> {
    let before: Option<SpamLabel> = comment
        .trained
        .as_deref()
        .and_then(|text| text.parse().ok());
    if before == lesson {
        return Ok(());
    }
    if let Some(before) = before {
        let then = tx.content_when_trained(comment.id).await?;
        let words = lessons(comment, &then.unwrap_or_default()).await;
        tx.unlearn(&words, before).await?;
    }
    if !tx.set_trained(comment.id, lesson).await? {
        return Ok(());
    }
    if let Some(lesson) = lesson {
        let words = lessons(comment, &comment.content).await;
        tx.learn(&words, lesson).await?;
    }
    Ok(())
}

/// Unlearns a comment that was learned as good, because its author deleted it. A comment learned as spam stays
/// learned, since that is not its author's decision.
pub async fn unlearn_good(tx: &mut Tx, comment: &Comment) -> Result<(), NodeError> {
    match comment.trained.as_deref() {
        Some(lesson) if lesson == SpamLabel::Ham.as_str() => learn(tx, comment, None).await,
        _ => Ok(()),
    }
}

async fn lessons(comment: &Comment, content: &str) -> Vec<String> {
    // A guest's comment has an id on this host, which is no evidence.
    let url = Url::parse(&comment.uri).ok();
    let host = url
        .filter(|_| comment.guest_id.is_none())
        .and_then(|url| host_of(&url));
    let content = content.to_owned();
    let comment_text = move || CommentText::of_html("", &content).tokens(&host.unwrap_or_default());
    // Only a panic ends the task early, and then nothing is learned.
    tokio::task::spawn_blocking(comment_text)
        .await
        .unwrap_or_default()
}
