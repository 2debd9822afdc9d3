//! The hosts and actors, all derived from their numbers, and what is remembered of them.

use crate::{inbox::Tally, keys::Key, sender::Sender};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Keys that all actors share.
const KEYS: usize = 32;

/// How many hosts and actors there are, and how carefully they check what they get.
pub(crate) struct Size {
    pub(crate) hosts: u32,
    pub(crate) users: u32,
    pub(crate) domain: String,
    /// Every Nth delivery's signature is verified, none if it is 0.
    pub(crate) verify_every: u64,
}

/// A fediverse: hosts h0, h1, ... with actors u0, u1, ... on each of them.
pub(crate) struct World {
    pub(crate) size: Size,
    keys: Vec<Key>,
    /// Replies by id, for those who fetch them.
    notes: Mutex<HashMap<String, String>>,
    tally: Mutex<Tally>,
    faults: Mutex<Faults>,
    pub(crate) sender: Sender,
    connections: AtomicU64,
    fetches: AtomicU64,
}

/// How inboxes misbehave.
#[derive(Default, Clone, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Faults {
    /// The first hosts, so many of them, respond with 503.
    pub(crate) down: u32,
    /// The next hosts respond with 410.
    pub(crate) gone: u32,
    /// The next hosts accept a connection and never respond.
    pub(crate) hang: u32,
    /// Every Nth delivery to the others gets a 500; 0 for none.
    pub(crate) fail_every: u64,
    /// Milliseconds before every response.
    pub(crate) delay_ms: u64,
}

/// An actor by its numbers.
#[derive(Clone, Copy)]
pub(crate) struct Actor {
    pub(crate) host: u32,
    pub(crate) user: u32,
}

impl World {
    /// Makes a world whose keys are in a folder, and generates those that are missing.
    pub(crate) fn open(size: Size, folder: &Path) -> anyhow::Result<Self> {
        let keys = (0..KEYS)
            .map(|number| Key::load_or_generate(&folder.join(format!("actor-{number}.der"))))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self {
            size,
            keys,
            notes: Mutex::default(),
            tally: Mutex::default(),
            faults: Mutex::default(),
            sender: Sender::default(),
            connections: AtomicU64::new(0),
            fetches: AtomicU64::new(0),
        })
    }

    /// Returns the Nth actor. The first ones are on different hosts, so that a few actors already span many hosts.
    pub(crate) fn actor(&self, number: u32) -> Actor {
        let Size { hosts, users, .. } = self.size;
        Actor {
            host: number % hosts,
            user: number / hosts % users,
        }
    }

    /// Returns the number of the host in an authority such as `h7.test`, if there is such a host.
    pub(crate) fn host(&self, authority: &str) -> Option<u32> {
        let number = authority
            .strip_suffix(self.size.domain.as_str())?
            .strip_suffix('.')?
            .strip_prefix('h')?;
        number.parse().ok().filter(|host| *host < self.size.hosts)
    }

    /// Returns the number of a user such as `u3`, if each host has such a user.
    pub(crate) fn user(&self, name: &str) -> Option<u32> {
        let number = name.strip_prefix('u')?;
        number.parse().ok().filter(|user| *user < self.size.users)
    }

    pub(crate) fn origin(&self, host: u32) -> String {
        format!("https://h{host}.{}", self.size.domain)
    }

    pub(crate) fn id(&self, actor: Actor) -> String {
        format!("{}/users/u{}", self.origin(actor.host), actor.user)
    }

    pub(crate) fn key(&self, actor: Actor) -> &Key {
        &self.keys[(actor.host * 31 + actor.user) as usize % self.keys.len()]
    }

    /// Returns the document of an actor.
    pub(crate) fn document(&self, actor: Actor) -> Value {
        let id = self.id(actor);
        let origin = self.origin(actor.host);
        let name = format!("u{}", actor.user);
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": id,
            "type": "Person",
            "preferredUsername": name,
            "name": format!("Reader {} of host {}", actor.user, actor.host),
            "summary": "<p>Reads, and now and then replies.</p>",
            "inbox": format!("{id}/inbox"),
            "outbox": format!("{id}/outbox"),
            "followers": format!("{id}/followers"),
            "following": format!("{id}/following"),
            "url": format!("{origin}/@{name}"),
            "manuallyApprovesFollowers": false,
            "discoverable": true,
            "published": "2025-01-01T00:00:00Z",
            "endpoints": {"sharedInbox": format!("{origin}/inbox")},
            "publicKey": {
                "id": format!("{id}#main-key"),
                "owner": id,
                "publicKeyPem": self.key(actor).public_pem,
            },
        })
    }

    pub(crate) fn keep_note(&self, id: String, note: String) {
        lock(&self.notes).insert(id, note);
    }

    pub(crate) fn note(&self, id: &str) -> Option<String> {
        lock(&self.notes).get(id).cloned()
    }

    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        lock(&self.tally)
    }

    pub(crate) fn faults(&self) -> Faults {
        lock(&self.faults).clone()
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        *lock(&self.faults) = faults;
    }

    pub(crate) fn count_connection(&self) {
        self.connections.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_fetch(&self) {
        self.fetches.fetch_add(1, Relaxed);
    }

    /// Returns connections and fetched documents since the last reset.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.connections.load(Relaxed), self.fetches.load(Relaxed))
    }

    /// Forgets everything that was counted.
    pub(crate) fn reset(&self) {
        *self.tally() = Tally::default();
        self.connections.store(0, Relaxed);
        self.fetches.store(0, Relaxed);
    }
}

/// Locks what no thread leaves half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no thread panicked")
}
