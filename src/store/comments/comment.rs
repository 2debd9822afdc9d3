//! Comments: the replies to articles.

use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, fetch_all, fetch_optional, is_id, now, text_enum, to_json},
};
use serde::Serialize;
use sqlx::FromRow;
use std::{borrow::Cow, collections::HashMap};

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

    /// Returns the comments with these ids, by the ids as they were asked for.
    pub async fn comments_by_uris(&mut self, uris: &[&str]) -> Result<HashMap<String, Comment>> {
        let asked = uris.iter().map(|uri| AskedUri {
            asked: uri,
            uri: canonical_id(uri),
        });
        let asked = to_json(&asked.collect::<Vec<_>>());
        let found: Vec<FoundComment> = fetch_all!(
            self,
            rows(
                "$1",
                [asked text, uri text],
                concat!(
                    "SELECT r.asked, c.* FROM r JOIN comments c ON ",
                    is_id!("c.uri", "r.uri")
                )
            ),
            asked
        )?;
        let found = found.into_iter();
        Ok(found.map(|found| (found.asked, found.comment)).collect())
    }
}

/// An id of a comment, as it was asked for and in canonical form.
#[derive(Serialize)]
struct AskedUri<'a> {
    asked: &'a str,
    uri: Cow<'a, str>,
}

#[derive(FromRow)]
struct FoundComment {
    asked: String,
    #[sqlx(flatten)]
    comment: Comment,
}
