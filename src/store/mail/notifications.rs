//! Pending notifications: to the admin of comments and notices, to guests of replies.

use super::notices::Notice;
use crate::store::{
    comments::CommentState,
    database::{Conn, Result, Tx, fetch_all, fetch_one, fetch_scalars, now, to_json},
};
use sqlx::FromRow;

/// The notifications that are pending.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct PendingNotifications {
    /// Whether the admin is to be notified of comments or notices.
    pub news: bool,
    /// Whether guests are to be notified of replies.
    pub answers: bool,
    /// The times since which the oldest comment and notice wait for a mail to the admin.
    pub comment_since: Option<i64>,
    pub notice_since: Option<i64>,
}

/// A comment for a notification.
#[derive(Debug, Clone, FromRow)]
pub struct NotifiedComment {
    pub id: i64,
    pub number: i64,
    pub uri: String,
    pub author_name: String,
    pub author_handle: String,
    pub author_url: Option<String>,
    pub content: String,
    pub content_warning: Option<String>,
    pub state: CommentState,
    pub reason: Option<String>,
    pub received_at: i64,
    /// The time from which its author hides its text from visitors who are not signed in.
    pub hidden_from: Option<i64>,
    pub article_title: String,
    pub article_slug: String,
    pub article_published_at: i64,
    /// BCP 47 tag.
    pub article_language: Option<String>,
}

impl NotifiedComment {
    /// Returns whether its author hides its text from visitors who are not signed in, and so from guests.
    pub fn is_hidden_by_author(&self) -> bool {
        self.hidden_from.is_some_and(|time| time <= now())
    }
}

/// A reply to a guest's comment, with that guest.
#[derive(Debug, Clone, FromRow)]
pub struct ReplyToGuest {
    #[sqlx(flatten)]
    pub comment: NotifiedComment,
    pub guest_id: i64,
    pub guest_mail: String,
}

/// The columns of a [`NotifiedComment`].
macro_rules! notified_comment {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.number, c.uri, c.author_name, c.author_handle, c.author_url, c.content,
             c.content_warning, c.state, c.reason, c.received_at, c.hidden_from, a.title AS article_title,
             a.slug AS article_slug, a.published_at AS article_published_at,
             a.language AS article_language",
            $rest
        )
    };
}
pub(in crate::store) use notified_comment;

impl Conn {
    /// Returns which notifications are pending. Each part has an index.
    pub async fn pending_notifications(&mut self) -> Result<PendingNotifications> {
        fetch_one!(
            self,
            "SELECT (EXISTS (SELECT 1 FROM comments WHERE untold AND state IN ('visible', 'held'))
             OR EXISTS (SELECT 1 FROM notices WHERE untold)) AS news,
             EXISTS (SELECT 1 FROM comments WHERE guest_untold AND state = 'visible') AS answers,
             (SELECT received_at FROM comments WHERE unmailed ORDER BY id LIMIT 1) AS comment_since,
             (SELECT created_at FROM notices WHERE unmailed ORDER BY id LIMIT 1) AS notice_since"
        )
    }

    async fn comments_for_notification(&mut self, ids: &[i64]) -> Result<Vec<NotifiedComment>> {
        fetch_all!(
            self,
            ids(
                notified_comment!(
                    " FROM comments c JOIN articles a ON a.id = c.article_id WHERE c.id IN "
                ),
                "$1",
                " ORDER BY c.id"
            ),
            to_json(ids)
        )
    }
}

impl Tx {
    /// Claims up to `limit` comments of which the admin is to be notified now. They wait for a mail if `is_mailed`.
    pub async fn claim_comments_to_notify(
        &mut self,
        limit: i64,
        is_mailed: bool,
    ) -> Result<Vec<NotifiedComment>> {
        let ids: Vec<i64> = fetch_scalars!(
            self,
            "UPDATE comments SET untold = FALSE, unmailed = $2 WHERE id IN (SELECT id FROM comments
                WHERE untold AND state IN ('visible', 'held') ORDER BY id LIMIT $1) RETURNING id",
            limit,
            is_mailed
        )?;
        self.comments_for_notification(&ids).await
    }

    /// Claims up to `limit` notices in the same way.
    pub async fn claim_notices_to_notify(
        &mut self,
        limit: i64,
        is_mailed: bool,
    ) -> Result<Vec<Notice>> {
        let ids: Vec<i64> = fetch_scalars!(
            self,
            "UPDATE notices SET untold = FALSE, unmailed = $2
             WHERE id IN (SELECT id FROM notices WHERE untold ORDER BY id LIMIT $1) RETURNING id",
            limit,
            is_mailed
        )?;
        fetch_all!(
            self,
            ids("SELECT * FROM notices WHERE id IN ", "$1", " ORDER BY id"),
            to_json(&ids)
        )
    }

    /// Claims up to `limit` visible replies to guests. Returns those to guests with a confirmed address who want mails
    /// and did not write the reply themselves.
    pub async fn claim_replies_to_notify(&mut self, limit: i64) -> Result<Vec<ReplyToGuest>> {
        let ids: Vec<i64> = fetch_scalars!(
            self,
            "UPDATE comments SET guest_untold = FALSE WHERE id IN (SELECT id FROM comments
                WHERE guest_untold AND state = 'visible' ORDER BY id LIMIT $1) RETURNING id",
            limit
        )?;
        fetch_all!(
            self,
            ids(
                notified_comment!(
                    ", g.id AS guest_id, g.mail AS guest_mail
                     FROM comments c JOIN articles a ON a.id = c.article_id
                     JOIN comments p ON p.id = c.parent_id JOIN guests g ON g.id = p.guest_id
                     WHERE p.wants_answers AND g.mail IS NOT NULL AND g.confirmed_at IS NOT NULL
                        AND NOT g.unsubscribed AND COALESCE(c.guest_id, 0) <> g.id AND c.id IN "
                ),
                "$1",
                " ORDER BY c.id"
            ),
            to_json(&ids)
        )
    }
}
