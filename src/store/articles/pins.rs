//! Pinned articles, which the site lists first.

use crate::store::database::{
    Conn, Result, Tx, execute, fetch_optional_scalar, fetch_scalars, now, text_enum,
};

text_enum! {
    /// Whether a pin, or its removal, is published.
    pub enum PinState ("state of a pin") {
        Waiting = "waiting",
        Published = "told",
        Removed = "removed",
    }
}

/// The maximum number of pinned articles that are listed.
const MAX_PINS: i64 = 50;

impl Conn {
    /// Returns the state of an article's pin; `None` if it is not pinned.
    pub async fn pin_state(&mut self, article_id: i64) -> Result<Option<PinState>> {
        fetch_optional_scalar!(
            self,
            "SELECT state FROM pins WHERE article_id = $1",
            article_id
        )
    }

    /// Returns the uids of the pinned articles that are federated, the last pinned first.
    pub async fn pinned_articles(&mut self) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            "SELECT a.uid FROM pins p CROSS JOIN articles a CROSS JOIN publications t
             WHERE a.id = p.article_id AND t.article_uid = a.uid AND t.state = 'live' AND t.form <> 'no'
                AND p.state <> 'removed' AND a.status = 'published' AND a.published_at <= $1
             ORDER BY p.pinned_at DESC, a.id DESC LIMIT $2",
            now(),
            MAX_PINS
        )
    }

    /// Returns the id of the last pinned article that readers can see.
    pub async fn pinned_lead(&mut self) -> Result<Option<i64>> {
        fetch_optional_scalar!(
            self,
            "SELECT a.id FROM pins p CROSS JOIN articles a
             WHERE a.id = p.article_id AND p.state <> 'removed' AND a.status = 'published' AND a.published_at <= $1
             ORDER BY p.pinned_at DESC, a.id DESC LIMIT 1",
            now()
        )
    }

    /// Returns the uids of an actor's newest `limit` federated articles.
    pub async fn newest_articles_of(
        &mut self,
        local_actor_id: i64,
        limit: i64,
    ) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            "SELECT a.uid FROM articles a
             JOIN publications t ON t.article_uid = a.uid AND t.state = 'live' AND t.form <> 'no'
             WHERE t.local_actor_id = $1 AND a.status = 'published' AND a.published_at <= $2
             ORDER BY a.published_at DESC, a.id DESC LIMIT $3",
            local_actor_id,
            now(),
            limit
        )
    }
}

impl Tx {
    /// Pins an article. Returns false if it is pinned already.
    pub async fn pin(&mut self, article_id: i64) -> Result<bool> {
        Ok(execute!(
            self,
            "INSERT INTO pins (article_id, pinned_at) VALUES ($1, $2)
             ON CONFLICT (article_id) DO UPDATE SET state = 'waiting', pinned_at = excluded.pinned_at
             WHERE pins.state = 'removed'",
            article_id,
            now()
        )? > 0)
    }

    /// Unpins an article. The row stays until that is published. Returns false if the article is not pinned.
    pub async fn unpin(&mut self, article_id: i64) -> Result<bool> {
        Ok(execute!(
            self,
            "UPDATE pins SET state = 'removed' WHERE article_id = $1 AND state <> 'removed'",
            article_id
        )? > 0)
    }

    pub async fn set_pin_published(&mut self, article_id: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE pins SET state = 'told' WHERE article_id = $1",
            article_id
        )?;
        Ok(())
    }

    pub async fn delete_pin(&mut self, article_id: i64) -> Result<()> {
        execute!(self, "DELETE FROM pins WHERE article_id = $1", article_id)?;
        Ok(())
    }
}
