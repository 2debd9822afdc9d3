//! All comments of an article, for exports.

use super::CommentState;
use crate::store::database::{Conn, Result, fetch_all};
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
    pub state: CommentState,
    pub published_at: i64,
    /// Whether its author has an account on another server.
    pub is_remote: bool,
    /// The id of its author there.
    pub actor_uri: Option<String>,
    pub mail: Option<String>,
    pub site: Option<String>,
}

impl Conn {
    /// Returns the next `limit` comments of an article with numbers above `after`, in any state.
    pub async fn exported_comments(
        &mut self,
        article_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<ExportedComment>> {
        fetch_all!(
            self,
            "SELECT c.id, c.number, c.parent_id, c.uri, c.url, c.author_name, c.author_url, c.content, c.state,
                c.published_at, c.actor_id IS NOT NULL AS is_remote, a.uri AS actor_uri, g.mail, g.site
             FROM comments c LEFT JOIN guests g ON g.id = c.guest_id LEFT JOIN remote_actors a ON a.id = c.actor_id
             WHERE c.article_id = $1 AND c.number > $2 ORDER BY c.number LIMIT $3",
            article_id,
            after,
            limit
        )
    }
}
