//! The public keys of remote actors.

use super::remote_actors::RemoteActorRow;
use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, is_id, on},
};

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
    pub fn is_assertion_method(self) -> bool {
        self != KeyPurpose::Signature
    }
}

impl Conn {
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

    /// Stores an actor's keys, except those that are another's.
    pub(super) async fn add_keys(&mut self, actor_id: i64, keys: &[RemoteKey]) -> Result<()> {
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
}
