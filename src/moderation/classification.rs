//! Classifies a comment that arrives from another server or is edited there: the spam score and the admin's rules decide
//! whether it is visible, held or spam.

use super::akismet::PendingCheck;
use crate::{
    base::steps,
    content::{Extras, Html},
    node::{Node, error::InboxError, remote_actor::RemoteActor, target::Target},
    spam::{self, Author, Candidate, Score},
    store::{Allowed, Comment, CommentAdmission, CommentState, Decision, NewComment, Severity, Tx},
};

/// The name in the moderation log of the part that hides an edited comment.
const SPAM_FILTER: &str = "spam filter";

/// Scores a comment before it is stored, and sets its state. Returns whether the spam service must check it too.
pub async fn classify(
    tx: &mut Tx,
    comment: &mut NewComment,
    author: &RemoteActor,
    target: &Target,
    gate: CommentAdmission,
    node: &Node,
) -> Result<PendingCheck, InboxError> {
    let warning = comment.content_warning.as_deref();
    let text = text_to_classify(warning, &comment.content, comment.extras.as_deref());
    let candidate = Candidate {
        article: &target.article,
        author: Author::Remote(&author.row),
        content: &text,
    };
    let score = spam::score(tx, &node.config, &node.spam_rules, &candidate).await?;
    score.apply(comment, &node.config.spam);
    steps::note("score", || {
        let (points, limits) = (score.points, &node.config.spam);
        let reasons = score.reasons.iter();
        let reasons: Vec<_> = reasons
            .map(|it| format!("{:+} {}", it.points, it.what))
            .collect();
        let why = if reasons.is_empty() {
            "nothing counts".into()
        } else {
            reasons.join(", ")
        };
        let (hold, spam) = (limits.hold, limits.spam);
        format!("{points} points ({why}); a comment waits from {hold}, and is spam from {spam}")
    });
    if is_allowed(&score, gate) {
        comment.state = CommentState::Visible;
        comment.reason = None;
    }
    Ok(PendingCheck::of(comment, &score, node))
}

/// Returns whether the admin's allow list overrides the score. An allowed actor is visible even if its host is held.
fn is_allowed(score: &Score, gate: CommentAdmission) -> bool {
    match score.allowed {
        Allowed::Actor => true,
        Allowed::Host => gate.severity != Severity::Hold,
        Allowed::No => false,
    }
}

/// Scores a comment again after its author edited it. Returns false if it was visible and is now hidden.
pub async fn classify_edit(
    tx: &mut Tx,
    comment: &Comment,
    warning: Option<&str>,
    content: &str,
    extras: Option<&str>,
    node: &Node,
) -> Result<bool, InboxError> {
    let author = match comment.actor_id {
        Some(id) => tx.remote_actor_by_id(id).await?,
        None => None,
    };
    let article = tx.article_header_by_id(comment.article_id).await?;
    let (Some(author), Some(article)) = (author, article) else {
        return Ok(true);
    };
    let candidate = Candidate {
        article: &article,
        author: Author::Remote(&author),
        content: &text_to_classify(warning, content, extras),
    };
    let score = spam::score(tx, &node.config, &node.spam_rules, &candidate).await?;
    let (reasons, hash) = (score.reasons_json(), score.text_hash.as_deref());
    tx.set_score(comment.id, score.points, reasons.as_deref(), hash)
        .await?;
    match score.state(&node.config.spam) {
        Some(state) if comment.state == CommentState::Visible => {
            hide_edited(tx, comment, &score, state).await?;
            Ok(false)
        }
        _ => Ok(true),
    }
}

/// Hides an edited comment. The spam filter does not learn from it, because no person decided.
async fn hide_edited(
    tx: &mut Tx,
    comment: &Comment,
    score: &Score,
    state: CommentState,
) -> Result<(), InboxError> {
    let why = format!("edited, and {}", score.summary());
    tx.set_comment_state(comment.id, state, Some(&why)).await?;
    tx.log(&Decision {
        who: SPAM_FILTER,
        action: match state {
            CommentState::Spam => "spam",
            _ => "hold",
        },
        about: &format!("comment {}", comment.id),
        why: Some(&why),
        before: Some(comment.state.as_str()),
        before_reason: comment.reason.as_deref(),
    })
    .await?;
    Ok(())
}

/// Returns the text to classify: the content warning, which readers see first, the text, and the attached links.
fn text_to_classify(warning: Option<&str>, content: &str, extras: Option<&str>) -> String {
    let mut text = match warning {
        Some(warning) => format!("<p>{}</p>{content}", Html::from_text(warning)),
        None => content.to_owned(),
    };
    let attached = Extras::from_json(extras).pictures;
    for link in attached.iter().filter(|it| !it.is_picture) {
        let (url, label) = (Html::from_text(&link.url), Html::from_text(&link.alt));
        text.push_str(&format!("<p><a href=\"{url}\">{label}</a></p>"));
    }
    text
}
