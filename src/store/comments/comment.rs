//! Comments: the replies under the articles.

use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, is_id, now, on},
};
use sqlx::FromRow;

/// Who sees a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentState {
    Visible,
    /// Waits for the admin.
    Held,
    /// Waits until its author follows the link that was mailed to them.
    Unconfirmed,
    /// Hidden by the admin or by a block.
    Hidden,
    /// Hidden because it is spam.
    Spam,
    /// Deleted by its author; the empty row keeps the thread together.
    Deleted,
}

impl CommentState {
    pub fn as_str(self) -> &'static str {
        match self {
            CommentState::Visible => "visible",
            CommentState::Held => "held",
            CommentState::Unconfirmed => "unconfirmed",
            CommentState::Hidden => "hidden",
            CommentState::Spam => "spam",
            CommentState::Deleted => "deleted",
        }
    }
}

/// A row of `comments`.
#[derive(Debug, Clone, FromRow)]
pub struct Comment {
    pub id: i64,
    pub article_id: i64,
    pub number: i64,
    pub parent_id: Option<i64>,
    pub uri: String,
    pub url: Option<String>,
    pub actor_id: Option<i64>,
    pub author_name: String,
    pub author_handle: String,
    pub author_url: Option<String>,
    /// Sanitized HTML.
    pub content: String,
    pub content_warning: Option<String>,
    pub language: Option<String>,
    pub state: String,
    pub reason: Option<String>,
    pub published_at: i64,
    pub received_at: i64,
    pub edited_at: Option<i64>,
    /// The time of the last change according to its author's server; an older update comes too late.
    pub updated_at: Option<i64>,
    /// Who wrote it here without an account.
    pub guest_id: Option<i64>,
    /// What a guest wrote.
    pub markdown: Option<String>,
    /// Whether a guest wants to hear of answers.
    pub wants_answers: bool,
    /// The hashed address that a guest wrote from.
    pub address_hash: Option<String>,
    /// JSON: see [`crate::content::Extras`].
    pub extras: Option<String>,
    /// How much of a spam it looks like, in points, and a JSON list of the reasons.
    pub score: Option<i64>,
    pub score_reasons: Option<String>,
    pub text_hash: Option<String>,
    /// `ham` or `spam`, as what the admin's decision taught it to the filter.
    pub trained: Option<String>,
    /// What became of the spam service's check: see [`super::ServiceState`].
    pub akismet: Option<String>,
    /// What admins write to themselves about it.
    pub admin_note: Option<String>,
    /// Somebody is still to be told of it.
    pub untold: bool,
    /// Whether its own object restricts it to readers who are signed in.
    pub signin_required: bool,
    /// The time from which its author hides its text from strangers.
    pub hidden_from: Option<i64>,
}

impl Comment {
    /// Returns whether its author hides its text from strangers, and so from a public page.
    pub fn is_hidden_by_author(&self) -> bool {
        self.hidden_from.is_some_and(|time| time <= now())
    }
}

/// A comment to be stored.
#[derive(Debug, Clone)]
pub struct NewComment {
    pub article_id: i64,
    pub parent_id: Option<i64>,
    pub uri: String,
    pub url: Option<String>,
    pub actor_id: Option<i64>,
    pub author_name: String,
    pub author_handle: String,
    pub author_url: Option<String>,
    pub content: String,
    pub content_warning: Option<String>,
    pub language: Option<String>,
    pub state: CommentState,
    pub reason: Option<String>,
    pub published_at: i64,
    /// The time of the last change according to its author's server.
    pub updated_at: Option<i64>,
    /// Where its own server lists the answers to it, and when they are first looked for.
    pub replies: Option<(String, i64)>,
    /// The activity that brought it.
    pub caused_by: Option<String>,
    pub guest: Option<GuestPart>,
    /// JSON: see [`crate::content::Extras`].
    pub extras: Option<String>,
    pub score: Option<i64>,
    pub score_reasons: Option<String>,
    pub text_hash: Option<String>,
    /// Somebody is to be told of it.
    pub untold: bool,
    /// See [`Comment`].
    pub signin_required: bool,
}

/// What only a comment has that was written here without an account.
#[derive(Debug, Clone)]
pub struct GuestPart {
    pub guest_id: i64,
    pub markdown: String,
    pub wants_answers: bool,
    pub address_hash: String,
}

/// Somebody who comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// The row of `remote_actors`.
    Actor(i64),
    /// Whoever comments without an account under this mail address, whatever its case.
    Mail(String),
}

impl Conn {
    /// Stores a comment under a number that `Store::next_comment_number` gave. `None` if its uri is there
    /// already.
    pub async fn add_comment(&mut self, comment: &NewComment, number: i64) -> Result<Option<i64>> {
        self.note_spelling(&comment.uri).await?;
        if let Some(url) = &comment.url {
            self.note_spelling(url).await?;
        }
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "INSERT INTO comments (article_id, number, parent_id, uri, url, actor_id, author_name, author_handle,
                author_url, content, content_warning, language, state, reason, published_at, received_at,
                replies_uri, next_crawl_at, guest_id, markdown, wants_answers, address_hash, extras, score,
                score_reasons, text_hash, untold, signin_required, updated_at, caused_by, guest_untold, hidden_from)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                $21, $22, $23, $24, $25, $26, $27, $28, $29, $30,
                COALESCE((SELECT wants_answers FROM comments WHERE id = $3), FALSE),
                CASE WHEN $28 THEN 0 ELSE (SELECT CASE WHEN $15 <= a.hidden_before THEN 0
                    ELSE $15 + a.hidden_after END FROM remote_actors a WHERE a.id = $6) END)
             ON CONFLICT (uri) DO NOTHING RETURNING id",
        )
        .bind(comment.article_id)
        .bind(number)
        .bind(comment.parent_id)
        .bind(&comment.uri)
        .bind(&comment.url)
        .bind(comment.actor_id)
        .bind(&comment.author_name)
        .bind(&comment.author_handle)
        .bind(&comment.author_url)
        .bind(&comment.content)
        .bind(&comment.content_warning)
        .bind(&comment.language)
        .bind(comment.state.as_str())
        .bind(&comment.reason)
        .bind(comment.published_at)
        .bind(now())
        .bind(comment.replies.as_ref().map(|(uri, _)| uri))
        .bind(comment.replies.as_ref().map(|(_, time)| time))
        .bind(comment.guest.as_ref().map(|guest| guest.guest_id))
        .bind(comment.guest.as_ref().map(|guest| &guest.markdown))
        .bind(comment.guest.as_ref().is_some_and(|guest| guest.wants_answers))
        .bind(comment.guest.as_ref().map(|guest| &guest.address_hash))
        .bind(&comment.extras)
        .bind(comment.score)
        .bind(&comment.score_reasons)
        .bind(&comment.text_hash)
        .bind(comment.untold)
        .bind(comment.signin_required)
        .bind(comment.updated_at)
        .bind(&comment.caused_by)
        .fetch_optional(c)
        .await
        })?)
    }

    /// Returns the comment with this id, or else the only one whose page has this address.
    pub async fn comment_by_uri(&mut self, uri: &str) -> Result<Option<Comment>> {
        let uri = canonical_id(uri);
        let named: Option<Comment> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT * FROM comments WHERE ",
            is_id!("uri", "$1")
        ))
        .bind(uri.as_ref())
        .fetch_optional(c)
        .await)?;
        if named.is_some() {
            return Ok(named);
        }
        let mut at: Vec<Comment> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT * FROM comments WHERE ",
            is_id!("url", "$1"),
            " LIMIT 2"
        ))
        .bind(uri.as_ref())
        .fetch_all(c)
        .await)?;
        match at.len() {
            1 => Ok(at.pop()),
            _ => Ok(None),
        }
    }

    pub async fn comment(&mut self, id: i64) -> Result<Option<Comment>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM comments WHERE id = $1"
        )
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    pub async fn comment_by_number(
        &mut self,
        article_id: i64,
        number: i64,
    ) -> Result<Option<Comment>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM comments WHERE article_id = $1 AND number = $2"
        )
        .bind(article_id)
        .bind(number)
        .fetch_optional(c)
        .await)?)
    }
}
