//! Interactions by local actors: likes, boosts, follows and reports of remote posts and actors.

use crate::{
    protocol::canonical_id,
    store::database::{
        Conn, Result, Tx, execute, fetch_all, fetch_optional, fetch_optional_scalar, fetch_scalar,
        is_id, now, text_enum,
    },
};
use sqlx::FromRow;

text_enum! {
    pub enum InteractionKind ("kind of interaction") {
        Like = "like",
        Boost = "boost",
        Follow = "follow",
        Report = "report",
    }
}

text_enum! {
    /// How far an interaction is sent.
    pub enum InteractionState ("state of an interaction") {
        /// It is to be sent.
        Waiting = "waiting",
        Sent = "sent",
        /// A follow was accepted.
        Accepted = "accepted",
        /// A follow was rejected.
        Rejected = "rejected",
        /// The `Undo` is to be sent.
        Undoing = "undoing",
        Undone = "undone",
    }
}

/// A row of `interactions`.
#[derive(Debug, Clone, FromRow)]
pub struct Interaction {
    pub id: i64,
    pub kind: InteractionKind,
    pub local_actor_id: i64,
    /// The post; the actor for a follow and for some reports.
    pub object_uri: String,
    /// The author of the post, or the actor itself.
    pub actor_id: i64,
    /// The reason of a report.
    pub text: String,
    pub activity_id: Option<i64>,
    /// How far it is sent.
    pub state: InteractionState,
    pub created_at: i64,
}

/// A followed actor for lists.
#[derive(Debug, Clone, FromRow)]
pub struct FollowedActor {
    pub id: i64,
    pub uri: String,
    pub username: String,
    pub handle_host: String,
    pub name: String,
    pub state: InteractionState,
    pub created_at: i64,
}

impl Conn {
    pub async fn interaction(&mut self, id: i64) -> Result<Option<Interaction>> {
        fetch_optional!(self, "SELECT * FROM interactions WHERE id = $1", id)
    }

    /// Returns the likes, boosts and follows of an object that are in effect or pending.
    pub async fn interactions_with(&mut self, object_uri: &str) -> Result<Vec<Interaction>> {
        fetch_all!(
            self,
            concat!(
                "SELECT * FROM interactions WHERE ",
                is_id!("object_uri", "$1"),
                " AND kind <> 'report'
                   AND state NOT IN ('rejected', 'undoing', 'undone') ORDER BY id"
            ),
            canonical_id(object_uri).as_ref()
        )
    }

    /// Returns the active and requested follows of a remote actor by local ones.
    pub async fn follows_by_us(&mut self, actor_uri: &str) -> Result<Vec<Interaction>> {
        let mut standing = self.interactions_with(actor_uri).await?;
        standing.retain(|row| row.kind == InteractionKind::Follow);
        Ok(standing)
    }

    /// Returns the interaction that was sent as this activity.
    pub async fn interaction_of_activity(
        &mut self,
        activity_id: i64,
    ) -> Result<Option<Interaction>> {
        fetch_optional!(
            self,
            "SELECT * FROM interactions WHERE activity_id = $1",
            activity_id
        )
    }

    /// Returns the next `limit` actors that a local one asked to follow, with ids below `before`, the newest first.
    pub async fn following(
        &mut self,
        local_actor_id: i64,
        accepted_alone: bool,
        before: i64,
        limit: i64,
    ) -> Result<Vec<FollowedActor>> {
        fetch_all!(
            self,
            "SELECT i.id, a.uri, a.username, a.handle_host, a.name, i.state, i.created_at
             FROM interactions i JOIN remote_actors a ON a.id = i.actor_id
             WHERE i.local_actor_id = $1 AND i.kind = 'follow' AND i.id < $2
               AND (i.state = 'accepted' OR (NOT $3 AND i.state <> 'undone'))
             ORDER BY i.id DESC LIMIT $4",
            local_actor_id,
            before,
            accepted_alone,
            limit
        )
    }

    pub async fn count_following(&mut self, local_actor_id: i64) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COUNT(*) FROM interactions
             WHERE local_actor_id = $1 AND kind = 'follow' AND state = 'accepted'",
            local_actor_id
        )
    }

    /// Returns the cursor of the page before the one below `before`; `None` if that is the first page.
    pub async fn following_page_before(
        &mut self,
        local_actor_id: i64,
        before: i64,
        limit: i64,
    ) -> Result<Option<i64>> {
        fetch_optional_scalar!(
            self,
            "SELECT id FROM interactions
             WHERE local_actor_id = $1 AND kind = 'follow' AND state = 'accepted' AND id >= $2
             ORDER BY id LIMIT 1 OFFSET $3",
            local_actor_id,
            before,
            limit
        )
    }

    /// Returns the accepted follows of a remote actor: the row's id and the local actor's username.
    pub async fn follows_of(
        &mut self,
        actor_id: i64,
    ) -> Result<Vec<(i64, String, Option<String>)>> {
        fetch_all!(
            self,
            "SELECT i.id, l.username, l.uri FROM interactions i JOIN local_actors l ON l.id = i.local_actor_id
             WHERE i.actor_id = $1 AND i.kind = 'follow' AND i.state = 'accepted'",
            actor_id
        )
    }
}

impl Tx {
    /// Stores an interaction to be sent. Returns `None` if it is stored already.
    pub async fn add_interaction(
        &mut self,
        kind: InteractionKind,
        local_actor_id: i64,
        object_uri: &str,
        actor_id: i64,
        text: &str,
    ) -> Result<Option<i64>> {
        self.save_spelling(object_uri).await?;
        fetch_optional_scalar!(
            self,
            "INSERT INTO interactions (kind, local_actor_id, object_uri, actor_id, text, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id",
            kind.as_str(),
            local_actor_id,
            object_uri,
            actor_id,
            text,
            now()
        )
    }

    /// Returns an interaction, and locks it until the transaction ends, so that nobody sends or undoes it meanwhile.
    pub async fn lock_interaction(&mut self, id: i64) -> Result<Option<Interaction>> {
        fetch_optional!(
            self,
            [
                "SELECT * FROM interactions WHERE id = $1",
                "SELECT * FROM interactions WHERE id = $1 FOR UPDATE"
            ],
            id
        )
    }

    pub async fn set_interaction_state(&mut self, id: i64, state: InteractionState) -> Result<()> {
        execute!(
            self,
            "UPDATE interactions SET state = $2 WHERE id = $1",
            id,
            state.as_str()
        )?;
        Ok(())
    }

    /// Stores that it was sent as this activity.
    pub async fn set_interaction_sent(&mut self, id: i64, activity_id: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE interactions SET state = 'sent', activity_id = $2 WHERE id = $1",
            id,
            activity_id
        )?;
        Ok(())
    }
}
