//! Decisions about comments, by the admin or the node itself. Every decision is logged.

pub mod akismet;
pub mod bulk;
mod classification;
pub mod erasure;
pub mod guests;
mod learn;
pub mod policy;
pub mod retraction;
pub(crate) mod targets;
pub mod undo;

pub(crate) use classification::text_of;
pub use classification::{Unclassified, classify_all, classify_edit};
pub use learn::unlearn_good;

use crate::{
    federation::objects::approvals,
    node::{Node, NodeError},
    store::{Comment, CommentState, Decision, Tx},
};

/// A decision about a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Makes it visible.
    Approve,
    /// Hides it.
    Hide,
    /// Hides it as spam; the spam filter learns from it.
    Spam,
    /// Deletes it except for its position in the conversation.
    Delete,
    /// Holds it again, because the decision about it was undone.
    Hold,
}

impl Verdict {
    /// Returns the name in commands and in the moderation log.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Approve => "approve",
            Verdict::Hide => "hide",
            Verdict::Spam => "spam",
            Verdict::Delete => "delete",
            Verdict::Hold => "hold",
        }
    }

    /// Returns whether the comment's server is sent an approval or a rejection. `None` if it is sent neither: a comment
    /// that waits again may still be approved, and its authorization can't be fetched in the meantime.
    fn is_approval(self) -> Option<bool> {
        match self {
            Verdict::Approve => Some(true),
            Verdict::Hide | Verdict::Spam | Verdict::Delete => Some(false),
            Verdict::Hold => None,
        }
    }

    /// Returns the state of the comment after the decision.
    pub fn state(self) -> CommentState {
        match self {
            Verdict::Approve => CommentState::Visible,
            Verdict::Hide => CommentState::Hidden,
            Verdict::Spam => CommentState::Spam,
            Verdict::Delete => CommentState::Deleted,
            Verdict::Hold => CommentState::Held,
        }
    }
}

/// The author of a decision, and their reason.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// The name in the moderation log: see [`Decision::who`].
    pub who: &'a str,
    pub why: Option<&'a str>,
}

/// Applies a decision to a comment and everything that depends on it. A deleted comment stays deleted.
pub async fn decide(
    node: &Node,
    tx: &mut Tx,
    comment: &Comment,
    verdict: Verdict,
    by: By<'_>,
) -> Result<(), NodeError> {
    if comment.state == CommentState::Deleted {
        return Ok(());
    }
    let reason = match verdict {
        Verdict::Approve | Verdict::Delete => None,
        Verdict::Hide => Some(by.why.unwrap_or("hidden by the admin")),
        Verdict::Spam => Some(by.why.unwrap_or("marked as spam")),
        Verdict::Hold => Some("waits for approval"),
    };
    match verdict {
        Verdict::Delete => {
            tx.add_tombstone_of_comment(comment.id).await?;
            tx.redact_comment(comment.id).await?;
        }
        _ => {
            tx.set_comment_state(comment.id, verdict.state(), reason)
                .await?
        }
    }
    // The admin has not seen a comment that the spam service decided about.
    if by.who != akismet::LOG_NAME {
        tx.clear_notify_pending(comment.id).await?;
    }
    guests::apply_decision(node, tx, comment, verdict, by).await?;
    if let Some(is_approved) = verdict.is_approval() {
        approvals::send_decision(node, tx, comment, is_approved).await?;
    }
    learn::learn_from_decision(tx, comment, verdict, by).await?;
    akismet::after_decision(tx, node, comment, verdict, by).await?;
    tx.log(&Decision {
        who: by.who,
        action: verdict.as_str(),
        about: &about_comment(comment.id),
        why: by.why,
        before: Some(comment.state.as_str()),
        before_reason: comment.reason.as_deref(),
    })
    .await?;
    Ok(())
}

/// Returns the name of a comment in the moderation log.
pub fn about_comment(id: i64) -> String {
    format!("comment {id}")
}
