//! What our actors do to the posts and actors of others: likes, boosts, follows, reports.

use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, is_id, now, on},
};
use sqlx::FromRow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InteractionKind {
    Like,
    Boost,
    Follow,
    Report,
}

impl InteractionKind {
    pub fn as_str(self) -> &'static str {
        match self {
            InteractionKind::Like => "like",
            InteractionKind::Boost => "boost",
            InteractionKind::Follow => "follow",
            InteractionKind::Report => "report",
        }
    }
}

impl TryFrom<String> for InteractionKind {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        match text.as_str() {
            "like" => Ok(InteractionKind::Like),
            "boost" => Ok(InteractionKind::Boost),
            "follow" => Ok(InteractionKind::Follow),
            "report" => Ok(InteractionKind::Report),
            _ => Err(format!("unknown kind of interaction: {text}")),
        }
    }
}

/// A row of `interactions`.
#[derive(Debug, Clone, FromRow)]
pub struct Interaction {
    pub id: i64,
    #[sqlx(try_from = "String")]
    pub kind: InteractionKind,
    pub local_actor_id: i64,
    /// The post; of a follow, and of some reports, the actor.
    pub object_uri: String,
    /// Whose post it is, or the actor.
    pub actor_id: i64,
    /// Why something is reported.
    pub text: String,
    pub activity_id: Option<i64>,
    /// `waiting`, `sent`, a follow then `accepted` or `rejected`; `undoing`, `undone`.
    pub state: String,
    pub created_at: i64,
}

/// Somebody we follow, as lists show them.
#[derive(Debug, Clone, FromRow)]
pub struct Followed {
    pub id: i64,
    pub uri: String,
    pub username: String,
    pub handle_host: String,
    pub name: String,
    pub state: String,
    pub created_at: i64,
}

impl Conn {
    /// Stores what is to be done. `None` if it is done already.
    pub async fn add_interaction(
        &mut self,
        kind: InteractionKind,
        local_actor_id: i64,
        object_uri: &str,
        actor_id: i64,
        text: &str,
    ) -> Result<Option<i64>> {
        self.note_spelling(object_uri).await?;
        Ok(on!(self, |c| {
            sqlx::query_scalar(
                "INSERT INTO interactions (kind, local_actor_id, object_uri, actor_id, text, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id",
            )
            .bind(kind.as_str())
            .bind(local_actor_id)
            .bind(object_uri)
            .bind(actor_id)
            .bind(text)
            .bind(now())
            .fetch_optional(c)
            .await
        })?)
    }

    pub async fn interaction(&mut self, id: i64) -> Result<Option<Interaction>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM interactions WHERE id = $1"
        )
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// What stands of likes, boosts and follows of a thing.
    pub async fn interactions_with(&mut self, object_uri: &str) -> Result<Vec<Interaction>> {
        Ok(on!(self, |c| sqlx::query_as(concat!(
            "SELECT * FROM interactions WHERE ",
            is_id!("object_uri", "$1"),
            " AND kind <> 'report'
                   AND state NOT IN ('rejected', 'undoing', 'undone') ORDER BY id"
        ))
        .bind(canonical_id(object_uri).as_ref())
        .fetch_all(c)
        .await)?)
    }

    /// Returns the active and requested follows of a remote actor by local ones.
    pub async fn follows_by_us(&mut self, actor_uri: &str) -> Result<Vec<Interaction>> {
        let mut standing = self.interactions_with(actor_uri).await?;
        standing.retain(|row| row.kind == InteractionKind::Follow);
        Ok(standing)
    }

    /// What was sent with this activity.
    pub async fn interaction_of_activity(
        &mut self,
        activity_id: i64,
    ) -> Result<Option<Interaction>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM interactions WHERE activity_id = $1"
        )
        .bind(activity_id)
        .fetch_optional(c)
        .await)?)
    }

    pub async fn set_interaction_state(&mut self, id: i64, state: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE interactions SET state = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(state)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// It was sent, as this activity.
    pub async fn interaction_sent(&mut self, id: i64, activity_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE interactions SET state = 'sent', activity_id = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(activity_id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// The next `limit` actors that one of ours asked to follow, with ids below `before`, the newest first.
    pub async fn following(
        &mut self,
        local_actor_id: i64,
        accepted_alone: bool,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Followed>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT i.id, a.uri, a.username, a.handle_host, a.name, i.state, i.created_at
             FROM interactions i JOIN remote_actors a ON a.id = i.actor_id
             WHERE i.local_actor_id = $1 AND i.kind = 'follow' AND i.id < $2
               AND (i.state = 'accepted' OR (NOT $3 AND i.state <> 'undone'))
             ORDER BY i.id DESC LIMIT $4"
        )
        .bind(local_actor_id)
        .bind(before)
        .bind(accepted_alone)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    pub async fn count_following(&mut self, local_actor_id: i64) -> Result<i64> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT COUNT(*) FROM interactions
             WHERE local_actor_id = $1 AND kind = 'follow' AND state = 'accepted'"
        )
        .bind(local_actor_id)
        .fetch_one(c)
        .await)?)
    }

    /// Where the page before the one below `before` begins; `None` if that is the first.
    pub async fn following_page_before(
        &mut self,
        local_actor_id: i64,
        before: i64,
        limit: i64,
    ) -> Result<Option<i64>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT id FROM interactions
             WHERE local_actor_id = $1 AND kind = 'follow' AND state = 'accepted' AND id >= $2
             ORDER BY id LIMIT 1 OFFSET $3"
        )
        .bind(local_actor_id)
        .bind(before)
        .bind(limit)
        .fetch_optional(c)
        .await)?)
    }

    /// The granted follows of a remote actor: each one's row, and the username of ours.
    pub async fn follows_of(&mut self, actor_id: i64) -> Result<Vec<(i64, String)>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT i.id, l.username FROM interactions i JOIN local_actors l ON l.id = i.local_actor_id
             WHERE i.actor_id = $1 AND i.kind = 'follow' AND i.state = 'accepted'"
        )
        .bind(actor_id)
        .fetch_all(c)
        .await
        })?)
    }
}
