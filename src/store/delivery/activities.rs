//! Activities of local actors, byte for byte as they are sent.

use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_optional, fetch_optional_scalar, fetch_scalar, now,
    to_json,
};
use serde::Serialize;
use sqlx::FromRow;
use std::collections::HashMap;

/// A row of `activities`.
#[derive(Debug, Clone, FromRow)]
pub struct StoredActivity {
    pub id: i64,
    pub uid: String,
    pub local_actor_id: i64,
    pub kind: String,
    pub object_uri: String,
    /// The JSON document, byte for byte as it is sent.
    pub body: String,
    pub public: bool,
    pub created_at: i64,
}

/// An activity to be sent.
#[derive(Debug, Clone)]
pub struct NewActivity {
    pub uid: String,
    pub local_actor_id: i64,
    pub kind: &'static str,
    pub object_uri: String,
    pub body: String,
    pub public: bool,
}

impl Conn {
    pub async fn activity(&mut self, id: i64) -> Result<Option<StoredActivity>> {
        fetch_optional!(self, "SELECT * FROM activities WHERE id = $1", id)
    }

    /// Returns the activities with these row ids that exist.
    pub async fn activities(&mut self, ids: &[i64]) -> Result<Vec<StoredActivity>> {
        fetch_all!(
            self,
            ids("SELECT * FROM activities WHERE id IN ", "$1", ""),
            to_json(ids)
        )
    }

    pub async fn activity_by_uid(&mut self, uid: &str) -> Result<Option<StoredActivity>> {
        fetch_optional!(self, "SELECT * FROM activities WHERE uid = $1", uid)
    }

    /// Returns the next `limit` public activities with ids below `before`, newest first.
    ///
    /// `Create`s of deleted objects are left out, so that the outbox lists only what can be fetched.
    pub async fn outbox(
        &mut self,
        local_actor_id: i64,
        before: i64,
        limit: i64,
    ) -> Result<Vec<StoredActivity>> {
        fetch_all!(
            self,
            "SELECT * FROM activities WHERE local_actor_id = $1 AND public AND id < $2
               AND kind IN ('Create', 'Announce')
               AND NOT EXISTS (SELECT 1 FROM activities gone
                    WHERE gone.object_uri = activities.object_uri AND gone.kind = 'Delete')
             ORDER BY id DESC LIMIT $3",
            local_actor_id,
            before,
            limit
        )
    }

    /// Returns whether a `Delete` of this local object was sent.
    pub async fn is_withdrawn(&mut self, object_uri: &str) -> Result<bool> {
        let found: Option<i64> = fetch_optional_scalar!(
            self,
            "SELECT id FROM activities WHERE object_uri = $1 AND kind = 'Delete' LIMIT 1",
            object_uri
        )?;
        Ok(found.is_some())
    }

    pub async fn count_outbox(&mut self, local_actor_id: i64) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT (SELECT COUNT(*) FROM activities
                WHERE local_actor_id = $1 AND public AND kind IN ('Create', 'Announce'))
             - (SELECT COUNT(*) FROM activities
                WHERE local_actor_id = $1 AND public AND kind IN ('Create', 'Announce')
                    AND object_uri IN (SELECT gone.object_uri FROM activities gone WHERE gone.kind = 'Delete'))",
            local_actor_id
        )
    }

    /// Returns the cursor of the outbox page before the one below `before`; `None` if that is the first page.
    pub async fn outbox_page_before(
        &mut self,
        local_actor_id: i64,
        before: i64,
        limit: i64,
    ) -> Result<Option<i64>> {
        fetch_optional_scalar!(
            self,
            "SELECT id FROM activities WHERE local_actor_id = $1 AND public AND id >= $2
               AND kind IN ('Create', 'Announce')
               AND NOT EXISTS (SELECT 1 FROM activities gone
                    WHERE gone.object_uri = activities.object_uri AND gone.kind = 'Delete')
             ORDER BY id LIMIT 1 OFFSET $3",
            local_actor_id,
            before,
            limit
        )
    }

    /// Returns the public activities about an object, oldest first: id, type and local actor.
    pub async fn activities_about(&mut self, object_uri: &str) -> Result<Vec<(i64, String, i64)>> {
        fetch_all!(
            self,
            "SELECT id, kind, local_actor_id FROM activities
             WHERE object_uri = $1 AND public ORDER BY id",
            object_uri
        )
    }
}

/// A new activity as the statement reads it.
#[derive(Serialize)]
struct Row<'a> {
    uid: &'a str,
    local_actor_id: i64,
    kind: &'a str,
    object_uri: &'a str,
    body: &'a str,
}

impl Tx {
    pub async fn add_activity(&mut self, activity: &NewActivity) -> Result<i64> {
        let id = fetch_scalar!(
            self,
            "INSERT INTO activities (uid, local_actor_id, kind, object_uri, body, public, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
            &activity.uid,
            activity.local_actor_id,
            activity.kind,
            &activity.object_uri,
            &activity.body,
            activity.public,
            now()
        )?;
        if activity.public {
            self.begin_count(id).await?;
        }
        Ok(id)
    }

    /// Stores activities that are not in the outbox. Returns their rows, by their uids.
    pub async fn add_private_activities(
        &mut self,
        activities: &[NewActivity],
    ) -> Result<HashMap<String, i64>> {
        let rows = activities.iter().map(|activity| Row {
            uid: &activity.uid,
            local_actor_id: activity.local_actor_id,
            kind: activity.kind,
            object_uri: &activity.object_uri,
            body: &activity.body,
        });
        let rows = to_json(&rows.collect::<Vec<_>>());
        let stored: Vec<(String, i64)> = fetch_all!(
            self,
            rows(
                "$1",
                [uid text, local_actor_id bigint, kind text, object_uri text, body text],
                "INSERT INTO activities (uid, local_actor_id, kind, object_uri, body, public, created_at)
                 SELECT uid, local_actor_id, kind, object_uri, body, FALSE, $2 FROM r RETURNING uid, id"
            ),
            rows,
            now()
        )?;
        Ok(stored.into_iter().collect())
    }

    /// Removes an undone activity from the outbox.
    pub async fn unlist_activity(&mut self, id: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE activities SET public = FALSE WHERE id = $1",
            id
        )?;
        Ok(())
    }
}
