//! Mails and webhook calls that wait to be sent, claimed by leases.

use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_scalar, new_uid, now, text_enum, to_json,
};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

/// A mail in plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// The address that unsubscribes the reader with one click (RFC 8058).
    pub unsubscribe: Option<String>,
}

text_enum! {
    /// The way in which a message is sent.
    pub enum Channel ("channel") {
        Mail = "mail",
        Webhook = "webhook",
    }
}

/// A row of `messages`.
#[derive(Debug, Clone, FromRow)]
pub struct Message {
    pub id: i64,
    pub uid: String,
    pub channel: String,
    /// The mail address, or the host of the webhook.
    pub recipient: String,
    /// JSON: a [`Mail`], or the body of the call.
    pub payload: String,
    /// The number of attempts; for a claimed message, including this one.
    pub attempts: i64,
    /// `None` if it was given up.
    pub next_attempt_at: Option<i64>,
    pub error: Option<String>,
    pub created_at: i64,
}

impl Conn {
    /// Returns the time at which the next message of a channel is due; `None` if nothing waits.
    pub async fn next_message(&mut self, channel: Channel) -> Result<Option<i64>> {
        fetch_scalar!(
            self,
            "SELECT MIN(next_attempt_at) FROM messages
             WHERE channel = $1 AND next_attempt_at IS NOT NULL",
            channel.as_str()
        )
    }

    /// Returns the next `limit` messages with ids below `before`, newest first; only those given up, if `only_failed`.
    pub async fn messages(
        &mut self,
        only_failed: bool,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Message>> {
        fetch_all!(
            self,
            "SELECT * FROM messages WHERE id < $1 AND (NOT $2 OR next_attempt_at IS NULL)
             ORDER BY id DESC LIMIT $3",
            before,
            only_failed,
            limit
        )
    }
}

impl Tx {
    /// Queues a mail in the transaction of its event. Returns its row.
    pub async fn add_mail(&mut self, mail: &Mail) -> Result<i64> {
        let payload = to_json(mail);
        self.add_message(Channel::Mail, &mail.to, &payload).await
    }

    /// Queues a webhook call to `host`. Returns its row.
    pub async fn add_webhook_call(&mut self, host: &str, body: &str) -> Result<i64> {
        self.add_message(Channel::Webhook, host, body).await
    }

    async fn add_message(
        &mut self,
        channel: Channel,
        recipient: &str,
        payload: &str,
    ) -> Result<i64> {
        let id = fetch_scalar!(
            self,
            "INSERT INTO messages (uid, channel, recipient, payload, next_attempt_at, created_at)
             VALUES ($1, $2, $3, $4, $5, $5) RETURNING id",
            new_uid(),
            channel.as_str(),
            recipient,
            payload,
            now()
        )?;
        self.notify_nodes().await?;
        Ok(id)
    }

    /// Claims up to `limit` due messages; they are due again at `until`. Skips those that another node claims.
    pub async fn claim_messages(
        &mut self,
        channel: Channel,
        until: i64,
        limit: i64,
    ) -> Result<Vec<Message>> {
        fetch_all!(
            self,
            [
                concat!(
                    "UPDATE messages SET next_attempt_at = $1, attempts = attempts + 1 WHERE id IN (
                     SELECT id FROM messages WHERE channel = $2 AND next_attempt_at <= $3
                     ORDER BY next_attempt_at LIMIT $4",
                    "",
                    ") RETURNING *"
                ),
                concat!(
                    "UPDATE messages SET next_attempt_at = $1, attempts = attempts + 1 WHERE id IN (
                     SELECT id FROM messages WHERE channel = $2 AND next_attempt_at <= $3
                     ORDER BY next_attempt_at LIMIT $4",
                    " FOR UPDATE SKIP LOCKED",
                    ") RETURNING *"
                )
            ],
            until,
            channel.as_str(),
            now(),
            limit
        )
    }

    /// Deletes a message that was sent.
    pub async fn finish_message(&mut self, id: i64) -> Result<()> {
        execute!(self, "DELETE FROM messages WHERE id = $1", id)?;
        Ok(())
    }

    /// Postpones a message that could not be sent; `until` is `None` to give it up.
    pub async fn postpone_message(
        &mut self,
        id: i64,
        until: Option<i64>,
        error: Option<&str>,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE messages SET next_attempt_at = $2, error = COALESCE($3, error) WHERE id = $1",
            id,
            until,
            error
        )?;
        Ok(())
    }

    /// Makes a message due now, or all that were given up. Returns their number.
    pub async fn retry_messages(&mut self, id: Option<i64>) -> Result<u64> {
        let done = execute!(
            self,
            "UPDATE messages SET next_attempt_at = $2, attempts = 0
             WHERE id = $1 OR ($1 IS NULL AND next_attempt_at IS NULL)",
            id,
            now()
        )?;
        self.notify_nodes().await?;
        Ok(done)
    }

    /// Deletes messages from before `time` that were given up.
    pub async fn forget_messages(&mut self, time: i64) -> Result<()> {
        execute!(
            self,
            "DELETE FROM messages WHERE next_attempt_at IS NULL AND created_at < $1",
            time
        )?;
        Ok(())
    }
}
