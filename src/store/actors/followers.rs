//! Followers of our actors, and their follow requests.

use crate::{
    protocol::canonical_id,
    store::database::{
        Conn, Result, Tx, execute, fetch_all, fetch_optional, fetch_optional_scalar, fetch_scalar,
        fetch_scalars, is_id, now, text_enum, to_json,
    },
};
use serde::Serialize;
use sqlx::FromRow;

text_enum! {
    /// Whether a follow was accepted.
    pub enum FollowerState ("state of a follower") {
        Pending = "pending",
        Accepted = "accepted",
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
    pub state: FollowerState,
    pub created_at: i64,
}

/// A follow with what its `Accept` or `Reject` needs.
#[derive(Debug, Clone, FromRow)]
pub struct StoredFollow {
    pub actor_id: i64,
    pub actor_uri: String,
    pub destination_id: i64,
    /// The id of the `Follow`.
    pub follow_uri: String,
    /// The received `Follow`, kept while the request is pending.
    pub follow: Option<String>,
    pub state: FollowerState,
}

/// A follow to be stored: of a local actor by an actor, at the destination of its deliveries.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct NewFollow<'a> {
    pub local_actor_id: i64,
    pub actor_id: i64,
    pub destination_id: i64,
    /// The id of the `Follow`.
    pub follow_uri: &'a str,
}

/// A follower with the addresses that another server needs.
#[derive(Debug, Clone, FromRow)]
pub struct FollowerAddress {
    pub id: i64,
    pub local_actor_id: i64,
    pub uri: String,
    pub username: String,
    pub handle_host: String,
    pub inbox: String,
    pub shared_inbox: Option<String>,
    pub created_at: i64,
}

impl Conn {
    /// Returns up to `limit` accepted followers of all local actors with ids above `after`, oldest first.
    pub async fn follower_addresses(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<FollowerAddress>> {
        fetch_all!(
            self,
            "SELECT f.id, f.local_actor_id, a.uri, a.username, a.handle_host, a.inbox, a.shared_inbox, f.created_at
             FROM followers f JOIN remote_actors a ON a.id = f.actor_id
             WHERE f.id > $1 AND f.state = 'accepted' ORDER BY f.id LIMIT $2",
            after,
            limit
        )
    }

    /// Returns the follow of a local actor by a remote one, accepted or pending.
    pub async fn follow_of(
        &mut self,
        local_actor_id: i64,
        actor_id: i64,
    ) -> Result<Option<StoredFollow>> {
        fetch_optional!(
            self,
            "SELECT f.actor_id, a.uri AS actor_uri, f.destination_id, f.follow_uri, f.follow, f.state
             FROM followers f JOIN remote_actors a ON a.id = f.actor_id
             WHERE f.local_actor_id = $1 AND f.actor_id = $2",
            local_actor_id,
            actor_id
        )
    }

    /// Returns the local actor that the `Follow` with this id is about.
    pub async fn local_actor_of_follow(
        &mut self,
        actor_id: i64,
        follow_uri: &str,
    ) -> Result<Option<i64>> {
        fetch_optional_scalar!(
            self,
            concat!(
                "SELECT local_actor_id FROM followers WHERE actor_id = $1 AND ",
                is_id!("follow_uri", "$2")
            ),
            actor_id,
            canonical_id(follow_uri).as_ref()
        )
    }

    /// Returns the local actors that a remote actor follows or asked to follow.
    pub async fn local_actors_followed_by(&mut self, actor_id: i64) -> Result<Vec<i64>> {
        fetch_scalars!(
            self,
            "SELECT local_actor_id FROM followers WHERE actor_id = $1",
            actor_id
        )
    }

    pub async fn count_followers(&mut self, local_actor_id: i64) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(*) FROM followers WHERE local_actor_id = $1 AND state = 'accepted'",
            local_actor_id
        )
    }

    /// Returns the next `limit` followers in a state with ids below `before`, newest first.
    pub async fn followers(
        &mut self,
        local_actor_id: i64,
        state: FollowerState,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Follower>> {
        fetch_all!(
            self,
            "SELECT f.id, a.uri, a.username, a.handle_host, a.name, f.state, f.created_at
             FROM followers f JOIN remote_actors a ON a.id = f.actor_id
             WHERE f.local_actor_id = $1 AND f.id < $2 AND f.state = $4 ORDER BY f.id DESC LIMIT $3",
            local_actor_id,
            before,
            limit,
            state.as_str()
        )
    }

    /// Returns the actor of the `Follow` with this id.
    pub async fn actor_of_follow(&mut self, follow_uri: &str) -> Result<Option<i64>> {
        fetch_optional_scalar!(
            self,
            concat!(
                "SELECT actor_id FROM followers WHERE ",
                is_id!("follow_uri", "$1"),
                " LIMIT 1"
            ),
            canonical_id(follow_uri).as_ref()
        )
    }

    /// Returns the cursor of the page before the one below `before`; `None` if that is the first page.
    pub async fn followers_page_before(
        &mut self,
        local_actor_id: i64,
        before: i64,
        limit: i64,
    ) -> Result<Option<i64>> {
        fetch_optional_scalar!(
            self,
            "SELECT id FROM followers WHERE local_actor_id = $1 AND state = 'accepted' AND id >= $2
             ORDER BY id LIMIT 1 OFFSET $3",
            local_actor_id,
            before,
            limit
        )
    }

    /// Returns whether an actor is an accepted follower of one of two local actors.
    pub async fn follows_any_of(&mut self, actor_id: i64, locals: [i64; 2]) -> Result<bool> {
        let found: Option<i64> = fetch_optional_scalar!(
            self,
            "SELECT id FROM followers WHERE actor_id = $1 AND local_actor_id IN ($2, $3) AND state = 'accepted' LIMIT 1",
            actor_id,
            locals[0],
            locals[1]
        )?;
        Ok(found.is_some())
    }
}

impl Tx {
    /// Stores a follow and returns its state. A repeated follow takes the id of the new activity and stays accepted if
    /// it was.
    pub async fn save_follower(
        &mut self,
        follow: NewFollow<'_>,
        state: FollowerState,
    ) -> Result<FollowerState> {
        let mut states = self.save_followers(&[follow], state).await?;
        states.pop().ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// Does the same for follows of different actors. Returns their states in no certain order.
    pub async fn save_followers(
        &mut self,
        follows: &[NewFollow<'_>],
        state: FollowerState,
    ) -> Result<Vec<FollowerState>> {
        let uris: Vec<&str> = follows.iter().map(|follow| follow.follow_uri).collect();
        self.save_spellings(&uris).await?;
        // Two nodes that store the same follows wait for each other in the same order.
        fetch_scalars!(
            self,
            rows(
                "$1",
                [local_actor_id bigint, actor_id bigint, destination_id bigint, follow_uri text],
                "INSERT INTO followers (local_actor_id, actor_id, destination_id, follow_uri, state, created_at)
                 SELECT local_actor_id, actor_id, destination_id, follow_uri, $2, $3 FROM r WHERE true
                 ORDER BY local_actor_id, actor_id
                 ON CONFLICT (local_actor_id, actor_id) DO UPDATE
                 SET follow_uri = excluded.follow_uri, destination_id = excluded.destination_id,
                    state = CASE excluded.state WHEN 'accepted' THEN 'accepted' ELSE followers.state END
                 RETURNING state"
            ),
            to_json(follows),
            state.as_str(),
            now()
        )
    }

    /// Stores a follower that other software had. Returns false if the actor follows already.
    pub async fn add_adopted_follower(
        &mut self,
        local_actor_id: i64,
        actor_id: i64,
        destination_id: i64,
        follow_uri: &str,
        since: i64,
    ) -> Result<bool> {
        Ok(execute!(
            self,
            "INSERT INTO followers (local_actor_id, actor_id, destination_id, follow_uri, state, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (local_actor_id, actor_id) DO NOTHING",
            local_actor_id,
            actor_id,
            destination_id,
            follow_uri,
            FollowerState::Accepted.as_str(),
            since
        )? > 0)
    }

    /// Stores the `Follow` of a pending request, which the `Accept` repeats.
    pub async fn save_follow_activity(
        &mut self,
        local_actor_id: i64,
        actor_id: i64,
        follow: Option<&str>,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE followers SET follow = $3 WHERE local_actor_id = $1 AND actor_id = $2",
            local_actor_id,
            actor_id,
            follow
        )?;
        Ok(())
    }

    /// Accepts a pending follow.
    pub async fn accept_follower(&mut self, local_actor_id: i64, actor_id: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE followers SET state = 'accepted', follow = NULL WHERE local_actor_id = $1 AND actor_id = $2",
            local_actor_id,
            actor_id
        )?;
        Ok(())
    }

    /// Removes a follow. Returns false if there was none.
    pub async fn remove_follower(&mut self, local_actor_id: i64, actor_id: i64) -> Result<bool> {
        Ok(execute!(
            self,
            "DELETE FROM followers WHERE local_actor_id = $1 AND actor_id = $2",
            local_actor_id,
            actor_id
        )? > 0)
    }
}
