//! Remote collections that feature local actors, with the decisions about them (FEP-7aa9).

use crate::store::database::{Conn, Result, now, on};
use sqlx::FromRow;

/// A row of `features`, with the collection's owner and the featured local actor.
#[derive(Debug, Clone, FromRow)]
pub struct Feature {
    pub id: i64,
    /// The uid of its authorization.
    pub uid: String,
    pub local_actor_id: i64,
    /// The username of the local actor.
    pub featured: String,
    pub actor_id: i64,
    pub actor_uri: String,
    pub host: String,
    pub username: String,
    pub handle_host: String,
    pub collection_uri: String,
    pub name: String,
    /// `accepted` or `revoked`.
    pub state: String,
    pub created_at: i64,
}

impl Feature {
    pub fn is_revoked(&self) -> bool {
        self.state == "revoked"
    }
}

/// A collection that may feature a local actor.
#[derive(Debug, Clone)]
pub struct NewFeature<'a> {
    pub uid: &'a str,
    pub local_actor_id: i64,
    pub actor_id: i64,
    pub collection_uri: &'a str,
    pub name: &'a str,
    pub request_uri: &'a str,
}

/// The beginning of every query for [`Feature`]s; a macro, since sqlx takes literals.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT f.id, f.uid, f.local_actor_id, l.username AS featured, f.actor_id, a.uri AS actor_uri, a.host,
                a.username, a.handle_host, f.collection_uri, f.name, f.state, f.created_at
             FROM features f JOIN local_actors l ON l.id = f.local_actor_id JOIN remote_actors a ON a.id = f.actor_id ",
            $rest
        )
    };
}

impl Conn {
    /// Returns the decision about a local actor in a collection.
    pub async fn feature_in(
        &mut self,
        local_actor_id: i64,
        collection_uri: &str,
    ) -> Result<Option<Feature>> {
        Ok(on!(self, |c| sqlx::query_as(select!(
            "WHERE f.local_actor_id = $1 AND f.collection_uri = $2"
        ))
        .bind(local_actor_id)
        .bind(collection_uri)
        .fetch_optional(c)
        .await)?)
    }

    pub async fn feature_by_uid(&mut self, uid: &str) -> Result<Option<Feature>> {
        Ok(on!(self, |c| sqlx::query_as(select!("WHERE f.uid = $1"))
            .bind(uid)
            .fetch_optional(c)
            .await)?)
    }

    /// Returns the entries of a collection, and the row with this id.
    pub async fn find_features(&mut self, id: i64, collection_uri: &str) -> Result<Vec<Feature>> {
        Ok(on!(self, |c| sqlx::query_as(select!(
            "WHERE f.id = $1 OR f.collection_uri = $2 ORDER BY f.id"
        ))
        .bind(id)
        .bind(collection_uri)
        .fetch_all(c)
        .await)?)
    }

    /// Returns the next `limit` rows with ids below `before`, newest first.
    pub async fn features(&mut self, before: i64, limit: i64) -> Result<Vec<Feature>> {
        Ok(on!(self, |c| sqlx::query_as(select!(
            "WHERE f.id < $1 ORDER BY f.id DESC LIMIT $2"
        ))
        .bind(before)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    pub async fn add_feature(&mut self, feature: &NewFeature<'_>) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "INSERT INTO features (uid, local_actor_id, actor_id, collection_uri, name, request_uri, state, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'accepted', $7)"
        )
        .bind(feature.uid)
        .bind(feature.local_actor_id)
        .bind(feature.actor_id)
        .bind(feature.collection_uri)
        .bind(feature.name)
        .bind(feature.request_uri)
        .bind(now())
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Stores the newest request for a collection; its `Undo` refers to that.
    pub async fn set_feature_request(&mut self, id: i64, request_uri: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE features SET request_uri = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(request_uri)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Stores the entry of an actor's collection that uses an authorization. Returns false if it is not an
    /// authorization of that actor's.
    pub async fn set_feature_item(
        &mut self,
        actor_id: i64,
        uid: &str,
        item_uri: &str,
    ) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query(
            "UPDATE features SET item_uri = $3 WHERE actor_id = $1 AND uid = $2"
        )
        .bind(actor_id)
        .bind(uid)
        .bind(item_uri)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }

    /// Revokes an authorization. The row stays, so that it is not granted again.
    pub async fn revoke_feature(&mut self, id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE features SET state = 'revoked' WHERE id = $1"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Deletes the accepted entries that an actor ended, by the id of the collection, the entry or the request.
    /// Returns false if there are none. A revoked entry stays, since the actor could ask again.
    pub async fn forget_features(&mut self, actor_id: i64, uri: &str) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query(
            "DELETE FROM features WHERE actor_id = $1 AND state = 'accepted'
               AND (collection_uri = $2 OR item_uri = $2 OR request_uri = $2)"
        )
        .bind(actor_id)
        .bind(uri)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }
}
