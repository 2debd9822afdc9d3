//! What is decided about comments: by the admin, or by the node itself. Every decision is logged.

pub mod akismet;
pub mod bulk;
pub mod classification;
pub mod erasure;
pub mod guests;
pub mod learn;
pub mod policy;
pub mod retraction;
pub mod undo;

pub use classification::{classify, classify_edit};
pub use learn::unlearn_good;

use crate::{
    federation::objects::approvals,
    node::{Node, NodeError},
    store::{Comment, CommentState, Decision, Tx},
};

/// What is decided about a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on the page.
    Approve,
    /// It goes off the page.
    Hide,
    /// It goes off the page, and the filter learns from it.
    Spam,
    /// Nothing of it is kept but its place.
    Delete,
    /// It waits again, since the decision about it is taken back.
    Hold,
}

impl Verdict {
    /// The word for it, as in commands and the log.
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

    /// What a comment is then.
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

/// Who decides, and why.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// As in the log: see [`Decision::who`].
    pub who: &'a str,
    pub why: Option<&'a str>,
}

/// Decides on a comment, in a transaction with whatever else depends on it. A deleted one stays deleted.
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
    // What the service decides, the admin has not seen.
    if by.who != akismet::LOG_NAME {
        tx.clear_notify_pending(comment.id).await?;
    }
    guests::follow(node, tx, comment, verdict, by).await?;
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

/// How the log names a comment.
pub fn about_comment(id: i64) -> String {
    format!("comment {id}")
}
