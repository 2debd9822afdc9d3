//! Which comments a spam service is to be asked about, or told better.

use crate::store::database::{Conn, Raw, Result, now, on};
use sqlx::FromRow;

/// What stands between a comment and the spam service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceState {
    /// It is to be asked.
    Check,
    /// It said, or was told, that the comment is good, or spam.
    Ham,
    Spam,
    /// It is to be told so.
    SubmitHam,
    SubmitSpam,
}

impl ServiceState {
    pub fn as_str(self) -> &'static str {
        match self {
            ServiceState::Check => "check",
            ServiceState::Ham => "ham",
            ServiceState::Spam => "spam",
            ServiceState::SubmitHam => "submit-ham",
            ServiceState::SubmitSpam => "submit-spam",
        }
    }

    /// Whether something is still to be done.
    fn is_due(self) -> bool {
        matches!(
            self,
            ServiceState::Check | ServiceState::SubmitHam | ServiceState::SubmitSpam
        )
    }
}

impl TryFrom<String> for ServiceState {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        [
            ServiceState::Check,
            ServiceState::Ham,
            ServiceState::Spam,
            ServiceState::SubmitHam,
            ServiceState::SubmitSpam,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
        .ok_or_else(|| format!("unknown state of a check: {text}"))
    }
}

/// Something to be asked or told.
#[derive(Debug, Clone, FromRow)]
pub struct ServiceTask {
    pub id: i64,
    #[sqlx(rename = "akismet", try_from = "String")]
    pub state: ServiceState,
}

impl Conn {
    /// Says what stands between a comment and the service; what is to be done is due now. `None`: nothing.
    pub async fn set_service_state(
        &mut self,
        comment_id: i64,
        state: Option<ServiceState>,
    ) -> Result<()> {
        let due = state.is_some_and(ServiceState::is_due);
        on!(self, |c| sqlx::query(
            "UPDATE comments SET akismet = $2, akismet_at = $3 WHERE id = $1"
        )
        .bind(comment_id)
        .bind(state.map(ServiceState::as_str))
        .bind(due.then(now))
        .execute(c)
        .await
        .map(drop))?;
        if due {
            self.notify_nodes().await?;
        }
        Ok(())
    }

    /// Puts off what is to be done about a comment.
    pub async fn postpone_service(&mut self, comment_id: i64, until: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET akismet_at = $2 WHERE id = $1 AND akismet_at IS NOT NULL"
        )
        .bind(comment_id)
        .bind(until)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Whether anything is due.
    pub async fn has_service_tasks(&mut self) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM comments WHERE akismet_at <= $1)"
        )
        .bind(now())
        .fetch_one(c)
        .await)?)
    }

    /// Up to `limit` due tasks, the oldest first; they are due again at `until`.
    pub async fn claim_service_tasks(
        &mut self,
        until: i64,
        limit: i64,
    ) -> Result<Vec<ServiceTask>> {
        macro_rules! run {
            ($lock:literal, $c:expr) => {
                sqlx::query_as(concat!(
                    "UPDATE comments SET akismet_at = $1 WHERE id IN (
                        SELECT id FROM comments WHERE akismet_at <= $2 AND akismet IS NOT NULL
                        ORDER BY akismet_at LIMIT $3",
                    $lock,
                    ") RETURNING id, akismet"
                ))
                .bind(until)
                .bind(now())
                .bind(limit)
                .fetch_all($c)
                .await?
            };
        }
        Ok(match self.raw() {
            Raw::Sqlite(c) => run!("", c),
            Raw::Postgres(c) => run!(" FOR UPDATE SKIP LOCKED", c),
        })
    }
}
