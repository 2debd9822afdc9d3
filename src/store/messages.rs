//! Mails and calls of webhooks that wait to be sent.

use super::{Conn, Result, conn::on, now};
use serde::{Deserialize, Serialize};

/// A mail to be sent. What is in it is plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// Where its reader wants no more of its kind, by one click (RFC 8058).
    pub unsubscribe: Option<String>,
}

impl Conn {
    /// Queues a mail, in the transaction of what it tells of.
    pub async fn add_mail(&mut self, mail: &Mail) -> Result<()> {
        let payload = serde_json::to_string(mail).unwrap_or_default();
        self.add_message("mail", &mail.to, &payload).await
    }

    /// Queues a message for a channel: `mail` or `webhook`.
    pub(super) async fn add_message(
        &mut self,
        channel: &str,
        recipient: &str,
        payload: &str,
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO messages (channel, recipient, payload, next_attempt_at, created_at)
                 VALUES ($1, $2, $3, $4, $4)",
            )
            .bind(channel)
            .bind(recipient)
            .bind(payload)
            .bind(now())
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }
}
