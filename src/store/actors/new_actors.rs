//! Actors of other servers that are stored for the first time, one or many at a time.

use super::{
    remote_actors::{NO_ALIASES, NewRemoteActor},
    remote_keys::KeyToStore,
};
use crate::{
    content::registrable_domain,
    protocol::canonical_id,
    store::database::{Conn, Result, Tx, execute, fetch_all, fetch_scalars, is_id, to_json},
};
use serde::Serialize;
use std::{borrow::Cow, collections::HashSet};

/// An actor, the id that was chosen for its row, and the time at which it was fetched.
#[derive(Debug, Clone, Copy)]
pub struct ActorToStore<'a> {
    pub id: i64,
    pub fetched_at: i64,
    pub actor: &'a NewRemoteActor,
}

/// The actors of [`Tx::add_remote_actors`], by the ids of their rows.
#[derive(Debug, Default)]
pub struct StoredActors {
    /// Those that were stored now.
    pub new: HashSet<i64>,
    /// Those that had rows with these ids before.
    pub known: HashSet<i64>,
}

/// A new actor as the statement reads it.
#[derive(Serialize)]
struct Row<'a> {
    id: i64,
    uri: &'a str,
    host: &'a str,
    kind: &'a str,
    username: &'a str,
    handle_host: &'a str,
    name: &'a str,
    url: Option<&'a str>,
    icon: Option<&'a str>,
    inbox: &'a str,
    shared: Option<&'a str>,
    followers: Option<&'a str>,
    moved: Option<&'a str>,
    fetched: i64,
    emoji: Option<&'a str>,
    hidden_before: Option<i64>,
    hidden_after: Option<i64>,
    domain: &'a str,
}

impl<'a> Row<'a> {
    fn of(new: &ActorToStore<'a>) -> Self {
        let actor = new.actor;
        Row {
            id: new.id,
            uri: &actor.uri,
            host: &actor.host,
            kind: &actor.kind,
            username: &actor.username,
            handle_host: &actor.handle_host,
            name: &actor.name,
            url: actor.url.as_deref(),
            icon: actor.icon_url.as_deref(),
            inbox: &actor.inbox,
            shared: actor.shared_inbox.as_deref(),
            followers: actor.followers.as_deref(),
            moved: actor.moved_to.as_deref(),
            fetched: new.fetched_at,
            emoji: actor.emoji.as_deref(),
            hidden_before: actor.hidden_before,
            hidden_after: actor.hidden_after,
            domain: registrable_domain(&actor.host),
        }
    }
}

#[derive(Serialize)]
struct Asked<'a> {
    id: i64,
    uri: Cow<'a, str>,
}

impl Conn {
    /// Returns the rows that some actors have, with the ids that were chosen for these.
    async fn rows_of(&mut self, actors: &[ActorToStore<'_>]) -> Result<Vec<(i64, i64)>> {
        let asked = actors.iter().map(|new| Asked {
            id: new.id,
            uri: canonical_id(&new.actor.uri),
        });
        let asked = to_json(&asked.collect::<Vec<_>>());
        fetch_all!(
            self,
            rows(
                "$1",
                [id bigint, uri text],
                concat!(
                    "SELECT r.id, a.id FROM r JOIN remote_actors a ON ",
                    is_id!("a.uri", "r.uri")
                )
            ),
            asked
        )
    }
}

impl Tx {
    /// Stores an actor under an id that was chosen before. Returns false if the actor has a row with another id.
    pub async fn add_remote_actor(
        &mut self,
        id: i64,
        fetched_at: i64,
        actor: &NewRemoteActor,
    ) -> Result<bool> {
        let new = ActorToStore {
            id,
            fetched_at,
            actor,
        };
        let stored = self.add_remote_actors(&[new]).await?;
        Ok(stored.new.contains(&id) || stored.known.contains(&id))
    }

    /// Stores actors under ids that were chosen before. An actor that has a row with another id is not among the result.
    pub async fn add_remote_actors(&mut self, actors: &[ActorToStore<'_>]) -> Result<StoredActors> {
        let mut stored = StoredActors::default();
        let mut has_row = HashSet::new();
        for (chosen, id) in self.rows_of(actors).await? {
            has_row.insert(chosen);
            if chosen == id {
                stored.known.insert(id);
            }
        }
        let without_row: Vec<_> = actors
            .iter()
            .filter(|new| !has_row.contains(&new.id))
            .copied()
            .collect();
        if without_row.is_empty() {
            return Ok(stored);
        }
        stored.new = self.insert_actors(&without_row).await?;
        let concurrent: Vec<_> = without_row
            .iter()
            .filter(|new| !stored.new.contains(&new.id))
            .copied()
            .collect();
        if !concurrent.is_empty() {
            let rows = self.rows_of(&concurrent).await?.into_iter();
            stored
                .known
                .extend(rows.filter(|(chosen, id)| chosen == id).map(|(id, _)| id));
        }
        Ok(stored)
    }

    /// Stores actors without rows, and their keys. Returns the ids of those that no concurrent transaction stored.
    async fn insert_actors(&mut self, actors: &[ActorToStore<'_>]) -> Result<HashSet<i64>> {
        let uris: Vec<&str> = actors.iter().map(|new| new.actor.uri.as_str()).collect();
        self.save_spellings(&uris).await?;
        let rows = to_json(&actors.iter().map(Row::of).collect::<Vec<_>>());
        // Two nodes that store the same actors wait for each other in the same order.
        let new: Vec<i64> = fetch_scalars!(
            self,
            rows(
                "$1",
                [id bigint, uri text, host text, kind text, username text, handle_host text, name text, url text,
                 icon text, inbox text, shared text, followers text, moved text, fetched bigint, emoji text,
                 hidden_before bigint, hidden_after bigint, domain text],
                "INSERT INTO remote_actors (id, uri, host, kind, username, handle_host, name, url, icon_url, inbox,
                    shared_inbox, followers, aliases, moved_to, fetched_at, emoji, first_seen_at, hidden_before,
                    hidden_after, domain)
                 SELECT id, uri, host, kind, username, handle_host, name, url, icon, inbox, shared, followers, $2,
                    moved, fetched, emoji, fetched, hidden_before, hidden_after, domain
                 FROM r WHERE true ORDER BY uri ON CONFLICT DO NOTHING RETURNING id"
            ),
            rows,
            NO_ALIASES
        )?;
        let new: HashSet<i64> = new.into_iter().collect();
        let keys: Vec<_> = actors
            .iter()
            .filter(|stored| new.contains(&stored.id))
            .flat_map(|stored| {
                let id = stored.id;
                stored
                    .actor
                    .keys
                    .iter()
                    .map(move |key| KeyToStore::of(id, key))
            })
            .collect();
        self.add_keys(&keys).await?;
        Ok(new)
    }

    /// Deletes actors that this transaction stored, because their activities changed nothing.
    pub async fn take_back_actors(&mut self, actor_ids: &[i64]) -> Result<()> {
        if actor_ids.is_empty() {
            return Ok(());
        }
        let actors = to_json(actor_ids);
        execute!(
            self,
            ids("DELETE FROM remote_keys WHERE actor_id IN ", "$1", ""),
            &actors
        )?;
        execute!(
            self,
            ids("DELETE FROM remote_actors WHERE id IN ", "$1", ""),
            &actors
        )?;
        Ok(())
    }
}
