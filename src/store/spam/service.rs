//! Comments that the spam service is to check, or is to learn corrections of.

use crate::store::database::{Conn, Result, Tx, execute, fetch_all, fetch_scalar, now, text_enum};
use sqlx::FromRow;

text_enum! {
    /// The state of a comment at the spam service.
    pub enum SpamCheckState ("state of a check") {
        /// The check is pending.
        Check = "check",
        /// The service says, or was sent, that it is no spam.
        Ham = "ham",
        Spam = "spam",
        /// A correction is pending.
        SubmitHam = "submit-ham",
        SubmitSpam = "submit-spam",
    }
}

impl SpamCheckState {
    /// Returns whether a request is pending.
    fn is_due(self) -> bool {
        matches!(
            self,
            SpamCheckState::Check | SpamCheckState::SubmitHam | SpamCheckState::SubmitSpam
        )
    }
}

/// A pending request to the service.
#[derive(Debug, Clone, FromRow)]
pub struct SpamCheckTask {
    pub id: i64,
    #[sqlx(rename = "akismet")]
    pub state: SpamCheckState,
}

impl Conn {
    /// Returns whether a request is due.
    pub async fn has_due_spam_checks(&mut self) -> Result<bool> {
        fetch_scalar!(
            self,
            "SELECT EXISTS (SELECT 1 FROM comments WHERE akismet_at <= $1)",
            now()
        )
    }
}

impl Tx {
    /// Sets the state of a comment at the service. A pending request is due now. `None` if the service has nothing to
    /// do with it.
    pub async fn set_spam_check_state(
        &mut self,
        comment_id: i64,
        state: Option<SpamCheckState>,
    ) -> Result<()> {
        let due = state.is_some_and(SpamCheckState::is_due);
        execute!(
            self,
            "UPDATE comments SET akismet = $2, akismet_at = $3 WHERE id = $1",
            comment_id,
            state.map(SpamCheckState::as_str),
            due.then(now)
        )?;
        if due {
            self.notify_nodes().await?;
        }
        Ok(())
    }

    /// Postpones the pending request about a comment.
    pub async fn postpone_spam_check(&mut self, comment_id: i64, until: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE comments SET akismet_at = $2 WHERE id = $1 AND akismet_at IS NOT NULL",
            comment_id,
            until
        )?;
        Ok(())
    }

    /// Claims up to `limit` due requests, the oldest first; they are due again at `until`.
    pub async fn claim_spam_checks(
        &mut self,
        until: i64,
        limit: i64,
    ) -> Result<Vec<SpamCheckTask>> {
        fetch_all!(
            self,
            [
                concat!(
                    "UPDATE comments SET akismet_at = $1 WHERE id IN (
                     SELECT id FROM comments WHERE akismet_at <= $2 AND akismet IS NOT NULL
                     ORDER BY akismet_at LIMIT $3",
                    "",
                    ") RETURNING id, akismet"
                ),
                concat!(
                    "UPDATE comments SET akismet_at = $1 WHERE id IN (
                     SELECT id FROM comments WHERE akismet_at <= $2 AND akismet IS NOT NULL
                     ORDER BY akismet_at LIMIT $3",
                    " FOR UPDATE SKIP LOCKED",
                    ") RETURNING id, akismet"
                )
            ],
            until,
            now(),
            limit
        )
    }
}
