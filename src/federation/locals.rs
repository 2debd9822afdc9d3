//! Our own actors with their keys: made on first need, kept in memory.

use super::{NodeError, keys::PrivateKey, urls::Urls};
use crate::store::{ActorKind, Conn, LocalActor, Store, Tx};
use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

/// One of our actors, able to sign.
#[derive(Debug)]
pub struct Local {
    pub row: LocalActor,
    pub uri: String,
    pub rsa: Arc<PrivateKey>,
    pub ed25519: Arc<PrivateKey>,
}

impl Local {
    pub fn key_id(&self) -> String {
        format!("{}#main-key", self.uri)
    }

    pub fn followers(&self) -> String {
        format!("{}/followers", self.uri)
    }

    /// Where a server reads which of its actors follow this one (FEP-8fcf).
    pub fn partial_followers(&self) -> String {
        format!("{}/followers_synchronization", self.uri)
    }
}

/// All of them that were asked for.
pub struct Locals {
    urls: Urls,
    known: RwLock<HashMap<i64, Arc<Local>>>,
}

impl Locals {
    pub fn new(urls: Urls) -> Self {
        Locals {
            urls,
            known: RwLock::default(),
        }
    }

    /// The actor of this name, if there is one.
    pub async fn by_name(
        &self,
        store: &Store,
        username: &str,
    ) -> Result<Option<Arc<Local>>, NodeError> {
        let found = self.find(|local| local.row.username == username);
        match found {
            Some(local) => Ok(Some(local)),
            None => match store.read().await?.local_actor(username).await? {
                Some(row) => Ok(Some(self.by_id(store, row.id).await?)),
                None => Ok(None),
            },
        }
    }

    /// The actor of this row.
    pub async fn by_id(&self, store: &Store, id: i64) -> Result<Arc<Local>, NodeError> {
        if let Some(local) = self.find(|local| local.row.id == id) {
            return Ok(local);
        }
        self.load(&mut store.read().await?, id).await
    }

    /// The same inside a transaction, which sees actors that it made itself.
    pub async fn in_transaction(&self, tx: &mut Tx, id: i64) -> Result<Arc<Local>, NodeError> {
        match self.find(|local| local.row.id == id) {
            Some(local) => Ok(local),
            None => self.load(tx, id).await,
        }
    }

    /// Forgets an actor whose name or description changed.
    pub fn forget(&self, id: i64) {
        if let Ok(mut known) = self.known.write() {
            known.remove(&id);
        }
    }

    fn find(&self, fits: impl Fn(&Local) -> bool) -> Option<Arc<Local>> {
        let known = self.known.read().ok()?;
        known.values().find(|local| fits(local)).cloned()
    }

    async fn load(&self, conn: &mut Conn, id: i64) -> Result<Arc<Local>, NodeError> {
        let row = conn
            .local_actor_by_id(id)
            .await?
            .ok_or(NodeError::NoActor(id))?;
        let mut rsa = None;
        let mut ed25519 = None;
        for key in conn.local_keys_of(id).await? {
            let parsed = Arc::new(PrivateKey::from_pkcs8_der(&key.pkcs8)?);
            match key.algorithm.as_str() {
                "rsa" => rsa = Some(parsed),
                _ => ed25519 = Some(parsed),
            }
        }
        let local = Arc::new(Local {
            uri: self.urls.actor(row.kind, &row.username),
            row,
            rsa: rsa.ok_or(NodeError::NoActor(id))?,
            ed25519: ed25519.ok_or(NodeError::NoActor(id))?,
        });
        if let Ok(mut known) = self.known.write() {
            known.insert(id, local.clone());
        }
        Ok(local)
    }
}

/// Makes an actor with its keys unless it is there; its row id.
pub async fn ensure(
    tx: &mut Tx,
    username: &str,
    kind: ActorKind,
    author_id: Option<i64>,
) -> Result<i64, NodeError> {
    if let Some(row) = tx.local_actor(username).await? {
        return Ok(row.id);
    }
    let (rsa, ed25519) = tokio::task::spawn_blocking(|| {
        Ok::<_, super::keys::KeyError>((
            PrivateKey::generate_rsa()?,
            PrivateKey::generate_ed25519()?,
        ))
    })
    .await
    .map_err(|error| NodeError::Client(error.to_string()))??;
    let id = tx.add_local_actor(username, kind, author_id).await?;
    tx.add_local_key(id, "rsa", &rsa.to_pkcs8_der()?).await?;
    tx.add_local_key(id, "ed25519", &ed25519.to_pkcs8_der()?)
        .await?;
    Ok(id)
}
