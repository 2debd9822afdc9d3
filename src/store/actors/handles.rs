//! The handles of remote actors (`user@host`).

use super::remote_actors::RemoteActorRow;
use crate::store::database::{Conn, Raw, Result, on};

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

    /// The host of an actor's handle, once both that host and the actor agree on it.
    pub async fn set_handle_host(&mut self, id: i64, handle_host: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE remote_actors SET handle_host = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(handle_host)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// The host of an actor's handle, which stays what it is until the transaction ends.
    pub async fn hold_handle_host(&mut self, id: i64) -> Result<Option<String>> {
        macro_rules! run {
            ($statement:literal, $c:expr) => {
                sqlx::query_scalar($statement)
                    .bind(id)
                    .fetch_optional($c)
                    .await?
            };
        }
        Ok(match self.raw() {
            Raw::Sqlite(c) => run!("SELECT handle_host FROM remote_actors WHERE id = $1", c),
            Raw::Postgres(c) => run!(
                "SELECT handle_host FROM remote_actors WHERE id = $1 FOR SHARE",
                c
            ),
        })
    }

    /// The actor with this handle, if it is known; where there are several, who was fetched last.
    pub async fn remote_actor_by_handle(
        &mut self,
        username: &str,
        host: &str,
    ) -> Result<Option<RemoteActorRow>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT * FROM remote_actors WHERE LOWER(username) || '@' || handle_host = LOWER($1) || '@' || $2
             ORDER BY fetched_at DESC LIMIT 1"
        )
        .bind(username)
        .bind(host)
        .fetch_optional(c)
        .await
        })?)
    }

    /// The id of the actor with this handle, if it is known.
    pub async fn actor_by_handle(&mut self, username: &str, host: &str) -> Result<Option<String>> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "SELECT uri FROM remote_actors WHERE LOWER(username) = LOWER($1) AND handle_host = $2 LIMIT 1"
        )
        .bind(username)
        .bind(host)
        .fetch_optional(c)
        .await
        })?)
    }
}
