//! Our own actors with their keys: made on first need, the keys kept in memory as they are read.

use super::{NodeError, urls::Urls};
use crate::{
    crypto::keys::{Algorithm, KeyError, PrivateKey},
    store::{ActorKind, Conn, LocalActorRow, Store, Tx},
};
use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};
use zeroize::Zeroizing;

/// One of our actors, able to sign.
#[derive(Debug)]
pub struct LocalActor {
    pub row: LocalActorRow,
    pub uri: String,
    pub rsa: Arc<PrivateKey>,
    pub ed25519: Arc<PrivateKey>,
    rsa_name: String,
    ed25519_name: String,
    /// Replaced keys, oldest first: see [`LocalActor::rsa_keys`].
    pub replaced: Vec<ReplacedKey>,
}

/// A key with its id.
#[derive(Debug, Clone)]
pub struct SigningKey {
    pub id: String,
    pub key: Arc<PrivateKey>,
}

/// A key that is no longer in use for what is new.
#[derive(Debug)]
pub struct ReplacedKey {
    pub id: String,
    pub key: Arc<PrivateKey>,
    /// The last activity that it signs.
    last_activity_id: i64,
}

impl LocalActor {
    /// The id of the RSA key in use.
    pub fn key_id(&self) -> String {
        format!("{}#{}", self.uri, self.rsa_name)
    }

    /// The id of the Ed25519 key in use, which proves what the actor made (FEP-521a).
    pub fn ed25519_key_id(&self) -> String {
        format!("{}#{}", self.uri, self.ed25519_name)
    }

    pub fn followers(&self) -> String {
        format!("{}/followers", self.uri)
    }

    /// Where a server reads which of its actors follow this one (FEP-8fcf).
    pub fn partial_followers(&self) -> String {
        format!("{}/followers_synchronization", self.uri)
    }

    /// The RSA key in use.
    pub fn key(&self) -> SigningKey {
        SigningKey {
            id: self.key_id(),
            key: self.rsa.clone(),
        }
    }

    /// Returns the RSA keys, oldest first, each with the row of the `Update` that announced the next key, which is
    /// the last activity that it signs. The current key has none.
    pub fn rsa_keys(&self) -> Vec<(SigningKey, Option<i64>)> {
        let replaced = self
            .replaced
            .iter()
            .filter(|replaced| replaced.key.algorithm() == Algorithm::RsaSha256);
        let replaced = replaced.map(|replaced| {
            let key = SigningKey {
                id: replaced.id.clone(),
                key: replaced.key.clone(),
            };
            (key, Some(replaced.last_activity_id))
        });
        replaced.chain([(self.key(), None)]).collect()
    }

    /// Other accounts of the same owner.
    pub fn aliases(&self) -> Vec<String> {
        serde_json::from_str(&self.row.aliases).unwrap_or_default()
    }
}

/// All of them that were asked for. What is kept is used as long as the database says the same.
pub struct LocalActors {
    urls: Urls,
    known: RwLock<HashMap<i64, Arc<LocalActor>>>,
}

impl LocalActors {
    pub fn new(urls: Urls) -> Self {
        LocalActors {
            urls,
            known: RwLock::default(),
        }
    }

    /// The actor of this name, if there is one.
    pub async fn by_name(
        &self,
        store: &Store,
        username: &str,
    ) -> Result<Option<Arc<LocalActor>>, NodeError> {
        let mut conn = store.read().await?;
        match conn.local_actor(username).await? {
            Some(row) => Ok(Some(self.of(&mut conn, row).await?)),
            None => Ok(None),
        }
    }

    /// The actor of this row.
    pub async fn by_id(&self, store: &Store, id: i64) -> Result<Arc<LocalActor>, NodeError> {
        self.find(&mut store.read().await?, id).await
    }

    /// The same inside a transaction, which sees actors that it made itself.
    pub async fn in_transaction(&self, tx: &mut Tx, id: i64) -> Result<Arc<LocalActor>, NodeError> {
        self.find(tx, id).await
    }

    async fn find(&self, conn: &mut Conn, id: i64) -> Result<Arc<LocalActor>, NodeError> {
        let row = conn
            .local_actor_by_id(id)
            .await?
            .ok_or(NodeError::NoActor(id))?;
        self.of(conn, row).await
    }

    async fn of(&self, conn: &mut Conn, row: LocalActorRow) -> Result<Arc<LocalActor>, NodeError> {
        let known = self.known.read().ok();
        let known = known.and_then(|known| known.get(&row.id).cloned());
        if let Some(local) = known.filter(|local| local.row == row) {
            return Ok(local);
        }
        let local = Arc::new(self.load(conn, row).await?);
        if let Ok(mut known) = self.known.write() {
            known.insert(local.row.id, local.clone());
        }
        Ok(local)
    }

    async fn load(&self, conn: &mut Conn, row: LocalActorRow) -> Result<LocalActor, NodeError> {
        let uri = self.urls.actor(row.kind, &row.username);
        let (mut rsa, mut ed25519, mut replaced) = (None, None, Vec::new());
        for stored in conn.local_keys_of(row.id).await? {
            let key = Arc::new(PrivateKey::from_pkcs8_der(&stored.pkcs8)?);
            match (stored.replaced_at, stored.algorithm.as_str()) {
                (Some(_), _) => replaced.push(ReplacedKey {
                    id: format!("{uri}#{}", stored.name),
                    key,
                    last_activity_id: stored.last_activity_id.unwrap_or_default(),
                }),
                (None, "rsa") => rsa = Some((key, stored.name)),
                (None, _) => ed25519 = Some((key, stored.name)),
            }
        }
        let (rsa, rsa_name) = rsa.ok_or(NodeError::NoActor(row.id))?;
        let (ed25519, ed25519_name) = ed25519.ok_or(NodeError::NoActor(row.id))?;
        Ok(LocalActor {
            uri,
            rsa,
            ed25519,
            rsa_name,
            ed25519_name,
            replaced,
            row,
        })
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
    let pair = KeyPair::generate().await?;
    let id = tx.add_local_actor(username, kind, author_id).await?;
    pair.store(tx, id, "main-key", "ed25519-key").await?;
    Ok(id)
}

/// The two new keys of an actor, as they are stored.
pub(crate) struct KeyPair {
    rsa: Zeroizing<Vec<u8>>,
    ed25519: Zeroizing<Vec<u8>>,
}

impl KeyPair {
    /// Makes them, which takes a while: on a thread of its own, and best outside any transaction.
    pub async fn generate() -> Result<Self, NodeError> {
        let made = tokio::task::spawn_blocking(|| {
            Ok::<_, KeyError>(KeyPair {
                rsa: PrivateKey::generate_rsa()?.to_pkcs8_der()?,
                ed25519: PrivateKey::generate_ed25519()?.to_pkcs8_der()?,
            })
        });
        let made = made
            .await
            .map_err(|error| NodeError::Client(error.to_string()))?;
        Ok(made?)
    }

    /// Puts them into use under these names.
    pub async fn store(
        &self,
        tx: &mut Tx,
        actor_id: i64,
        rsa_name: &str,
        ed25519_name: &str,
    ) -> Result<(), NodeError> {
        tx.add_local_key(actor_id, "rsa", rsa_name, &self.rsa)
            .await?;
        tx.add_local_key(actor_id, "ed25519", ed25519_name, &self.ed25519)
            .await?;
        Ok(())
    }
}
