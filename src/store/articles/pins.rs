//! The articles that the site shows first.

use crate::store::database::{Conn, Result, now, on};

/// Pinned articles that are shown.
const MAX_PINS: i64 = 50;

impl Conn {
    /// Pins an article. False if it is pinned already.
    pub async fn pin(&mut self, article_id: i64) -> Result<bool> {
        Ok(on!(self, |c| {
            sqlx::query(
            "INSERT INTO pins (article_id, pinned_at) VALUES ($1, $2)
             ON CONFLICT (article_id) DO UPDATE SET state = 'waiting', pinned_at = excluded.pinned_at
             WHERE pins.state = 'removed'"
        )
        .bind(article_id)
        .bind(now())
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0)
        })?)
    }

    /// Takes a pin away; its row stays until the followers are told. False if there is none.
    pub async fn unpin(&mut self, article_id: i64) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query(
            "UPDATE pins SET state = 'removed' WHERE article_id = $1 AND state <> 'removed'"
        )
        .bind(article_id)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }

    /// `waiting`, `told` or `removed`; `None` for what is not pinned.
    pub async fn pin_state(&mut self, article_id: i64) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT state FROM pins WHERE article_id = $1"
        )
        .bind(article_id)
        .fetch_optional(c)
        .await)?)
    }

    pub async fn pin_told(&mut self, article_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE pins SET state = 'told' WHERE article_id = $1"
        )
        .bind(article_id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    pub async fn forget_pin(&mut self, article_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM pins WHERE article_id = $1"
        )
        .bind(article_id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// The uids of the pinned articles that the fediverse knows, the last pinned first.
    pub async fn pinned(&mut self) -> Result<Vec<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT a.uid FROM pins p JOIN articles a ON a.id = p.article_id
             JOIN publications t ON t.article_uid = a.uid AND t.state = 'live' AND t.form <> 'no'
             WHERE p.state <> 'removed' AND a.status = 'published' AND a.published_at <= $1
             ORDER BY p.pinned_at DESC, a.id DESC LIMIT $2"
        )
        .bind(now())
        .bind(MAX_PINS)
        .fetch_all(c)
        .await)?)
    }

    /// Returns the uids of an actor's newest `limit` federated articles.
    pub async fn newest_of(&mut self, local_actor_id: i64, limit: i64) -> Result<Vec<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT a.uid FROM articles a
             JOIN publications t ON t.article_uid = a.uid AND t.state = 'live' AND t.form <> 'no'
             WHERE t.local_actor_id = $1 AND a.status = 'published' AND a.published_at <= $2
             ORDER BY a.published_at DESC, a.id DESC LIMIT $3"
        )
        .bind(local_actor_id)
        .bind(now())
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }
}
