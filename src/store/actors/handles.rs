//! The handles of remote actors (`user@host`).

use super::remote_actors::RemoteActorRow;
use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_optional, fetch_optional_scalar, to_json,
};

impl Conn {
    /// Returns the known actors with these handles, each as `user@host` in lower case.
    pub async fn remote_actors_by_handles(
        &mut self,
        handles: &[String],
    ) -> Result<Vec<RemoteActorRow>> {
        let handles = to_json(handles);
        macro_rules! select {
            ($list:literal) => {
                concat!(
                    "SELECT * FROM remote_actors WHERE LOWER(username) || '@' || handle_host IN (",
                    $list,
                    ") ORDER BY fetched_at"
                )
            };
        }
        fetch_all!(
            self,
            [
                select!("SELECT value FROM json_each($1)"),
                select!("SELECT value FROM json_array_elements_text($1::json)")
            ],
            handles
        )
    }

    /// Returns the actor with this handle, if known; of several, the one that was fetched last.
    pub async fn remote_actor_by_handle(
        &mut self,
        username: &str,
        host: &str,
    ) -> Result<Option<RemoteActorRow>> {
        fetch_optional!(
            self,
            "SELECT * FROM remote_actors WHERE LOWER(username) || '@' || handle_host = LOWER($1) || '@' || $2
             ORDER BY fetched_at DESC LIMIT 1",
            username,
            host
        )
    }

    /// Returns the id of the actor with this handle, if known.
    pub async fn actor_by_handle(&mut self, username: &str, host: &str) -> Result<Option<String>> {
        fetch_optional_scalar!(
            self,
            "SELECT uri FROM remote_actors WHERE LOWER(username) || '@' || handle_host = LOWER($1) || '@' || $2 LIMIT 1",
            username,
            host
        )
    }
}

impl Tx {
    /// Stores the host of an actor's handle after both that host and the actor confirmed it.
    pub async fn set_handle_host(&mut self, id: i64, handle_host: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE remote_actors SET handle_host = $2 WHERE id = $1",
            id,
            handle_host
        )?;
        Ok(())
    }

    /// Returns the host of an actor's handle, and locks it until the transaction ends.
    pub async fn lock_handle_host(&mut self, id: i64) -> Result<Option<String>> {
        fetch_optional_scalar!(
            self,
            [
                "SELECT handle_host FROM remote_actors WHERE id = $1",
                "SELECT handle_host FROM remote_actors WHERE id = $1 FOR SHARE"
            ],
            id
        )
    }
}
