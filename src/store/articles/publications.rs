//! The last published state of each article, which outlives the article as its tombstone.

use crate::store::database::{Conn, Result, on};
use sqlx::FromRow;

/// What was last told of an article. It outlives the article, as its tombstone.
#[derive(Debug, Clone, FromRow)]
pub struct Publication {
    pub article_uid: String,
    /// `live` or `gone`.
    pub state: String,
    /// The federated form: `article`, `note`, `teaser`, or `no` for an article that stays at home.
    pub form: String,
    pub local_actor_id: i64,
    /// Of the content that was told, to know a change from a repeat.
    pub hash: String,
    /// The permalink's path.
    pub path: String,
    pub published_at: i64,
    pub updated_at: Option<i64>,
    pub gone_at: Option<i64>,
}

impl Publication {
    pub fn is_live(&self) -> bool {
        self.state == "live"
    }
}

impl Conn {
    /// Returns live publications after a uid that have an outdated hash and no pending change; `None` while another
    /// node handles changes.
    pub async fn publications_to_compare(
        &mut self,
        version: &str,
        after: &str,
        limit: i64,
    ) -> Result<Option<Vec<Publication>>> {
        if !self.lock_changes().await? {
            return Ok(None);
        }
        Ok(Some(on!(self, |c| {
            sqlx::query_as(
                "SELECT * FROM publications p
             WHERE p.state = 'live' AND p.hash NOT LIKE $1 AND p.article_uid > $2
               AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.kind = 'article' AND c.uid = p.article_uid)
             ORDER BY p.article_uid LIMIT $3",
            )
            .bind(format!("{version}%"))
            .bind(after)
            .bind(limit)
            .fetch_all(c)
            .await
        })?))
    }

    pub async fn publication(&mut self, article_uid: &str) -> Result<Option<Publication>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM publications WHERE article_uid = $1"
        )
        .bind(article_uid)
        .fetch_optional(c)
        .await)?)
    }

    pub async fn save_publication(&mut self, publication: &Publication) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "INSERT INTO publications (article_uid, state, form, local_actor_id, hash, path, published_at, updated_at,
                gone_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (article_uid) DO UPDATE SET state = excluded.state, form = excluded.form,
                local_actor_id = excluded.local_actor_id, hash = excluded.hash, path = excluded.path,
                published_at = excluded.published_at, updated_at = excluded.updated_at, gone_at = excluded.gone_at",
        )
        .bind(&publication.article_uid)
        .bind(&publication.state)
        .bind(&publication.form)
        .bind(publication.local_actor_id)
        .bind(&publication.hash)
        .bind(&publication.path)
        .bind(publication.published_at)
        .bind(publication.updated_at)
        .bind(publication.gone_at)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }
}
