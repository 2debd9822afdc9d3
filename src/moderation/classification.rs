//! Classifies a comment that arrives from another server or is edited there: the spam score and the admin's rules decide
//! whether it is visible, held or spam.

use super::akismet::PendingCheck;
use crate::{
    base::steps,
    config::Spam,
    content::{Extras, Html},
    node::{Node, error::InboxError, remote_actor::RemoteActor},
    spam::{self, Author, Candidate, CommentText, Score},
    store::{
        Allowed, Comment, CommentAdmission, CommentState, Decision, NewComment, Severity,
        StoreError, Tx,
    },
};

/// The name in the moderation log of the part that hides an edited comment.
const SPAM_FILTER: &str = "spam filter";

/// A comment to classify before it is stored.
#[derive(Debug)]
pub struct Unclassified<'a> {
    pub comment: &'a mut NewComment,
    pub text: &'a CommentText,
    pub author: &'a RemoteActor,
    pub gate: CommentAdmission,
}

/// Scores comments that arrived together, and sets their states. Returns for each whether the spam service must check it
/// too.
pub async fn classify_all(
    tx: &mut Tx,
    mut comments: Vec<Unclassified<'_>>,
    node: &Node,
) -> Result<Vec<PendingCheck>, StoreError> {
    let texts: Vec<_> = comments
        .iter()
        .map(|it| (Author::Remote(&it.author.row), it.text))
        .collect();
    let scores = spam::score_all(tx, &node.config, &node.spam_rules, &texts).await?;
    let scored = comments.iter_mut().zip(&scores);
    Ok(scored
        .map(|(it, score)| classify(it, score, node))
        .collect())
}

fn classify(it: &mut Unclassified<'_>, score: &Score, node: &Node) -> PendingCheck {
    let comment = &mut *it.comment;
    score.apply(comment, &node.config.spam);
    note_score(score, &node.config.spam);
    if is_allowed(score, it.gate) {
        comment.state = CommentState::Visible;
        comment.reason = None;
    }
    PendingCheck::of(comment, score, node)
}

fn note_score(score: &Score, limits: &Spam) {
    steps::note("score", || {
        let points = score.points;
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
}

/// Returns the words and links of a comment that the spam score and the admin's filters look at.
pub(crate) async fn text_of(
    author: &RemoteActor,
    warning: Option<&str>,
    content: &str,
    extras: &Extras,
) -> CommentText {
    let html = text_to_classify(warning, content, extras);
    CommentText::of(&Author::Remote(&author.row), &html).await
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
    let Some(author) = author else {
        return Ok(true);
    };
    let candidate = Candidate {
        author: Author::Remote(&author),
        content: &text_to_classify(warning, content, &Extras::from_json(extras)),
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
fn text_to_classify(warning: Option<&str>, content: &str, extras: &Extras) -> String {
    let mut text = match warning {
        Some(warning) => format!("<p>{}</p>{content}", Html::from_text(warning)),
        None => content.to_owned(),
    };
    for link in extras.pictures.iter().filter(|it| !it.is_picture) {
        let (url, label) = (Html::from_text(&link.url), Html::from_text(&link.alt));
        text.push_str(&format!("<p><a href=\"{url}\">{label}</a></p>"));
    }
    text
}
