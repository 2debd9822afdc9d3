//! Mails and calls of webhooks that wait to be sent, claimed by leases.

use crate::store::database::{Conn, Raw, Result, new_uid, now, on};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

/// A mail to be sent. What is in it is plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// Where its reader wants no more of its kind, by one click (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// How a message goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    Mail,
    Webhook,
}

impl Channel {
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Mail => "mail",
            Channel::Webhook => "webhook",
        }
    }
}

/// A row of `messages`.
#[derive(Debug, Clone, FromRow)]
pub struct Message {
    pub id: i64,
    pub uid: String,
    pub channel: String,
    /// Of a mail its address, of a webhook its host.
    pub recipient: String,
    /// JSON: a [`Mail`], or the body of the call.
    pub payload: String,
    /// Of a claimed one, this one included.
    pub attempts: i64,
    /// `None`: given up.
    pub next_attempt_at: Option<i64>,
    pub error: Option<String>,
    pub created_at: i64,
}

impl Conn {
    /// Queues a mail in the transaction of its event. Returns its row.
    pub async fn add_mail(&mut self, mail: &Mail) -> Result<i64> {
        let payload = serde_json::to_string(mail).unwrap_or_default();
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
        let id = on!(self, |c| {
            sqlx::query_scalar(
                "INSERT INTO messages (uid, channel, recipient, payload, next_attempt_at, created_at)
                 VALUES ($1, $2, $3, $4, $5, $5) RETURNING id",
            )
            .bind(new_uid())
            .bind(channel.as_str())
            .bind(recipient)
            .bind(payload)
            .bind(now())
            .fetch_one(c)
            .await
        })?;
        self.notify_nodes().await?;
        Ok(id)
    }

    /// When the next message of a channel is due; `None` while nothing waits.
    pub async fn next_message(&mut self, channel: Channel) -> Result<Option<i64>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT MIN(next_attempt_at) FROM messages
             WHERE channel = $1 AND next_attempt_at IS NOT NULL"
        )
        .bind(channel.as_str())
        .fetch_one(c)
        .await)?)
    }

    /// Up to `limit` due messages, which are due again at `until`. What another node claims is left to it.
    pub async fn claim_messages(
        &mut self,
        channel: Channel,
        until: i64,
        limit: i64,
    ) -> Result<Vec<Message>> {
        macro_rules! claim {
            ($lock:literal, $c:expr) => {
                sqlx::query_as(concat!(
                    "UPDATE messages SET next_attempt_at = $1, attempts = attempts + 1 WHERE id IN (
                        SELECT id FROM messages WHERE channel = $2 AND next_attempt_at <= $3
                        ORDER BY next_attempt_at LIMIT $4",
                    $lock,
                    ") RETURNING *"
                ))
                .bind(until)
                .bind(channel.as_str())
                .bind(now())
                .bind(limit)
                .fetch_all($c)
                .await?
            };
        }
        Ok(match self.raw() {
            Raw::Sqlite(c) => claim!("", c),
            Raw::Postgres(c) => claim!(" FOR UPDATE SKIP LOCKED", c),
        })
    }

    /// A message arrived: nothing of it is kept.
    pub async fn finish_message(&mut self, id: i64) -> Result<()> {
        on!(self, |c| sqlx::query("DELETE FROM messages WHERE id = $1")
            .bind(id)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// A message did not arrive: it is due again at `until`, or given up without one.
    pub async fn postpone_message(
        &mut self,
        id: i64,
        until: Option<i64>,
        error: Option<&str>,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE messages SET next_attempt_at = $2, error = COALESCE($3, error) WHERE id = $1"
        )
        .bind(id)
        .bind(until)
        .bind(error)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// The next `limit` messages with ids below `before`, newest first; those given up alone, if asked for.
    pub async fn messages(
        &mut self,
        only_failed: bool,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Message>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM messages WHERE id < $1 AND (NOT $2 OR next_attempt_at IS NULL)
             ORDER BY id DESC LIMIT $3"
        )
        .bind(before)
        .bind(only_failed)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Makes a message that waits or was given up due now, or all that were given up; how many.
    pub async fn retry_messages(&mut self, id: Option<i64>) -> Result<u64> {
        let done = on!(self, |c| sqlx::query(
            "UPDATE messages SET next_attempt_at = $2, attempts = 0
             WHERE id = $1 OR ($1 IS NULL AND next_attempt_at IS NULL)"
        )
        .bind(id)
        .bind(now())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        self.notify_nodes().await?;
        Ok(done)
    }

    /// Forgets what was given up and is from before `time`.
    pub async fn forget_messages(&mut self, time: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM messages WHERE next_attempt_at IS NULL AND created_at < $1"
        )
        .bind(time)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}
