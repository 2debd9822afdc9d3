//! The public keys of remote actors.

use super::remote_actors::RemoteActorRow;
use crate::{
    protocol::canonical_id,
    store::database::{
        Conn, Result, Tx, execute, fetch_optional, fetch_scalars, is_id, text_enum, to_json,
    },
};
use serde::Serialize;
use std::borrow::Cow;

/// A public key of a remote actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteKey {
    pub id: String,
    /// PEM or multibase, as this node writes it.
    pub public_key: String,
    pub purpose: KeyPurpose,
}

text_enum! {
    /// The property of the owner's document that lists a key.
    pub enum KeyPurpose ("purpose of a key") {
        /// `publicKey`: signs requests.
        Signature = "signature",
        /// `assertionMethod`: signs integrity proofs of activities. By FEP-521a, it may sign requests too.
        Assertion = "assertion",
        Both = "both",
    }
}

impl KeyPurpose {
    /// Returns whether the key may sign integrity proofs.
    pub fn is_assertion_method(self) -> bool {
        self != KeyPurpose::Signature
    }
}

impl Conn {
    /// Returns a key and its owner.
    pub async fn remote_key(
        &mut self,
        key_id: &str,
    ) -> Result<Option<(RemoteActorRow, RemoteKey)>> {
        let key: Option<(i64, String, KeyPurpose)> = fetch_optional!(
            self,
            concat!(
                "SELECT actor_id, public_key, purpose FROM remote_keys WHERE ",
                is_id!("key_id", "$1")
            ),
            canonical_id(key_id).as_ref()
        )?;
        let Some((actor_id, public_key, purpose)) = key else {
            return Ok(None);
        };
        let actor = self.remote_actor_by_id(actor_id).await?;
        let key = RemoteKey {
            id: key_id.to_owned(),
            public_key,
            purpose,
        };
        Ok(actor.map(|actor| (actor, key)))
    }

    /// Returns the ids of an actor's keys.
    pub async fn key_ids_of(&mut self, uri: &str) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            concat!(
                "SELECT key_id FROM remote_keys WHERE actor_id IN (SELECT id FROM remote_actors WHERE ",
                is_id!("uri", "$1"),
                ")"
            ),
            canonical_id(uri).as_ref()
        )
    }
}

/// A key to be stored.
#[derive(Debug, Serialize)]
pub(super) struct KeyToStore<'a> {
    id: Cow<'a, str>,
    actor: i64,
    public_key: &'a str,
    purpose: &'static str,
}

impl<'a> KeyToStore<'a> {
    pub(super) fn of(actor: i64, key: &'a RemoteKey) -> Self {
        KeyToStore {
            id: canonical_id(&key.id),
            actor,
            public_key: &key.public_key,
            purpose: key.purpose.as_str(),
        }
    }
}

impl Tx {
    /// Stores keys of actors, except ids that another actor's key has.
    pub(super) async fn add_keys(&mut self, keys: &[KeyToStore<'_>]) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        execute!(
            self,
            rows(
                "$1",
                [id text, actor bigint, public_key text, purpose text],
                "INSERT INTO remote_keys (key_id, actor_id, public_key, purpose)
                 SELECT id, actor, public_key, purpose FROM r WHERE true ORDER BY id ON CONFLICT (key_id) DO NOTHING"
            ),
            to_json(keys)
        )?;
        Ok(())
    }
}
