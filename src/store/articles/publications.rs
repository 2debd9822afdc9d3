//! The last published state of each article, which outlives the article as its tombstone.

use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_optional, fetch_optional_scalar, text_enum,
};
use sqlx::FromRow;

text_enum! {
    /// Whether an article is published.
    pub enum PublicationState ("state of a publication") {
        Live = "live",
        Gone = "gone",
    }
}

/// The last published state of an article. It outlives the article as its tombstone.
#[derive(Debug, Clone, FromRow)]
pub struct Publication {
    pub article_uid: String,
    /// Whether the article is still published.
    pub state: PublicationState,
    /// The federated form: `article`, `note`, `teaser`, or `no` for an article that is not federated.
    pub form: String,
    pub local_actor_id: i64,
    /// The hash of the published content, by which changes are detected.
    pub hash: String,
    /// The permalink's path.
    pub path: String,
    pub published_at: i64,
    pub updated_at: Option<i64>,
    pub gone_at: Option<i64>,
    /// The ActivityPub id that the article got from other software; `None` if the id is computed from its uid.
    pub object_uri: Option<String>,
    /// Whether followers got it. Updates of another one go only to servers that have it: see `object_hosts`.
    pub announced: bool,
}

impl Publication {
    pub fn is_live(&self) -> bool {
        self.state == PublicationState::Live
    }
}

impl Conn {
    pub async fn publication(&mut self, article_uid: &str) -> Result<Option<Publication>> {
        fetch_optional!(
            self,
            "SELECT p.*, o.uri AS object_uri FROM publications p LEFT JOIN object_uris o ON o.article_uid = p.article_uid
             WHERE p.article_uid = $1",
            article_uid
        )
    }

    /// Returns whether an article was sent as a local actor that was deleted since.
    pub async fn is_of_deleted_actor(&mut self, article_uid: &str) -> Result<bool> {
        let found: Option<i64> = fetch_optional_scalar!(
            self,
            "SELECT a.id FROM publications p JOIN local_actors a ON a.id = p.local_actor_id
             WHERE p.article_uid = $1 AND p.form <> 'no' AND a.gone_at IS NOT NULL",
            article_uid
        )?;
        Ok(found.is_some())
    }
}

impl Tx {
    /// Returns the next live publications after a uid whose hash is of another version and that have no pending change;
    /// `None` if another node holds the lock on the change log.
    pub async fn publications_to_compare(
        &mut self,
        version: &str,
        after: &str,
        limit: i64,
    ) -> Result<Option<Vec<Publication>>> {
        if !self.lock_changes().await? {
            return Ok(None);
        }
        Ok(Some(fetch_all!(
            self,
            "SELECT p.*, o.uri AS object_uri FROM publications p LEFT JOIN object_uris o ON o.article_uid = p.article_uid
             WHERE p.state = 'live' AND p.hash NOT LIKE $1 AND p.article_uid > $2
               AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.kind = 'article' AND c.uid = p.article_uid)
             ORDER BY p.article_uid LIMIT $3",
            format!("{version}%"),
            after,
            limit
        )?))
    }

    pub async fn save_publication(&mut self, publication: &Publication) -> Result<()> {
        execute!(
            self,
            "INSERT INTO publications (article_uid, state, form, local_actor_id, hash, path, published_at, updated_at,
                gone_at, announced) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (article_uid) DO UPDATE SET state = excluded.state, form = excluded.form,
                local_actor_id = excluded.local_actor_id, hash = excluded.hash, path = excluded.path,
                published_at = excluded.published_at, updated_at = excluded.updated_at, gone_at = excluded.gone_at,
                announced = excluded.announced",
            &publication.article_uid,
            publication.state.as_str(),
            &publication.form,
            publication.local_actor_id,
            &publication.hash,
            &publication.path,
            publication.published_at,
            publication.updated_at,
            publication.gone_at,
            publication.announced
        )?;
        Ok(())
    }
}
