//! Guests, who comment here without an account, and their comments.

use super::comment::{Comment, CommentState};
use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_one, fetch_optional, fetch_scalar, now,
};
use sqlx::FromRow;

/// A row of `guests`: a guest in one browser.
#[derive(Debug, Clone, FromRow)]
pub struct Guest {
    pub id: i64,
    pub name: String,
    /// Never shown, never federated.
    pub mail: Option<String>,
    pub site: Option<String>,
    /// The time at which they followed the confirmation link that was mailed to them.
    pub confirmed_at: Option<i64>,
    /// Whether the admin approved a comment of theirs.
    pub trusted: bool,
    /// Whether they want no more mails.
    pub unsubscribed: bool,
    pub created_at: i64,
}

/// The name, mail address and website that a guest enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestFields {
    pub name: String,
    pub mail: Option<String>,
    pub site: Option<String>,
}

/// The numbers of recent comments by guests.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct GuestPosts {
    pub of_address: i64,
    pub of_article: i64,
}

/// A guest's comment as a local note. Its text stays with the comment.
#[derive(Debug, Clone)]
pub struct GuestNote<'a> {
    pub uid: &'a str,
    /// The local actor that posts for guests.
    pub local_actor_id: i64,
    pub language: &'a str,
    pub in_reply_to: &'a str,
    /// The author of that post; `None` if it is local.
    pub reply_actor_id: Option<i64>,
    pub published_at: i64,
}

impl Conn {
    pub async fn guest(&mut self, id: i64) -> Result<Option<Guest>> {
        fetch_optional!(self, "SELECT * FROM guests WHERE id = $1", id)
    }

    /// Counts the comments by guests since a time: from an IP address, and under an article.
    pub async fn guest_posts(
        &mut self,
        address_hash: &str,
        article_id: i64,
        since: i64,
    ) -> Result<GuestPosts> {
        fetch_one!(
            self,
            "SELECT (SELECT COUNT(*) FROM comments WHERE address_hash = $1 AND received_at >= $3)
                AS of_address,
             (SELECT COUNT(*) FROM comments WHERE article_id = $2 AND received_at >= $3
                AND address_hash IS NOT NULL) AS of_article",
            address_hash,
            article_id,
            since
        )
    }

    /// Returns a comment since a time with the same parent, address hash, name and text.
    pub async fn same_guest_comment(
        &mut self,
        address_hash: &str,
        article_id: i64,
        parent_id: Option<i64>,
        (name, markdown): (&str, &str),
        since: i64,
    ) -> Result<Option<Comment>> {
        fetch_optional!(
            self,
            "SELECT * FROM comments WHERE address_hash = $1 AND received_at >= $5 AND article_id = $2
             AND COALESCE(parent_id, 0) = $3 AND markdown = $4 AND author_name = $6 ORDER BY id LIMIT 1",
            address_hash,
            article_id,
            parent_id.unwrap_or(0),
            markdown,
            since,
            name
        )
    }

    /// Returns the comments of a guest that wait for the confirmation of their mail address.
    pub async fn unconfirmed_comments(
        &mut self,
        guest_id: i64,
        limit: i64,
    ) -> Result<Vec<Comment>> {
        fetch_all!(
            self,
            "SELECT * FROM comments WHERE guest_id = $1 AND state = 'unconfirmed' ORDER BY id LIMIT $2",
            guest_id,
            limit
        )
    }

    /// Counts the comments that wait for the confirmation of a mail address.
    pub async fn count_unconfirmed(&mut self, mail: &str) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(*) FROM guests g JOIN comments c ON c.guest_id = g.id AND c.state = 'unconfirmed'
             WHERE LOWER(g.mail) = LOWER($1)",
            mail
        )
    }
}

impl Tx {
    /// Deletes the address hashes of comments from before `time`. Returns their number.
    pub async fn forget_addresses(&mut self, time: i64) -> Result<u64> {
        execute!(
            self,
            "UPDATE comments SET address_hash = NULL WHERE address_hash IS NOT NULL AND received_at < $1",
            time
        )
    }

    pub async fn add_guest(&mut self, fields: &GuestFields) -> Result<Guest> {
        fetch_one!(
            self,
            "INSERT INTO guests (name, mail, site, created_at) VALUES ($1, $2, $3, $4) RETURNING *",
            &fields.name,
            &fields.mail,
            &fields.site,
            now()
        )
    }

    /// Updates what a guest entered. A new mail address must be confirmed again; without one, the stored address stays.
    pub async fn update_guest(&mut self, id: i64, fields: &GuestFields) -> Result<Guest> {
        fetch_one!(
            self,
            "UPDATE guests SET name = $2, site = $4, mail = COALESCE($3, mail),
                confirmed_at = CASE WHEN $3 IS NULL OR $3 = mail THEN confirmed_at END,
                unsubscribed = CASE WHEN $3 IS NULL OR $3 = mail THEN unsubscribed ELSE FALSE END
             WHERE id = $1 RETURNING *",
            id,
            &fields.name,
            &fields.mail,
            &fields.site
        )
    }

    /// Confirms a guest's mail address. Returns `None` if it has changed since.
    pub async fn confirm_guest(&mut self, id: i64, mail: &str) -> Result<Option<Guest>> {
        fetch_optional!(
            self,
            "UPDATE guests SET confirmed_at = COALESCE(confirmed_at, $3) WHERE id = $1 AND mail = $2
             RETURNING *",
            id,
            mail,
            now()
        )
    }

    /// Sets whether a guest's comments need no approval.
    pub async fn set_guest_trusted(&mut self, id: i64, trusted: bool) -> Result<()> {
        execute!(
            self,
            "UPDATE guests SET trusted = $2 WHERE id = $1",
            id,
            trusted
        )?;
        Ok(())
    }

    /// Adds a guest's comment as a note, which is sent once the change log lists it.
    pub async fn add_guest_note(&mut self, note: &GuestNote<'_>) -> Result<()> {
        execute!(
            self,
            "INSERT INTO notes (uid, local_actor_id, markdown, language, in_reply_to, reply_actor_id, published_at,
             by_guest) VALUES ($1, $2, '', $3, $4, $5, $6, TRUE)",
            note.uid,
            note.local_actor_id,
            note.language,
            note.in_reply_to,
            note.reply_actor_id,
            note.published_at
        )?;
        Ok(())
    }

    /// Sets the state of a comment whose author confirmed their mail address. Notifications follow, except of spam.
    pub async fn confirm_comment(
        &mut self,
        id: i64,
        state: CommentState,
        reason: Option<&str>,
    ) -> Result<()> {
        self.set_comment_state(id, state, reason).await?;
        execute!(
            self,
            "UPDATE comments SET untold = $2 WHERE id = $1",
            id,
            state != CommentState::Spam
        )?;
        Ok(())
    }

    /// Deletes comments that were not confirmed since before a time, and guests from before it without comments.
    pub async fn forget_unconfirmed(&mut self, before: i64) -> Result<()> {
        execute!(
            self,
            "DELETE FROM comments WHERE state = 'unconfirmed' AND received_at < $1",
            before
        )?;
        execute!(
            self,
            "DELETE FROM guests WHERE created_at < $1 AND NOT trusted
             AND NOT EXISTS (SELECT 1 FROM comments c WHERE c.guest_id = guests.id)
             AND NOT EXISTS (SELECT 1 FROM bin_rows b WHERE b.guest_id = guests.id)",
            before
        )?;
        Ok(())
    }

    /// Unsubscribes a guest from mails, and deletes those that wait.
    pub async fn unsubscribe_guest(&mut self, id: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE guests SET unsubscribed = TRUE WHERE id = $1",
            id
        )?;
        execute!(
            self,
            "DELETE FROM messages WHERE channel = 'mail' AND payload LIKE '%/unsubscribe/%'
             AND recipient = (SELECT mail FROM guests WHERE id = $1)",
            id
        )?;
        Ok(())
    }
}
