//! Remote collections that feature local actors, with the decisions about them (FEP-7aa9).

use super::quotes::AuthorizationState;
use crate::store::database::{Conn, Result, Tx, execute, fetch_all, fetch_optional, now};
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
    /// The decision.
    pub state: AuthorizationState,
    pub created_at: i64,
}

impl Feature {
    pub fn is_revoked(&self) -> bool {
        self.state == AuthorizationState::Revoked
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

/// Selects [`Feature`]s. This is a macro, since sqlx takes literals.
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
        fetch_optional!(
            self,
            select!("WHERE f.local_actor_id = $1 AND f.collection_uri = $2"),
            local_actor_id,
            collection_uri
        )
    }

    pub async fn feature_by_uid(&mut self, uid: &str) -> Result<Option<Feature>> {
        fetch_optional!(self, select!("WHERE f.uid = $1"), uid)
    }

    /// Returns the entries of a collection, and the row with this id.
    pub async fn find_features(&mut self, id: i64, collection_uri: &str) -> Result<Vec<Feature>> {
        fetch_all!(
            self,
            select!("WHERE f.id = $1 OR f.collection_uri = $2 ORDER BY f.id"),
            id,
            collection_uri
        )
    }

    /// Returns the next `limit` rows with ids below `before`, newest first.
    pub async fn features(&mut self, before: i64, limit: i64) -> Result<Vec<Feature>> {
        fetch_all!(
            self,
            select!("WHERE f.id < $1 ORDER BY f.id DESC LIMIT $2"),
            before,
            limit
        )
    }
}

impl Tx {
    pub async fn add_feature(&mut self, feature: &NewFeature<'_>) -> Result<()> {
        execute!(
            self,
            "INSERT INTO features (uid, local_actor_id, actor_id, collection_uri, name, request_uri, state, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'accepted', $7)",
            feature.uid,
            feature.local_actor_id,
            feature.actor_id,
            feature.collection_uri,
            feature.name,
            feature.request_uri,
            now()
        )?;
        Ok(())
    }

    /// Stores the newest request for a collection, to which its `Undo` refers.
    pub async fn set_feature_request(&mut self, id: i64, request_uri: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE features SET request_uri = $2 WHERE id = $1",
            id,
            request_uri
        )?;
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
        Ok(execute!(
            self,
            "UPDATE features SET item_uri = $3 WHERE actor_id = $1 AND uid = $2",
            actor_id,
            uid,
            item_uri
        )? > 0)
    }

    /// Revokes an authorization. The row stays, so that it is not granted again.
    pub async fn revoke_feature(&mut self, id: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE features SET state = 'revoked' WHERE id = $1",
            id
        )?;
        Ok(())
    }

    /// Deletes the accepted entries that an actor removed, by the id of the collection, the entry or the request.
    /// Returns false if there are none. Revoked entries stay, since the actor could ask again.
    pub async fn forget_features(&mut self, actor_id: i64, uri: &str) -> Result<bool> {
        Ok(execute!(
            self,
            "DELETE FROM features WHERE actor_id = $1 AND state = 'accepted'
             AND (collection_uri = $2 OR item_uri = $2 OR request_uri = $2)",
            actor_id,
            uri
        )? > 0)
    }
}
