//! Local actors with their keys. They are created when first needed, and their keys stay in memory once read.

use super::{NodeError, urls::Urls};
use crate::{
    crypto::keys::{Algorithm, KeyError, PrivateKey},
    store::{ActorKind, Conn, LocalActorRow, Store, Tx},
};
use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};
use url::Url;
use zeroize::Zeroizing;

/// A local actor with its private keys.
#[derive(Debug)]
pub struct LocalActor {
    pub row: LocalActorRow,
    pub uri: String,
    /// The address that is computed from the username. It is the `uri` of all actors that no other software had, and on
    /// the former domain if the actor stayed there.
    own_uri: String,
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

/// A key that signs no new activities.
#[derive(Debug)]
pub struct ReplacedKey {
    pub id: String,
    pub key: Arc<PrivateKey>,
    /// The last activity that it signs.
    last_activity_id: i64,
}

impl LocalActor {
    /// Returns the id of the current RSA key.
    pub fn key_id(&self) -> String {
        format!("{}#{}", self.uri, self.rsa_name)
    }

    /// Returns the id of the current Ed25519 key, which signs integrity proofs (FEP-521a).
    pub fn ed25519_key_id(&self) -> String {
        format!("{}#{}", self.uri, self.ed25519_name)
    }

    pub fn inbox(&self) -> String {
        self.address(&self.row.addresses.inbox, "inbox")
    }

    pub fn outbox(&self) -> String {
        self.address(&self.row.addresses.outbox, "outbox")
    }

    pub fn followers(&self) -> String {
        self.address(&self.row.addresses.followers, "followers")
    }

    pub fn following(&self) -> String {
        self.address(&self.row.addresses.following, "following")
    }

    /// Returns the address of the collection of pinned articles.
    pub fn featured(&self) -> String {
        self.address(&self.row.addresses.featured, "featured")
    }

    /// Returns the address of the collection of its most used tags.
    pub fn featured_tags(&self) -> String {
        self.address(&None, "tags")
    }

    /// Returns an address that is stored, or else computed: not from the `uri`, which can have a query.
    fn address(&self, stored: &Option<String>, name: &str) -> String {
        let own = || format!("{}/{name}", self.own_uri);
        stored.clone().unwrap_or_else(own)
    }

    /// Returns the address where a server reads which of its actors follow this one (FEP-8fcf).
    pub fn partial_followers(&self) -> String {
        self.address(&None, "followers_synchronization")
    }

    /// Returns the current RSA key.
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

    /// Returns the other accounts of the same owner.
    pub fn aliases(&self) -> Vec<String> {
        serde_json::from_str(&self.row.aliases).unwrap_or_default()
    }
}

/// The local actors in memory. An entry is used as long as its row in the database is unchanged.
///
/// `find` and its like take the connection that the caller has. A caller that waits for a second connection while it holds
/// one can wait for itself: as many of them as there are connections end only by a timeout.
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

    /// Returns the actor with this username.
    pub async fn by_name(
        &self,
        store: &Store,
        username: &str,
    ) -> Result<Option<Arc<LocalActor>>, NodeError> {
        self.find_by_name(&mut store.read().await?, username).await
    }

    /// Returns the actor with this username, on a connection that is open.
    pub async fn find_by_name(
        &self,
        conn: &mut Conn,
        username: &str,
    ) -> Result<Option<Arc<LocalActor>>, NodeError> {
        match conn.local_actor(username).await? {
            Some(row) => Ok(Some(self.of(conn, row).await?)),
            None => Ok(None),
        }
    }

    /// Returns the actor with this name in its handle, or else with this username, in any case.
    pub async fn by_handle(
        &self,
        store: &Store,
        name: &str,
    ) -> Result<Option<Arc<LocalActor>>, NodeError> {
        self.find_by_handle(&mut store.read().await?, name).await
    }

    /// Returns the actor with this name in its handle, or else with this username, on a connection that is open.
    pub async fn find_by_handle(
        &self,
        conn: &mut Conn,
        name: &str,
    ) -> Result<Option<Arc<LocalActor>>, NodeError> {
        match conn.local_actor_by_handle(&name.to_lowercase()).await? {
            Some(row) => Ok(Some(self.of(conn, row).await?)),
            None => Ok(None),
        }
    }

    /// Returns the deleted actor that had this username, or this name in its handle.
    pub async fn deleted(
        &self,
        store: &Store,
        username: &str,
    ) -> Result<Option<Arc<LocalActor>>, NodeError> {
        let mut conn = store.read().await?;
        match conn.deleted_actor(username).await? {
            Some(row) => Ok(Some(self.of(&mut conn, row).await?)),
            None => Ok(None),
        }
    }

    /// Returns the actor with this row id, also one that was deleted.
    pub async fn by_id(&self, store: &Store, id: i64) -> Result<Arc<LocalActor>, NodeError> {
        self.find(&mut store.read().await?, id).await
    }

    /// Returns the actor with this row id inside a transaction, which sees actors that it has created.
    pub async fn in_transaction(&self, tx: &mut Tx, id: i64) -> Result<Arc<LocalActor>, NodeError> {
        self.find(tx, id).await
    }

    /// Returns the actor with this row id, also one that was deleted, on a connection that is open.
    pub async fn find(&self, conn: &mut Conn, id: i64) -> Result<Arc<LocalActor>, NodeError> {
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
        let uri = self.urls.actor_id(&row);
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
            own_uri: own_uri(&self.urls, &row),
            rsa,
            ed25519,
            rsa_name,
            ed25519_name,
            replaced,
            row,
        })
    }
}

fn own_uri(urls: &Urls, row: &LocalActorRow) -> String {
    let former = row
        .former_handle
        .as_ref()
        .and(row.addresses.outbox.as_ref());
    match former.map(|outbox| Url::parse(outbox)) {
        Some(Ok(outbox)) => format!(
            "{}/users/{}",
            outbox.origin().ascii_serialization(),
            row.username
        ),
        _ => urls.actor(row.kind, &row.username),
    }
}

/// Creates an actor with its keys unless it exists. Returns its row id.
pub async fn ensure(
    tx: &mut Tx,
    username: &str,
    kind: ActorKind,
    author_id: Option<i64>,
) -> Result<i64, NodeError> {
    if let Some(row) = tx.local_actor(username).await? {
        return Ok(row.id);
    }
    if tx.is_retired_name(username).await? {
        return Err(NodeError::RetiredName(username.to_owned()));
    }
    let pair = KeyPair::generate().await?;
    let id = tx.add_local_actor(username, kind, author_id).await?;
    pair.store(tx, id, "main-key", "ed25519-key").await?;
    Ok(id)
}

/// Two new keys of an actor, in their stored form.
pub(crate) struct KeyPair {
    rsa: Zeroizing<Vec<u8>>,
    ed25519: Zeroizing<Vec<u8>>,
}

impl KeyPair {
    /// Generates the keys on a blocking thread. This is slow, so call it outside of transactions.
    pub(crate) async fn generate() -> Result<Self, NodeError> {
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

    /// Stores the keys as the current ones, under these names.
    pub(crate) async fn store(
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
