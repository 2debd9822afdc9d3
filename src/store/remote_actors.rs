//! Actors of other servers, and their public keys.

use super::{
    Conn, EndedBy, Result,
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
    pub keys: Vec<RemoteKey>,
}

/// The JSON list of no aliases.
const NO_ALIASES: &str = "[]";

impl NewRemoteActor {
    /// Returns the row that the actor would have.
    pub fn to_row(&self, id: i64, fetched_at: i64) -> RemoteActorRow {
        let new = self.clone();
        RemoteActorRow {
            id,
            uri: new.uri,
            host: new.host,
            kind: new.kind,
            username: new.username,
            handle_host: new.handle_host,
            name: new.name,
            url: new.url,
            icon_url: new.icon_url,
            inbox: new.inbox,
            shared_inbox: new.shared_inbox,
            followers: new.followers,
            aliases: new.aliases,
            moved_to: new.moved_to,
            fetched_at,
            refetched_at: 0,
            emoji: new.emoji,
            first_seen_at: fetched_at,
            hidden_before: new.hidden_before,
            hidden_after: new.hidden_after,
        }
    }

    /// Returns the size of its texts, in bytes.
    pub fn size(&self) -> usize {
        let texts = [
            &self.uri,
            &self.host,
            &self.kind,
            &self.username,
            &self.handle_host,
            &self.name,
            &self.inbox,
            &self.aliases,
        ];
        let options = [
            &self.url,
            &self.icon_url,
            &self.shared_inbox,
            &self.followers,
            &self.moved_to,
            &self.emoji,
        ];
        let keys = self
            .keys
            .iter()
            .map(|key| key.id.len() + key.public_key.len());
        texts.iter().map(|text| text.len()).sum::<usize>()
            + options
                .iter()
                .map(|text| text.as_ref().map_or(0, String::len))
                .sum::<usize>()
            + keys.sum::<usize>()
    }

    /// An actor with little in it.
    #[cfg(test)]
    pub fn for_test(uri: &str, name: &str) -> Self {
        NewRemoteActor {
            uri: uri.to_owned(),
            host: String::new(),
            kind: "Person".to_owned(),
            username: "user".to_owned(),
            handle_host: String::new(),
            name: name.to_owned(),
            url: None,
            icon_url: None,
            inbox: format!("{uri}/inbox"),
            shared_inbox: None,
            followers: None,
            aliases: NO_ALIASES.to_owned(),
            moved_to: None,
            emoji: None,
            hidden_before: None,
            hidden_after: None,
            keys: Vec::new(),
        }
    }
}

/// A public key of a remote actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteKey {
    pub id: String,
    /// PEM or multibase, as this node writes it.
    pub public_key: String,
    pub purpose: KeyPurpose,
}

/// The property of its owner's document in which a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPurpose {
    /// `publicKey`: signs requests.
    Signature,
    /// `assertionMethod`: proves activities. By FEP-521a, requests can be signed with it too.
    Assertion,
    Both,
}

impl KeyPurpose {
    pub fn as_str(self) -> &'static str {
        match self {
            KeyPurpose::Signature => "signature",
            KeyPurpose::Assertion => "assertion",
            KeyPurpose::Both => "both",
        }
    }

    fn read(text: &str) -> Self {
        match text {
            "assertion" => KeyPurpose::Assertion,
            "both" => KeyPurpose::Both,
            _ => KeyPurpose::Signature,
        }
    }

    /// Returns whether the key proves activities.
    pub fn asserts(self) -> bool {
        self != KeyPurpose::Signature
    }
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
    pub async fn remote_key(
        &mut self,
        key_id: &str,
    ) -> Result<Option<(RemoteActorRow, RemoteKey)>> {
        let key: Option<(i64, String, String)> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT actor_id, public_key, purpose FROM remote_keys WHERE ",
            is_id!("key_id", "$1")
        ))
        .bind(canonical_id(key_id).as_ref())
        .fetch_optional(c)
        .await)?;
        let Some((actor_id, public_key, purpose)) = key else {
            return Ok(None);
        };
        let actor = self.remote_actor_by_id(actor_id).await?;
        let key = RemoteKey {
            id: key_id.to_owned(),
            public_key,
            purpose: KeyPurpose::read(&purpose),
        };
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
    /// the uri. Aliases are kept of those whom a local actor follows: they matter when one of these moves.
    pub async fn save_remote_actor(&mut self, actor: &NewRemoteActor) -> Result<RemoteActorRow> {
        let known = self.remote_actor(&actor.uri).await?;
        let uri = known.map_or_else(|| actor.uri.clone(), |known| known.uri);
        let aliases = match self.follows_by_us(&uri).await?.is_empty() {
            true => NO_ALIASES,
            false => &actor.aliases,
        };
        let row: RemoteActorRow = on!(self, |c| {
            sqlx::query_as(
                "UPDATE remote_actors SET host = $2, kind = $3, username = $4, name = $6,
                    handle_host = CASE WHEN username = $4 THEN handle_host ELSE $5 END,
                    url = $7, icon_url = $8, inbox = $9, shared_inbox = $10, followers = $11, aliases = $12,
                    moved_to = $13, fetched_at = $14, emoji = $15, hidden_before = $16, hidden_after = $17,
                    domain = $18
                 WHERE uri = $1 RETURNING *",
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
            .bind(aliases)
            .bind(&actor.moved_to)
            .bind(now())
            .bind(&actor.emoji)
            .bind(actor.hidden_before)
            .bind(actor.hidden_after)
            .bind(registrable_domain(&actor.host))
            .fetch_one(c)
            .await
        })?;
        on!(self, |c| sqlx::query(
            "DELETE FROM remote_keys WHERE actor_id = $1"
        )
        .bind(row.id)
        .execute(c)
        .await
        .map(drop))?;
        self.add_keys(row.id, &actor.keys).await?;
        Ok(row)
    }

    /// Stores an actor under an id that was given to it before. Returns false if there is a row for it with another id.
    pub async fn add_remote_actor(
        &mut self,
        id: i64,
        fetched_at: i64,
        actor: &NewRemoteActor,
    ) -> Result<bool> {
        if let Some(known) = self.remote_actor(&actor.uri).await? {
            return Ok(known.id == id);
        }
        self.note_spelling(&actor.uri).await?;
        let is_new = on!(self, |c| {
            sqlx::query(
                "INSERT INTO remote_actors (id, uri, host, kind, username, handle_host, name, url, icon_url, inbox,
                    shared_inbox, followers, aliases, moved_to, fetched_at, emoji,
                    first_seen_at, hidden_before, hidden_after, domain)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $15, $17, $18, $19)
                 ON CONFLICT DO NOTHING",
            )
            .bind(id)
            .bind(&actor.uri)
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
            .bind(NO_ALIASES)
            .bind(&actor.moved_to)
            .bind(fetched_at)
            .bind(&actor.emoji)
            .bind(actor.hidden_before)
            .bind(actor.hidden_after)
            .bind(registrable_domain(&actor.host))
            .execute(c)
            .await
            .map(|done| done.rows_affected() > 0)
        })?;
        if !is_new {
            // Another transaction stored it just now.
            let known = self.remote_actor(&actor.uri).await?;
            return Ok(known.is_some_and(|known| known.id == id));
        }
        self.add_keys(id, &actor.keys).await?;
        Ok(true)
    }

    /// Stores an actor's keys, except those that are another's.
    async fn add_keys(&mut self, actor_id: i64, keys: &[RemoteKey]) -> Result<()> {
        for key in keys {
            on!(self, |c| {
                sqlx::query(
                    "INSERT INTO remote_keys (key_id, actor_id, public_key, purpose) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (key_id) DO NOTHING",
                )
                .bind(canonical_id(&key.id).as_ref())
                .bind(actor_id)
                .bind(&key.public_key)
                .bind(key.purpose.as_str())
                .execute(c)
                .await
                .map(drop)
            })?;
        }
        Ok(())
    }

    /// Deletes up to `limit` actors that nothing refers to and that were fetched before a time. Returns their number.
    /// Rows that this node did not write itself (`first_seen_at` is 0) stay.
    pub async fn forget_strangers(&mut self, time: i64, limit: i64) -> Result<u64> {
        Ok(on!(self, |c| {
            sqlx::query(
                "DELETE FROM remote_actors WHERE id IN (SELECT a.id FROM remote_actors a WHERE a.fetched_at < $1
                    AND a.first_seen_at > 0
                    AND NOT EXISTS (SELECT 1 FROM followers r WHERE r.actor_id = a.id)
                    AND NOT EXISTS (SELECT 1 FROM comments r WHERE r.actor_id = a.id)
                    AND NOT EXISTS (SELECT 1 FROM reactions r WHERE r.actor_id = a.id)
                    AND NOT EXISTS (SELECT 1 FROM withheld_reactions r WHERE r.actor_id = a.id)
                    AND NOT EXISTS (SELECT 1 FROM quotes r WHERE r.actor_id = a.id)
                    AND NOT EXISTS (SELECT 1 FROM features r WHERE r.actor_id = a.id)
                    AND NOT EXISTS (SELECT 1 FROM approvals r WHERE r.actor_id = a.id)
                    AND NOT EXISTS (SELECT 1 FROM interactions r WHERE r.actor_id = a.id)
                    AND NOT EXISTS (SELECT 1 FROM mentions r WHERE r.actor_id = a.id)
                    AND NOT EXISTS (SELECT 1 FROM notes r WHERE r.reply_actor_id = a.id)
                    AND NOT EXISTS (SELECT 1 FROM notices r WHERE r.actor_uri = a.uri)
                    AND NOT EXISTS (SELECT 1 FROM local_actors r WHERE r.moved_to = a.uri)
                 ORDER BY a.id LIMIT $2)",
            )
            .bind(time)
            .bind(limit)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })?)
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
    pub async fn erase_remote_actor(
        &mut self,
        id: i64,
        by: EndedBy,
        deletion: Option<&str>,
    ) -> Result<()> {
        self.add_ends_with_account(id, by, deletion).await?;
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
