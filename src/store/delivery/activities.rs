//! The activities that our actors sent, as they went out.

use crate::store::database::{Conn, Result, now, on};
use sqlx::FromRow;

/// A row of `activities`.
#[derive(Debug, Clone, FromRow)]
pub struct StoredActivity {
    pub id: i64,
    pub uid: String,
    pub local_actor_id: i64,
    pub kind: String,
    pub object_uri: String,
    /// The JSON, byte for byte as it is sent.
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
    pub async fn add_activity(&mut self, activity: &NewActivity) -> Result<i64> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "INSERT INTO activities (uid, local_actor_id, kind, object_uri, body, public, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id"
        )
        .bind(&activity.uid)
        .bind(activity.local_actor_id)
        .bind(activity.kind)
        .bind(&activity.object_uri)
        .bind(&activity.body)
        .bind(activity.public)
        .bind(now())
        .fetch_one(c)
        .await
        })?)
    }

    pub async fn activity(&mut self, id: i64) -> Result<Option<StoredActivity>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM activities WHERE id = $1"
        )
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    pub async fn activity_by_uid(&mut self, uid: &str) -> Result<Option<StoredActivity>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM activities WHERE uid = $1"
        )
        .bind(uid)
        .fetch_optional(c)
        .await)?)
    }

    /// The next `limit` public activities with ids below `before`, newest first.
    ///
    /// Creations of what is gone are left out, so that the outbox names only what can be fetched.
    pub async fn outbox(
        &mut self,
        local_actor_id: i64,
        before: i64,
        limit: i64,
    ) -> Result<Vec<StoredActivity>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM activities WHERE local_actor_id = $1 AND public AND id < $2
               AND kind IN ('Create', 'Announce')
               AND NOT EXISTS (SELECT 1 FROM activities gone
                    WHERE gone.object_uri = activities.object_uri AND gone.kind = 'Delete')
             ORDER BY id DESC LIMIT $3"
        )
        .bind(local_actor_id)
        .bind(before)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Whether other servers were told that this object of ours is gone.
    pub async fn is_withdrawn(&mut self, object_uri: &str) -> Result<bool> {
        let found: Option<i64> = on!(self, |c| sqlx::query_scalar(
            "SELECT id FROM activities WHERE object_uri = $1 AND kind = 'Delete' LIMIT 1"
        )
        .bind(object_uri)
        .fetch_optional(c)
        .await)?;
        Ok(found.is_some())
    }

    pub async fn count_outbox(&mut self, local_actor_id: i64) -> Result<i64> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "SELECT COUNT(*) FROM activities WHERE local_actor_id = $1 AND public AND kind IN ('Create', 'Announce')
               AND NOT EXISTS (SELECT 1 FROM activities gone
                    WHERE gone.object_uri = activities.object_uri AND gone.kind = 'Delete')"
        )
        .bind(local_actor_id)
        .fetch_one(c)
        .await
        })?)
    }

    /// Where the outbox page before the one below `before` begins; `None` if that is the first.
    pub async fn outbox_page_before(
        &mut self,
        local_actor_id: i64,
        before: i64,
        limit: i64,
    ) -> Result<Option<i64>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT id FROM activities WHERE local_actor_id = $1 AND public AND id >= $2
               AND kind IN ('Create', 'Announce')
               AND NOT EXISTS (SELECT 1 FROM activities gone
                    WHERE gone.object_uri = activities.object_uri AND gone.kind = 'Delete')
             ORDER BY id LIMIT 1 OFFSET $3"
        )
        .bind(local_actor_id)
        .bind(before)
        .bind(limit)
        .fetch_optional(c)
        .await)?)
    }

    /// The activities that told of an object, oldest first: id, kind and local actor.
    pub async fn activities_about(&mut self, object_uri: &str) -> Result<Vec<(i64, String, i64)>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
                "SELECT id, kind, local_actor_id FROM activities
             WHERE object_uri = $1 AND public ORDER BY id",
            )
            .bind(object_uri)
            .fetch_all(c)
            .await
        })?)
    }

    /// An activity that was taken back is shown no more.
    pub async fn hide_activity(&mut self, id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE activities SET public = FALSE WHERE id = $1"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}
