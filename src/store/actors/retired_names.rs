//! Deleted local actors, whose names are never given away again.

use super::local_actors::LocalActorRow;
use crate::store::database::{Conn, Result, Tx, execute, fetch_optional_scalar, now};

impl Conn {
    /// Returns whether a deleted actor had this username.
    pub async fn is_retired_name(&mut self, username: &str) -> Result<bool> {
        let found: Option<String> = fetch_optional_scalar!(
            self,
            "SELECT username FROM retired_names WHERE username = $1",
            username
        )?;
        Ok(found.is_some())
    }

    /// Returns whether the `Delete` of an actor, with the id `uri`, still waits for a server that is not dead.
    pub async fn is_deletion_waiting(&mut self, local_actor_id: i64, uri: &str) -> Result<bool> {
        let found: Option<i64> = fetch_optional_scalar!(
            self,
            "SELECT w.id FROM activities a JOIN deliveries w ON w.activity_id = a.id AND w.state = 'waiting'
                JOIN destinations d ON d.id = w.destination_id AND d.state = 'alive'
             WHERE a.object_uri = $2 AND a.local_actor_id = $1 AND a.kind = 'Delete' LIMIT 1",
            local_actor_id,
            uri
        )?;
        Ok(found.is_some())
    }
}

impl Tx {
    /// Marks an actor as deleted and retires its name. Its followers and its likes, boosts and follows end; its
    /// activities, and the boosts of its posts by the publication, are no longer listed or served. `notes` is the prefix
    /// of the ids of notes.
    pub async fn retire_local_actor(&mut self, actor: &LocalActorRow, notes: &str) -> Result<()> {
        let now = now();
        execute!(
            self,
            "INSERT INTO retired_names (username, retired_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            &actor.username,
            now
        )?;
        execute!(
            self,
            "UPDATE local_actors SET gone_at = $2, former_name = $3, author_id = NULL, aliases = '[]', moved_to = NULL
             WHERE id = $1",
            actor.id,
            now,
            actor.name.as_deref()
        )?;
        for statement in [
            "UPDATE activities SET public = FALSE WHERE kind = 'Announce' AND object_uri IN
                (SELECT object_uri FROM activities WHERE local_actor_id = $1 AND kind = 'Create')",
            "UPDATE activities SET public = FALSE WHERE local_actor_id = $1 AND kind <> 'Delete'",
            "UPDATE interactions SET state = 'undone'
             WHERE local_actor_id = $1 AND kind <> 'report' AND state IN ('waiting', 'sent', 'accepted', 'undoing')",
            "DELETE FROM features WHERE local_actor_id = $1",
            "DELETE FROM followers WHERE local_actor_id = $1",
        ] {
            execute!(self, statement, actor.id)?;
        }
        execute!(
            self,
            "UPDATE comments SET author_url = NULL
             WHERE uri IN (SELECT CAST($2 AS TEXT) || uid FROM notes WHERE local_actor_id = $1 AND NOT by_guest)",
            actor.id,
            notes
        )?;
        Ok(())
    }
}
