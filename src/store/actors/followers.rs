//! Who follows our actors.

use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, is_id, now, on},
};
use sqlx::FromRow;

/// Whether a follow was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowerState {
    Pending,
    Accepted,
}

impl FollowerState {
    pub fn as_str(self) -> &'static str {
        match self {
            FollowerState::Pending => "pending",
            FollowerState::Accepted => "accepted",
        }
    }
}

/// A follower as lists show it.
#[derive(Debug, Clone, FromRow)]
pub struct Follower {
    pub id: i64,
    pub uri: String,
    pub username: String,
    pub handle_host: String,
    pub name: String,
    pub state: String,
    pub created_at: i64,
}

/// A follow as it is answered.
#[derive(Debug, Clone, FromRow)]
pub struct StoredFollow {
    pub actor_id: i64,
    pub actor_uri: String,
    pub destination_id: i64,
    /// The id of the `Follow`.
    pub follow_uri: String,
    /// The `Follow` as it came, while it waits.
    pub follow: Option<String>,
    pub state: String,
}

impl Conn {
    /// Stores a follow; a repeat takes the new activity's id, and stays granted if it was. Its state now.
    pub async fn save_follower(
        &mut self,
        local_actor_id: i64,
        actor_id: i64,
        destination_id: i64,
        follow_uri: &str,
        state: FollowerState,
    ) -> Result<FollowerState> {
        self.note_spelling(follow_uri).await?;
        let state: String = on!(self, |c| {
            sqlx::query_scalar(
            "INSERT INTO followers (local_actor_id, actor_id, destination_id, follow_uri, state, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (local_actor_id, actor_id) DO UPDATE
             SET follow_uri = excluded.follow_uri, destination_id = excluded.destination_id,
                state = CASE excluded.state WHEN 'accepted' THEN 'accepted' ELSE followers.state END
             RETURNING state",
        )
        .bind(local_actor_id)
        .bind(actor_id)
        .bind(destination_id)
        .bind(follow_uri)
        .bind(state.as_str())
        .bind(now())
        .fetch_one(c)
        .await
        })?;
        Ok(match state.as_str() {
            "pending" => FollowerState::Pending,
            _ => FollowerState::Accepted,
        })
    }

    /// Keeps the activity of a follow that waits, for its answer.
    pub async fn keep_follow(
        &mut self,
        local_actor_id: i64,
        actor_id: i64,
        follow: Option<&str>,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE followers SET follow = $3 WHERE local_actor_id = $1 AND actor_id = $2"
        )
        .bind(local_actor_id)
        .bind(actor_id)
        .bind(follow)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// The follow of one of our actors by a remote one, granted or not.
    pub async fn follow_of(
        &mut self,
        local_actor_id: i64,
        actor_id: i64,
    ) -> Result<Option<StoredFollow>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT f.actor_id, a.uri AS actor_uri, f.destination_id, f.follow_uri, f.follow, f.state
             FROM followers f JOIN remote_actors a ON a.id = f.actor_id
             WHERE f.local_actor_id = $1 AND f.actor_id = $2"
        )
        .bind(local_actor_id)
        .bind(actor_id)
        .fetch_optional(c)
        .await
        })?)
    }

    /// Grants a follow that waits.
    pub async fn accept_follower(&mut self, local_actor_id: i64, actor_id: i64) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "UPDATE followers SET state = 'accepted', follow = NULL WHERE local_actor_id = $1 AND actor_id = $2"
        )
        .bind(local_actor_id)
        .bind(actor_id)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Ends a follow. False if there was none.
    pub async fn remove_follower(&mut self, local_actor_id: i64, actor_id: i64) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query(
            "DELETE FROM followers WHERE local_actor_id = $1 AND actor_id = $2"
        )
        .bind(local_actor_id)
        .bind(actor_id)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }

    /// The local actor that a follow activity of this id followed.
    pub async fn followed_by_uri(
        &mut self,
        actor_id: i64,
        follow_uri: &str,
    ) -> Result<Option<i64>> {
        Ok(on!(self, |c| sqlx::query_scalar(concat!(
            "SELECT local_actor_id FROM followers WHERE actor_id = $1 AND ",
            is_id!("follow_uri", "$2")
        ))
        .bind(actor_id)
        .bind(canonical_id(follow_uri).as_ref())
        .fetch_optional(c)
        .await)?)
    }

    /// Which of our actors this one follows.
    pub async fn followed_by(&mut self, actor_id: i64) -> Result<Vec<i64>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT local_actor_id FROM followers WHERE actor_id = $1"
        )
        .bind(actor_id)
        .fetch_all(c)
        .await)?)
    }

    pub async fn count_followers(&mut self, local_actor_id: i64) -> Result<i64> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT COUNT(*) FROM followers WHERE local_actor_id = $1 AND state = 'accepted'"
        )
        .bind(local_actor_id)
        .fetch_one(c)
        .await)?)
    }

    /// The next `limit` followers in a state with ids below `before`, newest first.
    pub async fn followers(
        &mut self,
        local_actor_id: i64,
        state: FollowerState,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Follower>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT f.id, a.uri, a.username, a.handle_host, a.name, f.state, f.created_at
             FROM followers f JOIN remote_actors a ON a.id = f.actor_id
             WHERE f.local_actor_id = $1 AND f.id < $2 AND f.state = $4 ORDER BY f.id DESC LIMIT $3"
        )
        .bind(local_actor_id)
        .bind(before)
        .bind(limit)
        .bind(state.as_str())
        .fetch_all(c)
        .await
        })?)
    }

    /// The actor of the follow activity with this id.
    pub async fn follow_owner(&mut self, follow_uri: &str) -> Result<Option<i64>> {
        Ok(on!(self, |c| sqlx::query_scalar(concat!(
            "SELECT actor_id FROM followers WHERE ",
            is_id!("follow_uri", "$1"),
            " LIMIT 1"
        ))
        .bind(canonical_id(follow_uri).as_ref())
        .fetch_optional(c)
        .await)?)
    }

    /// Where the page before the one below `before` begins; `None` if that is the first.
    pub async fn followers_page_before(
        &mut self,
        local_actor_id: i64,
        before: i64,
        limit: i64,
    ) -> Result<Option<i64>> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "SELECT id FROM followers WHERE local_actor_id = $1 AND state = 'accepted' AND id >= $2
             ORDER BY id LIMIT 1 OFFSET $3"
        )
        .bind(local_actor_id)
        .bind(before)
        .bind(limit)
        .fetch_optional(c)
        .await
        })?)
    }

    /// Whether an actor follows one of these two of ours, granted.
    pub async fn follows_either(&mut self, actor_id: i64, locals: [i64; 2]) -> Result<bool> {
        let found: Option<i64> = on!(self, |c| {
            sqlx::query_scalar(
            "SELECT id FROM followers WHERE actor_id = $1 AND local_actor_id IN ($2, $3) AND state = 'accepted' LIMIT 1"
        )
        .bind(actor_id)
        .bind(locals[0])
        .bind(locals[1])
        .fetch_optional(c)
        .await
        })?;
        Ok(found.is_some())
    }
}
