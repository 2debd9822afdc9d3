//! Undoes the last decision about a comment.

use super::{By, Verdict, about_comment, decide};
use crate::{
    node::{Node, NodeError},
    store::{CommentState, StoreError},
};

/// The reason why nothing was undone.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    #[error("there is no comment {0}: `pamphlet comments list` shows them all")]
    Unknown(i64),
    #[error("comment {0} was deleted, and nothing of it is left to bring back")]
    Deleted(i64),
    #[error("nothing was decided about comment {0} that could be taken back")]
    Undecided(i64),
    #[error(transparent)]
    Node(#[from] NodeError),
}

impl From<StoreError> for UndoError {
    fn from(error: StoreError) -> Self {
        UndoError::Node(error.into())
    }
}

/// The undone decision and the new state of the comment.
#[derive(Debug)]
pub struct Undone {
    /// The name of the decision in the moderation log.
    pub action: String,
    pub state: CommentState,
}

/// Undoes the last decision about a comment. An undo can itself be undone.
pub async fn undo(node: &Node, id: i64, who: &str) -> Result<Undone, UndoError> {
    let mut tx = node.store.begin().await?;
    let comment = tx.comment(id).await?.ok_or(UndoError::Unknown(id))?;
    if comment.state == CommentState::Deleted {
        return Err(UndoError::Deleted(id));
    }
    let last = tx.last_decision(&about_comment(id)).await?;
    let last = last.ok_or(UndoError::Undecided(id))?;
    let (state, verdict) = before(last.before.as_deref()).ok_or(UndoError::Undecided(id))?;
    let why = format!("takes back: {}", last.action);
    let by = By {
        who,
        why: Some(&why),
    };
    decide(node, &mut tx, &comment, verdict, by).await?;
    // Restores the former state and reason exactly.
    tx.set_comment_state(id, state, last.before_reason.as_deref())
        .await?;
    tx.commit().await?;
    Ok(Undone {
        action: last.action,
        state,
    })
}

/// Parses a state in the moderation log. Also returns the decision that leads to it.
fn before(word: Option<&str>) -> Option<(CommentState, Verdict)> {
    [
        (CommentState::Visible, Verdict::Approve),
        (CommentState::Hidden, Verdict::Hide),
        (CommentState::Spam, Verdict::Spam),
        (CommentState::Held, Verdict::Hold),
        (CommentState::Unconfirmed, Verdict::Hold),
    ]
    .into_iter()
    .find(|(state, _)| Some(state.as_str()) == word)
}
