//! Actors of other servers.

use super::remote_keys::{KeyToStore, RemoteKey};
use crate::{
    content::registrable_domain,
    protocol::canonical_id,
    store::database::{
        Conn, Result, Tx, execute, fetch_one, fetch_optional, fetch_optional_scalar, is_id, now,
    },
};
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
    /// The time at which a failed signature last caused a fetch.
    pub refetched_at: i64,
    /// JSON list of the custom emoji in its name.
    pub emoji: Option<String>,
    /// The time at which it was first stored; 0 if that is older than this column.
    pub first_seen_at: i64,
    /// The time up to which its posts, and the age in milliseconds from which its posts are hidden from visitors who
    /// are not signed in.
    pub hidden_before: Option<i64>,
    pub hidden_after: Option<i64>,
}

/// The content of a fetched actor document, validated and shortened.
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
    /// See [`RemoteActorRow::hidden_before`].
    pub hidden_before: Option<i64>,
    pub hidden_after: Option<i64>,
    pub keys: Vec<RemoteKey>,
}

/// An empty JSON list.
pub(super) const NO_ALIASES: &str = "[]";

impl NewRemoteActor {
    /// Returns the actor as a row.
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

    /// Returns the total size of the texts, in bytes.
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

    /// Returns an actor with few properties.
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

impl Conn {
    /// Returns the actor with this id, or with this profile page.
    pub async fn actor_at(&mut self, address: &str) -> Result<Option<RemoteActorRow>> {
        fetch_optional!(
            self,
            concat!(
                "SELECT * FROM remote_actors WHERE ",
                is_id!("uri", "$1"),
                " OR ",
                is_id!("url", "$1"),
                " OR url = $2
                     ORDER BY CASE WHEN ",
                is_id!("uri", "$1"),
                " THEN 0 ELSE 1 END, id LIMIT 1"
            ),
            canonical_id(address).as_ref(),
            address
        )
    }

    pub async fn remote_actor(&mut self, uri: &str) -> Result<Option<RemoteActorRow>> {
        fetch_optional!(
            self,
            concat!(
                "SELECT * FROM remote_actors WHERE ",
                is_id!("uri", "$1"),
                " ORDER BY fetched_at DESC LIMIT 1"
            ),
            canonical_id(uri).as_ref()
        )
    }

    pub async fn remote_actor_by_id(&mut self, id: i64) -> Result<Option<RemoteActorRow>> {
        fetch_optional!(self, "SELECT * FROM remote_actors WHERE id = $1", id)
    }
}

impl Tx {
    /// Replaces a known actor by a newly fetched one, and returns the row. It keeps the first spelling of its id.
    /// Aliases are stored only for actors that a local one follows, since only their `Move`s need them.
    pub async fn save_remote_actor(&mut self, actor: &NewRemoteActor) -> Result<RemoteActorRow> {
        let known = self.remote_actor(&actor.uri).await?;
        let uri = known.map_or_else(|| actor.uri.clone(), |known| known.uri);
        let aliases = if self.follows_by_us(&uri).await?.is_empty() {
            NO_ALIASES
        } else {
            &actor.aliases
        };
        let row: RemoteActorRow = fetch_one!(
            self,
            "UPDATE remote_actors SET host = $2, kind = $3, username = $4, name = $6,
                handle_host = CASE WHEN username = $4 THEN handle_host ELSE $5 END,
                url = $7, icon_url = $8, inbox = $9, shared_inbox = $10, followers = $11, aliases = $12,
                moved_to = $13, fetched_at = $14, emoji = $15, hidden_before = $16, hidden_after = $17,
                domain = $18
             WHERE uri = $1 RETURNING *",
            &uri,
            &actor.host,
            &actor.kind,
            &actor.username,
            &actor.handle_host,
            &actor.name,
            &actor.url,
            &actor.icon_url,
            &actor.inbox,
            &actor.shared_inbox,
            &actor.followers,
            aliases,
            &actor.moved_to,
            now(),
            &actor.emoji,
            actor.hidden_before,
            actor.hidden_after,
            registrable_domain(&actor.host)
        )?;
        execute!(self, "DELETE FROM remote_keys WHERE actor_id = $1", row.id)?;
        let keys: Vec<_> = actor
            .keys
            .iter()
            .map(|key| KeyToStore::of(row.id, key))
            .collect();
        self.add_keys(&keys).await?;
        Ok(row)
    }

    /// Deletes actors that nothing refers to and that were fetched before a time, of the next `limit` actors with ids
    /// above `after`. Rows that this node did not write itself (`first_seen_at` is 0) stay. Returns the number of deleted
    /// actors, and the id of the last of those actors if others may follow.
    pub async fn delete_unreferenced_actors(
        &mut self,
        time: i64,
        after: i64,
        limit: i64,
    ) -> Result<(u64, Option<i64>)> {
        let last: Option<i64> = fetch_optional_scalar!(
            self,
            "SELECT id FROM remote_actors WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2",
            after,
            limit - 1
        )?;
        let deleted = execute!(
            self,
            "DELETE FROM remote_actors WHERE id IN (SELECT a.id FROM remote_actors a
                WHERE a.id > $2 AND a.id <= $3 AND a.fetched_at < $1
                AND a.first_seen_at > 0
                AND NOT EXISTS (SELECT 1 FROM followers r WHERE r.actor_id = a.id)
                AND NOT EXISTS (SELECT 1 FROM comments r WHERE r.actor_id = a.id)
                AND NOT EXISTS (SELECT 1 FROM reactions r WHERE r.actor_id = a.id)
                AND NOT EXISTS (SELECT 1 FROM withheld_reactions r WHERE r.actor_id = a.id)
                AND NOT EXISTS (SELECT 1 FROM quotes r WHERE r.actor_id = a.id)
                AND NOT EXISTS (SELECT 1 FROM bin_rows r WHERE r.actor_id = a.id)
                AND NOT EXISTS (SELECT 1 FROM features r WHERE r.actor_id = a.id)
                AND NOT EXISTS (SELECT 1 FROM approvals r WHERE r.actor_id = a.id)
                AND NOT EXISTS (SELECT 1 FROM interactions r WHERE r.actor_id = a.id)
                AND NOT EXISTS (SELECT 1 FROM mentions r WHERE r.actor_id = a.id)
                AND NOT EXISTS (SELECT 1 FROM object_hosts r WHERE r.actor_id = a.id)
                AND NOT EXISTS (SELECT 1 FROM notes r WHERE r.reply_actor_id = a.id)
                AND NOT EXISTS (SELECT 1 FROM notices r WHERE r.actor_uri = a.uri)
                AND NOT EXISTS (SELECT 1 FROM local_actors l WHERE l.moved_to = a.uri))",
            time,
            after,
            last.unwrap_or(i64::MAX)
        )?;
        Ok((deleted, last))
    }

    /// Returns whether an actor may be fetched again after a failed signature: once in `pause` milliseconds.
    pub async fn claim_refetch(&mut self, actor_id: i64, pause: i64) -> Result<bool> {
        Ok(execute!(
            self,
            "UPDATE remote_actors SET refetched_at = $2 WHERE id = $1 AND refetched_at < $3",
            actor_id,
            now(),
            now() - pause
        )? > 0)
    }
}
