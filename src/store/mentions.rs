//! The actors that our posts mention.

use super::{
    Conn, RemoteActorRow, Result,
    conn::{Raw, on},
};

impl Conn {
    /// The known actors with these handles, each as `user@host` in lower case.
    pub async fn remote_actors_by_handles(
        &mut self,
        handles: &[String],
    ) -> Result<Vec<RemoteActorRow>> {
        let handles = serde_json::to_string(handles).unwrap_or_default();
        macro_rules! select {
            ($list:literal) => {
                concat!(
                    "SELECT * FROM remote_actors WHERE LOWER(username) || '@' || handle_host IN (",
                    $list,
                    ") ORDER BY fetched_at"
                )
            };
        }
        Ok(match self.raw() {
            Raw::Sqlite(c) => {
                sqlx::query_as(select!("SELECT value FROM json_each($1)"))
                    .bind(handles)
                    .fetch_all(c)
                    .await?
            }
            Raw::Postgres(c) => {
                sqlx::query_as(select!(
                    "SELECT value FROM json_array_elements_text($1::json)"
                ))
                .bind(handles)
                .fetch_all(c)
                .await?
            }
        })
    }

    /// Remembers that a post goes to an actor.
    pub async fn add_mention(&mut self, post_uid: &str, actor_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO mentions (post_uid, actor_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
        )
        .bind(post_uid)
        .bind(actor_id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// All who got a post because it mentions them, or did.
    pub async fn mentioned_in(&mut self, post_uid: &str) -> Result<Vec<RemoteActorRow>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT a.* FROM mentions m JOIN remote_actors a ON a.id = m.actor_id
             WHERE m.post_uid = $1 ORDER BY a.id"
        )
        .bind(post_uid)
        .fetch_all(c)
        .await)?)
    }
}
