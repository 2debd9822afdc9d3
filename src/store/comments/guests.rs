//! Guests: those who comment here without an account.

use super::comment::{Comment, CommentState};
use crate::store::database::{Conn, Result, now, on};
use sqlx::FromRow;

/// A row of `guests`: one browser that somebody comments from.
#[derive(Debug, Clone, FromRow)]
pub struct Guest {
    pub id: i64,
    pub name: String,
    /// Never shown, never federated.
    pub mail: Option<String>,
    pub site: Option<String>,
    /// When they followed the link that was mailed to them.
    pub confirmed_at: Option<i64>,
    /// The admin let a comment of theirs in.
    pub trusted: bool,
    /// They want no more mails.
    pub unsubscribed: bool,
    pub created_at: i64,
}

/// What a guest says of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestFields {
    pub name: String,
    pub mail: Option<String>,
    pub site: Option<String>,
}

/// How many comments of guests came lately.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct GuestPosts {
    pub of_address: i64,
    pub of_article: i64,
}

/// A guest's comment as a note of ours. Its text stays with the comment.
#[derive(Debug, Clone)]
pub struct GuestNote<'a> {
    pub uid: &'a str,
    /// The actor that speaks for guests.
    pub local_actor_id: i64,
    pub language: &'a str,
    pub in_reply_to: &'a str,
    /// Whose that is; `None` if it is ours.
    pub reply_actor_id: Option<i64>,
    pub published_at: i64,
}

impl Conn {
    /// Forgets from which addresses guests wrote before `time`.
    pub async fn forget_addresses(&mut self, time: i64) -> Result<u64> {
        Ok(on!(self, |c| {
            sqlx::query(
            "UPDATE comments SET address_hash = NULL WHERE address_hash IS NOT NULL AND received_at < $1"
        )
        .bind(time)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
        })?)
    }

    pub async fn add_guest(&mut self, fields: &GuestFields) -> Result<Guest> {
        Ok(on!(self, |c| sqlx::query_as(
            "INSERT INTO guests (name, mail, site, created_at) VALUES ($1, $2, $3, $4) RETURNING *"
        )
        .bind(&fields.name)
        .bind(&fields.mail)
        .bind(&fields.site)
        .bind(now())
        .fetch_one(c)
        .await)?)
    }

    pub async fn guest(&mut self, id: i64) -> Result<Option<Guest>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM guests WHERE id = $1"
        )
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// Corrects what a guest says of themselves. Another mail address is to be confirmed anew; without one,
    /// the one from before stays.
    pub async fn update_guest(&mut self, id: i64, fields: &GuestFields) -> Result<Guest> {
        Ok(on!(self, |c| {
            sqlx::query_as(
                "UPDATE guests SET name = $2, site = $4, mail = COALESCE($3, mail),
                    confirmed_at = CASE WHEN $3 IS NULL OR $3 = mail THEN confirmed_at END,
                    unsubscribed = CASE WHEN $3 IS NULL OR $3 = mail THEN unsubscribed ELSE FALSE END
                 WHERE id = $1 RETURNING *",
            )
            .bind(id)
            .bind(&fields.name)
            .bind(&fields.mail)
            .bind(&fields.site)
            .fetch_one(c)
            .await
        })?)
    }

    /// A guest has followed the link to their mail address. `None` if they have another one by now.
    pub async fn confirm_guest(&mut self, id: i64, mail: &str) -> Result<Option<Guest>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "UPDATE guests SET confirmed_at = COALESCE(confirmed_at, $3) WHERE id = $1 AND mail = $2
             RETURNING *"
        )
        .bind(id)
        .bind(mail)
        .bind(now())
        .fetch_optional(c)
        .await
        })?)
    }

    /// Whether further comments of a guest need no approval.
    pub async fn set_guest_trusted(&mut self, id: i64, trusted: bool) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE guests SET trusted = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(trusted)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// How many comments of guests came since a time from an address, and under an article.
    pub async fn guest_posts(
        &mut self,
        address_hash: &str,
        article_id: i64,
        since: i64,
    ) -> Result<GuestPosts> {
        Ok(on!(self, |c| {
            sqlx::query_as(
                "SELECT (SELECT COUNT(*) FROM comments WHERE address_hash = $1 AND received_at >= $3)
                    AS of_address,
                 (SELECT COUNT(*) FROM comments WHERE article_id = $2 AND received_at >= $3
                    AND address_hash IS NOT NULL) AS of_article",
            )
            .bind(address_hash)
            .bind(article_id)
            .bind(since)
            .fetch_one(c)
            .await
        })?)
    }

    /// A comment in the same place, from the same address, by the same name and with the same text, since a
    /// time.
    pub async fn same_guest_comment(
        &mut self,
        address_hash: &str,
        article_id: i64,
        parent_id: Option<i64>,
        (name, markdown): (&str, &str),
        since: i64,
    ) -> Result<Option<Comment>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
                "SELECT * FROM comments WHERE address_hash = $1 AND received_at >= $5 AND article_id = $2
                    AND COALESCE(parent_id, 0) = $3 AND markdown = $4 AND author_name = $6 ORDER BY id LIMIT 1",
            )
            .bind(address_hash)
            .bind(article_id)
            .bind(parent_id.unwrap_or(0))
            .bind(markdown)
            .bind(since)
            .bind(name)
            .fetch_optional(c)
            .await
        })?)
    }

    /// The comments of a guest that wait until their mail address is confirmed.
    pub async fn unconfirmed_comments(
        &mut self,
        guest_id: i64,
        limit: i64,
    ) -> Result<Vec<Comment>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
                "SELECT * FROM comments WHERE guest_id = $1 AND state = 'unconfirmed' ORDER BY id LIMIT $2",
            )
            .bind(guest_id)
            .bind(limit)
            .fetch_all(c)
            .await
        })?)
    }

    /// How many comments wait until somebody with this mail address confirms it.
    pub async fn count_unconfirmed(&mut self, mail: &str) -> Result<i64> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "SELECT COUNT(*) FROM guests g JOIN comments c ON c.guest_id = g.id AND c.state = 'unconfirmed'
             WHERE LOWER(g.mail) = LOWER($1)"
        )
        .bind(mail)
        .fetch_one(c)
        .await
        })?)
    }

    /// Has a guest's comment sent as a note, once the change log says so.
    pub async fn add_guest_note(&mut self, note: &GuestNote<'_>) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "INSERT INTO notes (uid, local_actor_id, markdown, language, in_reply_to, reply_actor_id, published_at,
                by_guest) VALUES ($1, $2, '', $3, $4, $5, $6, TRUE)"
        )
        .bind(note.uid)
        .bind(note.local_actor_id)
        .bind(note.language)
        .bind(note.in_reply_to)
        .bind(note.reply_actor_id)
        .bind(note.published_at)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// What became of a comment whose author has confirmed their mail address; others are told of it then, but
    /// not of spam.
    pub async fn settle_comment(
        &mut self,
        id: i64,
        state: CommentState,
        reason: Option<&str>,
    ) -> Result<()> {
        self.set_comment_state(id, state, reason).await?;
        on!(self, |c| sqlx::query(
            "UPDATE comments SET untold = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(state != CommentState::Spam)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Forgets comments that nobody confirmed since a time, and guests from before it of whom nothing stands.
    pub async fn forget_unconfirmed(&mut self, before: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM comments WHERE state = 'unconfirmed' AND received_at < $1"
        )
        .bind(before)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query(
            "DELETE FROM guests WHERE created_at < $1 AND NOT trusted
                AND NOT EXISTS (SELECT 1 FROM comments c WHERE c.guest_id = guests.id)"
        )
        .bind(before)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// A guest wants no more mails, nor those that wait.
    pub async fn unsubscribe_guest(&mut self, id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE guests SET unsubscribed = TRUE WHERE id = $1"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query(
            "DELETE FROM messages WHERE channel = 'mail' AND payload LIKE '%/unsubscribe/%'
                AND recipient = (SELECT mail FROM guests WHERE id = $1)"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}
