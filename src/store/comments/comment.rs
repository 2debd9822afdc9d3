//! Comments: the replies to articles.

use crate::{
    protocol::canonical_id,
    store::database::{
        Conn, Result, Tx, fetch_all, fetch_optional, fetch_optional_scalar, is_id, now, text_enum,
    },
};
use sqlx::FromRow;

text_enum! {
    /// The visibility of a comment.
    pub enum CommentState ("state of a comment") {
        Visible = "visible",
        /// It waits for the admin's decision.
        Held = "held",
        /// It waits until its author follows the confirmation link that was mailed to them.
        Unconfirmed = "unconfirmed",
        /// The admin or a block hid it.
        Hidden = "hidden",
        /// It is spam.
        Spam = "spam",
        /// Its author deleted it; the empty row keeps the thread together.
        Deleted = "deleted",
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
    pub state: CommentState,
    pub reason: Option<String>,
    pub published_at: i64,
    pub received_at: i64,
    pub edited_at: Option<i64>,
    /// The time of the last change according to its author's server. Older updates are ignored.
    pub updated_at: Option<i64>,
    /// The guest who wrote it, without an account.
    pub guest_id: Option<i64>,
    /// The text as a guest wrote it.
    pub markdown: Option<String>,
    /// Whether the guest wants mails about replies.
    pub wants_answers: bool,
    /// A hash of the guest's IP address.
    pub address_hash: Option<String>,
    /// JSON: see [`crate::content::Extras`].
    pub extras: Option<String>,
    /// The spam score in points, and its reasons as a JSON list.
    pub score: Option<i64>,
    pub score_reasons: Option<String>,
    pub text_hash: Option<String>,
    /// How the spam filter was trained with it.
    pub trained: Option<String>,
    /// The state of the check by the spam service: see [`crate::store::SpamCheckState`].
    pub akismet: Option<String>,
    /// The admins' private note about it.
    pub admin_note: Option<String>,
    /// A notification of it is pending.
    #[sqlx(rename = "untold")]
    pub notify_pending: bool,
    /// Whether its author restricts this comment to readers who are signed in.
    pub signin_required: bool,
    /// The time from which its author hides its text from visitors who are not signed in.
    pub hidden_from: Option<i64>,
}

impl Comment {
    /// Returns whether its author hides its text from visitors who are not signed in, and so from public pages.
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
    /// The `replies` collection on its own server, and the time at which it is first fetched.
    pub replies: Option<(String, i64)>,
    /// The activity through which it arrived.
    pub caused_by: Option<String>,
    pub guest: Option<GuestPart>,
    /// JSON: see [`crate::content::Extras`].
    pub extras: Option<String>,
    pub score: Option<i64>,
    pub score_reasons: Option<String>,
    pub text_hash: Option<String>,
    /// Whether to notify the admin of it.
    pub notify_pending: bool,
    /// See [`Comment::signin_required`].
    pub signin_required: bool,
}

/// The part that only a guest's comment has.
#[derive(Debug, Clone)]
pub struct GuestPart {
    pub guest_id: i64,
    pub markdown: String,
    pub wants_answers: bool,
    pub address_hash: String,
}

/// The author of comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Commenter {
    /// A row of `remote_actors`.
    Actor(i64),
    /// The guest with this mail address, in any case.
    Mail(String),
}

impl Conn {
    /// Returns the comment with this id, or else the only comment with this page.
    pub async fn comment_by_uri(&mut self, uri: &str) -> Result<Option<Comment>> {
        let uri = canonical_id(uri);
        let named: Option<Comment> = fetch_optional!(
            self,
            concat!("SELECT * FROM comments WHERE ", is_id!("uri", "$1")),
            uri.as_ref()
        )?;
        if named.is_some() {
            return Ok(named);
        }
        let mut at: Vec<Comment> = fetch_all!(
            self,
            concat!(
                "SELECT * FROM comments WHERE ",
                is_id!("url", "$1"),
                " LIMIT 2"
            ),
            uri.as_ref()
        )?;
        match at.len() {
            1 => Ok(at.pop()),
            _ => Ok(None),
        }
    }

    pub async fn comment(&mut self, id: i64) -> Result<Option<Comment>> {
        fetch_optional!(self, "SELECT * FROM comments WHERE id = $1", id)
    }

    pub async fn comment_by_number(
        &mut self,
        article_id: i64,
        number: i64,
    ) -> Result<Option<Comment>> {
        fetch_optional!(
            self,
            "SELECT * FROM comments WHERE article_id = $1 AND number = $2",
            article_id,
            number
        )
    }
}

impl Tx {
    /// Stores a comment under a number from [`crate::store::Store::next_comment_number`]. Returns `None` if a comment
    /// with its id is stored already.
    pub async fn add_comment(&mut self, comment: &NewComment, number: i64) -> Result<Option<i64>> {
        self.save_spelling(&comment.uri).await?;
        if let Some(url) = &comment.url {
            self.save_spelling(url).await?;
        }
        fetch_optional_scalar!(
            self,
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
            comment.article_id,
            number,
            comment.parent_id,
            &comment.uri,
            &comment.url,
            comment.actor_id,
            &comment.author_name,
            &comment.author_handle,
            &comment.author_url,
            &comment.content,
            &comment.content_warning,
            &comment.language,
            comment.state.as_str(),
            &comment.reason,
            comment.published_at,
            now(),
            comment.replies.as_ref().map(|(uri, _)| uri),
            comment.replies.as_ref().map(|(_, time)| time),
            comment.guest.as_ref().map(|guest| guest.guest_id),
            comment.guest.as_ref().map(|guest| &guest.markdown),
            comment.guest.as_ref().is_some_and(|guest| guest.wants_answers),
            comment.guest.as_ref().map(|guest| &guest.address_hash),
            &comment.extras,
            comment.score,
            &comment.score_reasons,
            &comment.text_hash,
            comment.notify_pending,
            comment.signin_required,
            comment.updated_at,
            &comment.caused_by
        )
    }
}
