//! The state of the publication in one statement each: `pamphlet status` must be quick.

use crate::store::database::{Conn, Raw, Result, fetch_one, fetch_optional, now};
use sqlx::FromRow;

/// Counts of what the admin looks after.
#[derive(Debug, Clone, FromRow)]
pub struct Overview {
    pub followers: i64,
    /// Those who came since `since`.
    pub joined: i64,
    /// Requests to follow that wait for the admin.
    pub requests: i64,
    pub articles: i64,
    pub drafts: i64,
    pub scheduled: i64,
    pub comments: i64,
    /// Comments that came since `since`.
    pub new_comments: i64,
    pub held: i64,
    pub spam: i64,
    pub notices: i64,
    /// Notices that came since `since`.
    pub new_notices: i64,
    pub waiting: i64,
    /// Destinations that fail at present, and those that count as dead.
    pub failing: i64,
    pub dead: i64,
    pub refused: i64,
    /// Mails and calls of the webhook that wait, and those that were given up.
    pub messages: i64,
    pub failed_messages: i64,
}

/// The article that is published next.
#[derive(Debug, Clone, FromRow)]
pub struct ScheduledArticle {
    pub slug: String,
    pub title: String,
    pub published_at: i64,
}

/// The id of the newest article that readers can see.
#[derive(Debug, Clone, FromRow)]
pub struct LastArticle {
    pub id: i64,
}

impl Conn {
    /// Counts everything.
    pub async fn overview(&mut self, since: i64) -> Result<Overview> {
        fetch_one!(
            self,
            "SELECT (SELECT COUNT(*) FROM followers
                    WHERE state = 'accepted' AND local_actor_id IN (SELECT id FROM local_actors)) AS followers,
                (SELECT COUNT(*) FROM followers
                    WHERE state = 'accepted' AND local_actor_id IN (SELECT id FROM local_actors) AND created_at >= $2)
                    AS joined,
                (SELECT COUNT(*) FROM followers
                    WHERE state = 'pending' AND local_actor_id IN (SELECT id FROM local_actors)) AS requests,
                (SELECT COUNT(*) FROM articles WHERE status = 'published' AND published_at <= $1) AS articles,
                (SELECT COUNT(*) FROM articles WHERE status = 'draft') AS drafts,
                (SELECT COUNT(*) FROM articles WHERE status = 'published' AND published_at > $1) AS scheduled,
                (SELECT COUNT(*) FROM comments WHERE state = 'visible') AS comments,
                (SELECT COUNT(*) FROM comments WHERE state = 'visible' AND received_at >= $2) AS new_comments,
                (SELECT COUNT(*) FROM comments WHERE state = 'held') AS held,
                (SELECT COUNT(*) FROM comments WHERE state = 'spam') AS spam,
                (SELECT COUNT(*) FROM notices) AS notices,
                (SELECT COUNT(*) FROM notices WHERE COALESCE(last_at, created_at) >= $2) AS new_notices,
                (SELECT COUNT(*) FROM deliveries WHERE state = 'waiting') AS waiting,
                (SELECT COUNT(*) FROM destinations WHERE failing_since IS NOT NULL AND state = 'alive') AS failing,
                (SELECT COUNT(*) FROM destinations WHERE state = 'dead') AS dead,
                (SELECT COUNT(*) FROM deliveries WHERE state = 'refused' AND refused_at >= $2) AS refused,
                (SELECT COUNT(*) FROM messages WHERE next_attempt_at IS NOT NULL) AS messages,
                (SELECT COUNT(*) FROM messages WHERE next_attempt_at IS NULL) AS failed_messages",
            now(),
            since
        )
    }

    /// Returns the article that is published next.
    pub async fn next_scheduled(&mut self) -> Result<Option<ScheduledArticle>> {
        fetch_optional!(
            self,
            "SELECT slug, title, published_at FROM articles WHERE status = 'published' AND published_at > $1
             ORDER BY published_at, id LIMIT 1",
            now()
        )
    }

    /// Returns the newest article that readers can see.
    pub async fn last_article(&mut self) -> Result<Option<LastArticle>> {
        fetch_optional!(
            self,
            "SELECT id FROM articles WHERE status = 'published' AND published_at <= $1
             ORDER BY published_at DESC, id DESC LIMIT 1",
            now()
        )
    }

    /// Returns the size of the database in bytes.
    pub async fn database_size(&mut self) -> Result<i64> {
        match self.raw() {
            Raw::Sqlite(connection) => Ok(sqlx::query_scalar(
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            )
            .fetch_one(connection)
            .await?),
            Raw::Postgres(connection) => Ok(sqlx::query_scalar(
                "SELECT pg_database_size(current_database())",
            )
            .fetch_one(connection)
            .await?),
        }
    }
}
