//! All comments of an article, for exports.

use super::CommentState;
use crate::store::database::{Conn, Result, fetch_all, now};
use sqlx::FromRow;

/// A comment as another program takes it in.
#[derive(Debug, Clone, FromRow)]
pub struct ExportedComment {
    pub id: i64,
    pub number: i64,
    pub parent_id: Option<i64>,
    pub uri: String,
    pub url: Option<String>,
    pub author_name: String,
    pub author_url: Option<String>,
    /// Sanitized HTML.
    pub content: String,
    pub content_warning: Option<String>,
    pub state: CommentState,
    /// Whether only signed-in readers see it on its own server, and since when it is hidden from visitors here.
    pub signin_required: bool,
    pub hidden_from: Option<i64>,
    pub published_at: i64,
    /// Whether its author has an account on another server.
    pub is_remote: bool,
    /// The id of its author there.
    pub actor_uri: Option<String>,
    pub mail: Option<String>,
    pub site: Option<String>,
}

impl ExportedComment {
    /// Returns whether visitors without an account do not see it.
    pub fn is_hidden_from_visitors(&self) -> bool {
        self.signin_required || self.hidden_from.is_some_and(|time| time <= now())
    }
}

/// The place of a comment in its thread.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct ThreadedComment {
    pub id: i64,
    pub parent_id: Option<i64>,
    pub state: CommentState,
}

impl Conn {
    /// Returns the places of all comments of an article, in the order of their numbers.
    pub async fn threads_of(&mut self, article_id: i64) -> Result<Vec<ThreadedComment>> {
        fetch_all!(
            self,
            "SELECT id, parent_id, state FROM comments WHERE article_id = $1 ORDER BY number",
            article_id
        )
    }

    /// Returns the next `limit` comments of an article with numbers above `after`, in any state.
    pub async fn exported_comments(
        &mut self,
        article_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<ExportedComment>> {
        fetch_all!(
            self,
            "SELECT c.id, c.number, c.parent_id, c.uri, c.url, c.author_name, c.author_url, c.content,
                c.content_warning, c.state, c.signin_required, c.hidden_from, c.published_at,
                c.actor_id IS NOT NULL AS is_remote, a.uri AS actor_uri, g.mail, g.site
             FROM comments c LEFT JOIN guests g ON g.id = c.guest_id LEFT JOIN remote_actors a ON a.id = c.actor_id
             WHERE c.article_id = $1 AND c.number > $2 ORDER BY c.number LIMIT $3",
            article_id,
            after,
            limit
        )
    }
}
