//! The key that an actor signs with after it was taken over.

use super::read;
use crate::{
    adoption::{error::AdoptionError, export::ExportedActor},
    crypto::keys::{PrivateKey, PublicKey},
    node::{NodeError, local_actors::KeyPair},
    store::{self, Tx},
};

/// The usual fragment of a key's id.
const KEY_NAME: &str = "main-key";

/// The RSA key of an actor from now on.
pub(in crate::adoption) enum NewKey {
    /// The old one, with the fragment of its id.
    Old { key: PrivateKey, name: String },
    /// A new one under a new id, because other servers cache the old one under the old id.
    New(KeyPair),
}

impl NewKey {
    pub(in crate::adoption) async fn of(actor: &ExportedActor) -> Result<Self, AdoptionError> {
        let Some(text) = &actor.private_key else {
            return Ok(NewKey::New(KeyPair::generate().await?));
        };
        let key = read(text, actor.public_key.as_deref())
            .map_err(|problem| AdoptionError::Key(actor.id.clone(), problem))?;
        let name = actor
            .key_id
            .as_deref()
            .and_then(|id| id.strip_prefix(&format!("{}#", actor.id)));
        let name = name.filter(|name| !name.is_empty()).unwrap_or(KEY_NAME);
        Ok(NewKey::Old {
            key,
            name: name.to_owned(),
        })
    }

    /// Stores the key of an actor here, unless an earlier run did so.
    pub(in crate::adoption) async fn store(
        &self,
        tx: &mut Tx,
        actor: &ExportedActor,
        local_id: i64,
    ) -> Result<(), AdoptionError> {
        match self {
            NewKey::Old { key, name } => store_old(tx, actor, local_id, key, name).await,
            NewKey::New(pair) => store_new(tx, actor, local_id, pair).await,
        }
    }
}

async fn store_old(
    tx: &mut Tx,
    actor: &ExportedActor,
    local_id: i64,
    key: &PrivateKey,
    name: &str,
) -> Result<(), AdoptionError> {
    // If the same key was taken over before, the current one came after it: the admin has rotated the keys.
    let setting = format!("adopted key of {}", actor.id);
    let mark = format!("{local_id} {name} {}", key.public_key_pem());
    if tx.setting(&setting).await?.as_deref() == Some(mark.as_str()) {
        return Ok(());
    }
    let der = key.to_pkcs8_der().map_err(NodeError::from)?;
    let stored = tx.local_keys_of(local_id).await?;
    let mut current = stored
        .iter()
        .filter(|key| key.replaced_at.is_none() && key.algorithm == "rsa");
    if !current.any(|current| current.pkcs8 == *der && current.name == name) {
        tx.replace_local_key(local_id, "rsa", name, &der).await?;
    }
    tx.set_setting(&setting, &mark).await?;
    Ok(())
}

async fn store_new(
    tx: &mut Tx,
    actor: &ExportedActor,
    local_id: i64,
    pair: &KeyPair,
) -> Result<(), AdoptionError> {
    let stored = tx.local_keys_of(local_id).await?;
    let mut current = stored
        .iter()
        .filter(|key| key.replaced_at.is_none() && key.algorithm == "rsa");
    let current = current.next();
    // A second run would make a third key. The first one has a name of this form.
    let old = current.map(|current| PrivateKey::from_pkcs8_der(&current.pkcs8));
    let old = old.transpose().map_err(NodeError::from)?;
    let is_renamed = current.is_some_and(|current| current.name.starts_with("rsa-"));
    let is_theirs = old.is_some_and(|old| is_public_key_of(&old, actor));
    if is_renamed || is_theirs {
        return Ok(());
    }
    let mark = &store::new_uid()[..8];
    tx.retire_local_keys(local_id).await?;
    pair.store(
        tx,
        local_id,
        &format!("rsa-{mark}"),
        &format!("ed25519-{mark}"),
    )
    .await?;
    tx.delete_retired_keys(local_id).await?;
    Ok(())
}

fn is_public_key_of(key: &PrivateKey, actor: &ExportedActor) -> bool {
    let public = actor.public_key.as_deref();
    public
        .and_then(|public| PublicKey::from_pem(public).ok())
        .is_some_and(|public| public.to_pem() == key.public_key_pem())
}
