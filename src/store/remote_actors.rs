//! Actors of other servers, and their public keys.

use super::{
    Conn, Result,
    comments::bury,
    conn::{Raw, on},
    now,
    spellings::is_id,
};
use crate::{content::registrable_domain, protocol::canonical_id};
use sqlx::FromRow;

/// A row of `remote_actors`.
#[derive(Debug, Clone, FromRow)]
pub struct RemoteActorRow {
    pub id: i64,
    pub uri: String,
    pub host: String,
    pub kind: String,
    pub username: String,
    /// The host of the handle, which can differ from the host of the uri.
    pub handle_host: String,
    pub name: String,
    pub url: Option<String>,
    pub icon_url: Option<String>,
    pub inbox: String,
    pub shared_inbox: Option<String>,
    pub followers: Option<String>,
    /// JSON list of `alsoKnownAs`.
    pub aliases: String,
    pub moved_to: Option<String>,
    pub fetched_at: i64,
    /// When a failed signature last had it fetched again.
    pub refetched_at: i64,
    /// JSON list of the custom emoji in its name.
    pub emoji: Option<String>,
    /// When it first came here; 0 if that was before this was kept.
    pub first_seen_at: i64,
    /// Hides its posts up to this time, or of this age in milliseconds, from strangers.
    pub hidden_before: Option<i64>,
    pub hidden_after: Option<i64>,
}

/// What a fetched actor document says, checked and cut to size.
#[derive(Debug, Clone)]
pub struct NewRemoteActor {
    pub uri: String,
    pub host: String,
    pub kind: String,
    pub username: String,
    pub handle_host: String,
    pub name: String,
    pub url: Option<String>,
    pub icon_url: Option<String>,
    pub inbox: String,
    pub shared_inbox: Option<String>,
    pub followers: Option<String>,
    pub aliases: String,
    pub moved_to: Option<String>,
    /// JSON list of the custom emoji in its name.
    pub emoji: Option<String>,
    /// See [`RemoteActorRow`].
    pub hidden_before: Option<i64>,
    pub hidden_after: Option<i64>,
    /// Key ids with the keys, PEM or multibase.
    pub keys: Vec<(String, String)>,
}

impl Conn {
    pub async fn remote_actor(&mut self, uri: &str) -> Result<Option<RemoteActorRow>> {
        Ok(on!(self, |c| sqlx::query_as(concat!(
            "SELECT * FROM remote_actors WHERE ",
            is_id!("uri", "$1"),
            " ORDER BY fetched_at DESC LIMIT 1"
        ))
        .bind(canonical_id(uri).as_ref())
        .fetch_optional(c)
        .await)?)
    }

    /// The owner of a key, with the key.
    pub async fn remote_key(&mut self, key_id: &str) -> Result<Option<(RemoteActorRow, String)>> {
        let key: Option<(i64, String)> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT actor_id, public_key FROM remote_keys WHERE ",
            is_id!("key_id", "$1")
        ))
        .bind(canonical_id(key_id).as_ref())
        .fetch_optional(c)
        .await)?;
        let Some((actor_id, key)) = key else {
            return Ok(None);
        };
        let actor: Option<RemoteActorRow> = on!(self, |c| sqlx::query_as(
            "SELECT * FROM remote_actors WHERE id = $1"
        )
        .bind(actor_id)
        .fetch_optional(c)
        .await)?;
        Ok(actor.map(|actor| (actor, key)))
    }

    /// The ids of an actor's keys.
    pub async fn key_ids_of(&mut self, uri: &str) -> Result<Vec<String>> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            concat!(
                "SELECT key_id FROM remote_keys WHERE actor_id IN (SELECT id FROM remote_actors WHERE ",
                is_id!("uri", "$1"), ")"
            )
        )
        .bind(canonical_id(uri).as_ref())
        .fetch_all(c)
        .await
        })?)
    }

    /// Stores a freshly fetched actor in place of the known one. Returns its row; the row keeps the first spelling of
    /// the uri.
    pub async fn save_remote_actor(&mut self, actor: &NewRemoteActor) -> Result<RemoteActorRow> {
        let known = self.remote_actor(&actor.uri).await?;
        let uri = known.map_or_else(|| actor.uri.clone(), |known| known.uri);
        self.note_spelling(&uri).await?;
        let row: RemoteActorRow = on!(self, |c| {
            sqlx::query_as(
            "INSERT INTO remote_actors (uri, host, kind, username, handle_host, name, url, icon_url, inbox,
                shared_inbox, followers, aliases, moved_to, fetched_at, emoji,
                first_seen_at, hidden_before, hidden_after, domain)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $14, $16, $17, $18)
             ON CONFLICT (uri) DO UPDATE SET host = excluded.host, kind = excluded.kind,
                username = excluded.username, name = excluded.name,
                handle_host = CASE WHEN remote_actors.username = excluded.username
                    THEN remote_actors.handle_host ELSE excluded.handle_host END,
                url = excluded.url, icon_url = excluded.icon_url, inbox = excluded.inbox,
                shared_inbox = excluded.shared_inbox, followers = excluded.followers,
                aliases = excluded.aliases, moved_to = excluded.moved_to, fetched_at = excluded.fetched_at,
                emoji = excluded.emoji, hidden_before = excluded.hidden_before,
                hidden_after = excluded.hidden_after, domain = excluded.domain
             RETURNING *",
        )
        .bind(&uri)
        .bind(&actor.host)
        .bind(&actor.kind)
        .bind(&actor.username)
        .bind(&actor.handle_host)
        .bind(&actor.name)
        .bind(&actor.url)
        .bind(&actor.icon_url)
        .bind(&actor.inbox)
        .bind(&actor.shared_inbox)
        .bind(&actor.followers)
        .bind(&actor.aliases)
        .bind(&actor.moved_to)
        .bind(now())
        .bind(&actor.emoji)
        .bind(actor.hidden_before)
        .bind(actor.hidden_after)
        .bind(registrable_domain(&actor.host))
        .fetch_one(c)
        .await
        })?;
        self.replace_keys(row.id, &actor.keys).await?;
        Ok(row)
    }

    async fn replace_keys(&mut self, actor_id: i64, keys: &[(String, String)]) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM remote_keys WHERE actor_id = $1"
        )
        .bind(actor_id)
        .execute(c)
        .await
        .map(drop))?;
        for (key_id, public_key) in keys {
            on!(self, |c| {
                sqlx::query(
                "INSERT INTO remote_keys (key_id, actor_id, public_key) VALUES ($1, $2, $3)
                 ON CONFLICT (key_id) DO UPDATE SET actor_id = excluded.actor_id, public_key = excluded.public_key"
            )
            .bind(canonical_id(key_id).as_ref())
            .bind(actor_id)
            .bind(public_key)
            .execute(c)
            .await
            .map(drop)
            })?;
        }
        Ok(())
    }

    /// Takes the right to fetch an actor again after a failed signature: once in `pause` milliseconds.
    pub async fn claim_refetch(&mut self, actor_id: i64, pause: i64) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query(
            "UPDATE remote_actors SET refetched_at = $2 WHERE id = $1 AND refetched_at < $3"
        )
        .bind(actor_id)
        .bind(now())
        .bind(now() - pause)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }

    /// Removes an actor with all of its data. Its comments stay as empty tombstones that hold threads together, and
    /// come back if their author does.
    pub async fn erase_remote_actor(&mut self, id: i64) -> Result<()> {
        self.add_ends_with_account(id).await?;
        self.empty_notices_by(id).await?;
        on!(self, |c| sqlx::query(
            "DELETE FROM activities WHERE kind = 'Forward'
                AND object_uri IN (SELECT uri FROM comments WHERE actor_id = $1)"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| {
            sqlx::query(
            "DELETE FROM comment_edits WHERE comment_id IN (SELECT id FROM comments WHERE actor_id = $1)"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop)
        })?;
        on!(self, |c| sqlx::query(bury!("actor_id = $1"))
            .bind(id)
            .execute(c)
            .await
            .map(drop))?;
        let waiting = self.messages_about_the_deleted().await?;
        self.take_messages_back(&waiting).await?;
        on!(self, |c| sqlx::query(
            "DELETE FROM remote_actors WHERE id = $1"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
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

impl Conn {
    pub async fn remote_actor_by_id(&mut self, id: i64) -> Result<Option<RemoteActorRow>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM remote_actors WHERE id = $1"
        )
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }
}
