//! The publication changes its domain: its actors stay on the former one, and others take their names here.

use crate::store::{
    actors::LocalActorRow,
    database::{Conn, Result, Tx, execute, fetch_optional_scalar, fetch_scalars},
};
use serde::{Deserialize, Serialize};

/// The setting about the last change of the domain.
const SETTING: &str = "domain_move";

/// The last change of the domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainMove {
    /// The addresses before and after it, such as `https://old.example`.
    pub from: String,
    pub to: String,
    pub at: i64,
    /// The time at which the followers' servers were last asked to follow the new actors.
    pub sent_at: Option<i64>,
}

impl Conn {
    pub async fn domain_move(&mut self) -> Result<Option<DomainMove>> {
        let stored = self.setting(SETTING).await?;
        Ok(stored.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Returns the username of the actor that had a handle (`blog@old.example`) on a former domain.
    pub async fn username_of_former_handle(&mut self, handle: &str) -> Result<Option<String>> {
        fetch_optional_scalar!(
            self,
            "SELECT username FROM local_actors WHERE former_handle = $1 AND gone_at IS NULL",
            handle.to_lowercase()
        )
    }

    /// Returns the row ids of the actors on former domains.
    pub async fn former_actors(&mut self) -> Result<Vec<i64>> {
        fetch_scalars!(
            self,
            "SELECT id FROM local_actors WHERE former_handle IS NOT NULL AND gone_at IS NULL ORDER BY id"
        )
    }
}

impl Tx {
    pub async fn set_domain_move(&mut self, moved: &DomainMove) -> Result<()> {
        let text = serde_json::to_string(moved).unwrap_or_default();
        self.set_setting(SETTING, &text).await
    }

    /// Gives an actor, which stays on the former domain, another username, so that its name is free for its successor.
    /// The author's profile goes to the successor; addresses that other software gave to the actor stay with it.
    pub async fn leave_actor_behind(
        &mut self,
        actor: &LocalActorRow,
        username: &str,
        former_handle: &str,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE local_actors SET username = $2, former_handle = $3, former_name = $4, author_id = NULL WHERE id = $1",
            actor.id,
            username,
            former_handle.to_lowercase(),
            actor.name.as_deref()
        )?;
        execute!(
            self,
            "UPDATE addresses SET path = CAST($2 AS TEXT) || SUBSTR(path, LENGTH(CAST($1 AS TEXT)) + 1)
             WHERE path = $1 OR SUBSTR(path, 1, LENGTH(CAST($1 AS TEXT)) + 1) = CAST($1 AS TEXT) || '/'",
            format!("/users/{}", actor.username),
            format!("/users/{username}")
        )?;
        Ok(())
    }

    /// Gives the notes that wait to be published to another actor. A comment by a guest stays: it is on a page already,
    /// under its id.
    pub async fn hand_over_waiting_notes(&mut self, from: i64, to: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE notes SET local_actor_id = $2 WHERE local_actor_id = $1 AND state = 'waiting' AND NOT by_guest",
            from,
            to
        )?;
        Ok(())
    }

    /// Keeps the ids of all that was published at an origin (`https://old.example`), although other ids are computed from
    /// now on.
    pub async fn keep_object_ids(&mut self, origin: &str) -> Result<()> {
        for statement in [
            "INSERT INTO object_uris (article_uid, uri)
             SELECT article_uid, CAST($1 AS TEXT) || '/articles/' || article_uid FROM publications WHERE form <> 'no'
             ON CONFLICT DO NOTHING",
            "UPDATE notes SET uri = CAST($1 AS TEXT) || '/notes/' || uid WHERE uri IS NULL
                AND (by_guest OR state <> 'waiting')",
        ] {
            execute!(self, statement, origin)?;
        }
        Ok(())
    }
}
