//! Actors of other servers: fetched, checked, stored.

use super::{
    fetch::{self, FetchError, shown},
    webfinger,
};
use crate::{
    content::{Handle, clean_name},
    crypto::keys::PublicKey,
    federation::comments::extras::emoji_in,
    node::{
        Node,
        error::InboxError,
        strangers::{Stranger, document_of, settled},
        urls::{host_of, link_or_id, same_origin, same_origin_text},
    },
    protocol::{ActorDocument, ActorKey, canonical_id, same_id},
    store::{self, KeyPurpose, NewRemoteActor, RemoteActorRow, RemoteKey, StoreError, Tx},
};
use activitypub_federation::{
    config::Data,
    fetch::object_id::ObjectId,
    traits::{Actor, Object},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::{borrow::Cow, fmt, sync::Arc};
use url::Url;

/// Longest display name, in characters.
const MAX_NAME: usize = 100;
/// Longest address that is kept, in bytes.
const MAX_URL: usize = 2048;
/// Aliases that are kept.
const MAX_ALIASES: usize = 20;
/// Keys of one actor that are kept.
const MAX_KEYS: usize = 4;

/// A remote actor as it is stored, or as it will be.
#[derive(Clone)]
pub struct RemoteActor {
    pub row: RemoteActorRow,
    uri: Url,
    stranger: Option<Arc<Stranger>>,
}

impl fmt::Debug for RemoteActor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_tuple("RemoteActor").field(&self.row.uri).finish()
    }
}

impl RemoteActor {
    /// A stored row as an actor.
    pub(crate) fn of(row: RemoteActorRow) -> Result<Self, InboxError> {
        let uri = Url::parse(&row.uri)
            .map_err(|_| InboxError::malformed("an actor's id is not a URL"))?;
        Ok(RemoteActor {
            row,
            uri,
            stranger: None,
        })
    }

    /// An actor that is not stored.
    pub(crate) fn of_stranger(stranger: Arc<Stranger>) -> Result<Self, InboxError> {
        let row = stranger.actor.to_row(stranger.id, stranger.fetched_at);
        Ok(RemoteActor {
            stranger: Some(stranger),
            ..RemoteActor::of(row)?
        })
    }

    /// Returns what there is to store of an actor that is not stored.
    pub fn stranger(&self) -> Option<&Arc<Stranger>> {
        self.stranger.as_ref()
    }

    /// Stores the actor, unless it is, with what refers to it.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if another process stored it under another id: the next try finds that.
    pub async fn store_in(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let Some(stranger) = &self.stranger else {
            return Ok(());
        };
        let (id, time) = (stranger.id, stranger.fetched_at);
        match tx.add_remote_actor(id, time, &stranger.actor).await? {
            true => Ok(()),
            false => Err(StoreError::Missing("the actor has another row".into())),
        }
    }

    /// `@user@host`.
    pub fn handle(&self) -> String {
        crate::node::Inner::remote_handle(&self.row.username, &self.row.handle_host)
    }

    /// The same as of now, for what is written down with it: it may be confirmed at this moment.
    pub async fn handle_now(&self, tx: &mut Tx, node: &Node) -> Result<String, StoreError> {
        if !node.lookups.may_change(self.row.id) {
            return Ok(self.handle());
        }
        let host = tx.hold_handle_host(self.row.id).await?;
        let host = host.as_deref().unwrap_or(&self.row.handle_host);
        Ok(crate::node::Inner::remote_handle(&self.row.username, host))
    }

    /// Where a reader finds them.
    pub fn link(&self) -> String {
        link_or_id(self.row.url.as_deref(), &self.row.uri)
    }
}

#[async_trait]
impl Object for RemoteActor {
    type DataType = Node;
    type Kind = ActorDocument;
    type Error = InboxError;

    fn id(&self) -> &Url {
        &self.uri
    }

    fn last_refreshed_at(&self) -> Option<DateTime<Utc>> {
        Some(store::moment(self.row.fetched_at))
    }

    async fn read_from_id(id: Url, data: &Data<Node>) -> Result<Option<Self>, InboxError> {
        if let Some(row) = data.store.read().await?.remote_actor(id.as_str()).await? {
            return RemoteActor::of(row).map(Some);
        }
        let stranger = data.gate.strangers.get(id.as_str());
        stranger.map(RemoteActor::of_stranger).transpose()
    }

    async fn into_json(self, _: &Data<Node>) -> Result<ActorDocument, InboxError> {
        // Other servers' actors are never served by us.
        Err(InboxError::malformed("a remote actor is not ours to serve"))
    }

    async fn verify(
        document: &ActorDocument,
        expected: &Url,
        data: &Data<Node>,
    ) -> Result<(), InboxError> {
        check_document(document, expected, data.config.development)
    }

    /// Stores the current state of a known actor. Any other is remembered until it is stored with what refers to it.
    async fn from_json(document: ActorDocument, data: &Data<Node>) -> Result<Self, InboxError> {
        let mut new = to_row(&document)?;
        let mut conn = data.store.read().await?;
        if conn.rules_for(&new.uri, &new.host).await?.no_media {
            new.icon_url = None;
            new.emoji = None;
        }
        let known = conn.remote_actor(&new.uri).await?;
        let old_keys = match &known {
            Some(known) => conn.key_ids_of(&known.uri).await?,
            None => data.gate.strangers.keys_of(&new.uri),
        };
        drop(conn);
        new.keys = keys_to_keep(new.keys, &new.uri, &old_keys);
        let claim = document.webfinger;
        let actor = match known {
            Some(known) => update(known, &new, data).await?,
            None => {
                let stranger = data.gate.strangers.remember(new, claim);
                return RemoteActor::of_stranger(stranger);
            }
        };
        data.gate.strangers.forget(&actor.row.uri);
        for key_id in old_keys {
            data.gate.forget(&key_id).await;
        }
        webfinger::confirm_later(&actor, claim.as_deref(), data).await;
        Ok(actor)
    }
}

/// Stores what a known actor's document says now. The result has the aliases of the document, whether they are stored or
/// not.
async fn update(
    known: RemoteActorRow,
    new: &NewRemoteActor,
    data: &Data<Node>,
) -> Result<RemoteActor, InboxError> {
    let mut tx = data.store.begin().await?;
    let row = tx.save_remote_actor(new).await?;
    let actor = RemoteActor::of(RemoteActorRow {
        aliases: new.aliases.clone(),
        ..row
    })?;
    if (known.hidden_before, known.hidden_after)
        != (actor.row.hidden_before, actor.row.hidden_after)
    {
        tx.hide_comments_of(actor.row.id).await?;
    }
    if known.name != actor.row.name || known.url != actor.row.url {
        let (handle, link) = (actor.handle(), actor.link());
        tx.rename_commenter(actor.row.id, &actor.row.name, &handle, &link)
            .await?;
    }
    tx.commit().await?;
    Ok(actor)
}

tokio::task_local! {
    /// The id of the key whose document is being fetched. The library has no way to hand it on.
    static SOUGHT: String;
}

/// The keys of a document that are its actor's: those in the document itself, and of those elsewhere the one whose own
/// document led here, now or before. Anybody could name such a key.
fn keys_to_keep(keys: Vec<RemoteKey>, uri: &str, old_keys: &[String]) -> Vec<RemoteKey> {
    let sought = SOUGHT.try_with(String::clone).unwrap_or_default();
    let is_sought = |key: &RemoteKey| same_id(&key.id, &sought);
    let mut keys: Vec<RemoteKey> = keys
        .into_iter()
        .filter(|key| {
            same_id(document_of(&key.id), uri)
                || is_sought(key)
                || old_keys.iter().any(|old| same_id(old, &key.id))
        })
        .collect();
    keys.sort_by_key(|key| !is_sought(key));
    keys.truncate(MAX_KEYS);
    keys
}

impl Actor for RemoteActor {
    /// Their keys are in `remote_keys`, since an actor may have several.
    fn public_key_pem(&self) -> &str {
        ""
    }

    fn private_key_pem(&self) -> Option<String> {
        None
    }

    fn inbox(&self) -> Url {
        Url::parse(&self.row.inbox).unwrap_or_else(|_| self.uri.clone())
    }

    fn shared_inbox(&self) -> Option<Url> {
        Url::parse(self.row.shared_inbox.as_deref()?).ok()
    }
}

/// The actor with this id: as stored, or fetched if it is unknown or its data is old.
pub async fn get(uri: &str, data: &Data<Node>) -> Result<RemoteActor, InboxError> {
    let found = object_id(uri, data)?.dereference(data).await;
    match (found, canonical_id(uri)) {
        (Err(InboxError::Unverified(_)), Cow::Owned(canonical)) => {
            object_id(&canonical, data)?.dereference(data).await
        }
        (other, _) => other,
    }
}

/// The actor with this id, fetched now.
pub async fn refetch(uri: &str, data: &Data<Node>) -> Result<RemoteActor, InboxError> {
    let fetched = object_id(uri, data)?.dereference_forced(data).await;
    match (fetched, canonical_id(uri)) {
        // Some servers do not recognize another spelling of their own id.
        (Err(InboxError::Unverified(_)), Cow::Owned(canonical)) => {
            object_id(&canonical, data)?.dereference_forced(data).await
        }
        (other, _) => other,
    }
}

fn object_id(uri: &str, data: &Data<Node>) -> Result<ObjectId<RemoteActor>, InboxError> {
    let url = Url::parse(uri).map_err(|_| InboxError::malformed("an actor's id is not a URL"))?;
    if data.urls().is_ours(uri) {
        return Err(InboxError::forbidden(
            "an actor of this node acts by itself alone",
        ));
    }
    Ok(url.into())
}

/// Receives an actor whose document was fetched from its own id.
pub async fn adopt(document: ActorDocument, data: &Data<Node>) -> Result<RemoteActor, InboxError> {
    let id = document.id.clone().unwrap_or_default();
    let id = Url::parse(&id).map_err(|_| InboxError::malformed("an actor's id is not a URL"))?;
    check_document(&document, &id, data.config.development)?;
    RemoteActor::from_json(document, data).await
}

/// Stores an actor that this node itself asked for, unless it is stored.
pub async fn keep(actor: RemoteActor, data: &Data<Node>) -> Result<RemoteActor, StoreError> {
    if actor.stranger.is_some() {
        let mut tx = data.store.begin().await?;
        actor.store_in(&mut tx).await?;
        tx.commit().await?;
        settled(&actor, data).await;
    }
    Ok(RemoteActor {
        stranger: None,
        ..actor
    })
}

/// The destination that an actor's deliveries go to: the shared inbox, or its own where there is none.
///
/// # Errors
/// If neither is an address that is connected to.
pub async fn destination_of(
    row: &RemoteActorRow,
    node: &Node,
    tx: &mut Tx,
) -> Result<i64, InboxError> {
    let development = node.config.development;
    let shared = row
        .shared_inbox
        .as_deref()
        .and_then(|inbox| fetch::check_inbox(inbox, development).ok());
    let inbox = match shared {
        Some(inbox) => inbox,
        None => fetch::check_inbox(&row.inbox, development).map_err(|reason| {
            InboxError::malformed(&format!("the actor's inbox can't be used: {reason}"))
        })?,
    };
    let host = host_of(&inbox).unwrap_or_default();
    Ok(tx.destination_for(inbox.as_str(), &host).await?)
}

fn check_document(
    document: &ActorDocument,
    found_at: &Url,
    development: bool,
) -> Result<(), InboxError> {
    let id = document.id.as_deref().and_then(|id| Url::parse(id).ok());
    let inbox = document
        .inbox
        .as_deref()
        .and_then(|inbox| Url::parse(inbox).ok());
    match (id, inbox) {
        (Some(id), Some(inbox)) if same_origin(&id, found_at) => {
            fetch::check_inbox(inbox.as_str(), development).map_err(|reason| {
                InboxError::malformed(&format!("an actor's inbox can't be used: {reason}"))
            })?;
            Ok(())
        }
        (Some(_), Some(_)) => Err(InboxError::forbidden("an actor's id is on another host")),
        _ => Err(InboxError::malformed("an actor has no id or no inbox")),
    }
}

fn to_row(document: &ActorDocument) -> Result<NewRemoteActor, InboxError> {
    let uri = document.id.clone().unwrap_or_default();
    if uri.len() > MAX_URL {
        return Err(InboxError::malformed("an actor's id is too long"));
    }
    let host = Url::parse(&uri)
        .ok()
        .and_then(|url| host_of(&url))
        .ok_or_else(|| InboxError::malformed("an actor's id has no host"))?;
    let username = username_of(document)?;
    let name = clean_name(document.name(), MAX_NAME);
    let hidden = document.hidden_from_strangers();
    let short = |text: Option<String>| text.filter(|text| text.len() <= MAX_URL);
    let aliases = document.also_known_as.iter();
    let aliases: Vec<&String> = aliases
        .filter(|alias| alias.len() <= MAX_URL)
        .take(MAX_ALIASES)
        .collect();
    Ok(NewRemoteActor {
        handle_host: host.clone(),
        host,
        kind: clean_name(document.kind.as_deref().unwrap_or(""), 40),
        name: if name.is_empty() {
            username.clone()
        } else {
            name
        },
        username,
        url: short(document.url.clone()),
        icon_url: short(document.icon_url()),
        inbox: short(document.inbox.clone()).unwrap_or_default(),
        shared_inbox: short(document.shared_inbox()).filter(|inbox| same_origin_text(inbox, &uri)),
        followers: short(document.followers.clone()),
        aliases: serde_json::to_string(&aliases).unwrap_or_else(|_| "[]".into()),
        moved_to: short(document.moved_to.clone()),
        emoji: emoji_of(document),
        hidden_before: hidden.before,
        hidden_after: hidden.after,
        keys: usable_keys(document),
        uri,
    })
}

/// The custom emoji in its name, as they are stored.
fn emoji_of(document: &ActorDocument) -> Option<String> {
    let emoji = emoji_in(document.name(), document.custom_emoji());
    (!emoji.is_empty()).then(|| serde_json::to_string(&emoji).unwrap_or_default())
}

/// `preferredUsername`, or the user in the `webfinger` property (FEP-2c59).
fn username_of(document: &ActorDocument) -> Result<String, InboxError> {
    let from_handle = || {
        let handle: Handle = document.webfinger.as_deref()?.parse().ok()?;
        Some(handle.user().to_owned())
    };
    let name = document
        .preferred_username
        .clone()
        .or_else(from_handle)
        .unwrap_or_default();
    let name = clean_name(&name, MAX_NAME).replace(['@', '/', ' '], "");
    match name.is_empty() {
        true => Err(InboxError::malformed("an actor has no user name")),
        false => Ok(name),
    }
}

/// The keys that we can verify with, and that are on the actor's own host, as this node writes them.
fn usable_keys(document: &ActorDocument) -> Vec<RemoteKey> {
    let id = document.id.as_deref().unwrap_or_default();
    let mut usable: Vec<(RemoteKey, PublicKey)> = Vec::new();
    for ActorKey {
        id: key_id,
        text,
        asserts,
    } in document.keys()
    {
        let Some(key) = read_key(&text) else { continue };
        if key_id.len() > MAX_URL || !same_origin_text(&key_id, id) {
            continue;
        }
        match usable
            .iter_mut()
            .find(|(known, _)| same_id(&known.id, &key_id))
        {
            // The same key in both properties. Another one of the same id is not its actor's word, but a mistake.
            Some((known, same)) if *same == key => {
                if known.purpose.asserts() != asserts {
                    known.purpose = KeyPurpose::Both;
                }
            }
            Some(_) => {}
            None => {
                let (public_key, purpose) = match asserts {
                    true => (key.to_multibase(), KeyPurpose::Assertion),
                    false => (key.to_pem(), KeyPurpose::Signature),
                };
                let id = key_id;
                usable.push((
                    RemoteKey {
                        id,
                        public_key,
                        purpose,
                    },
                    key,
                ));
            }
        }
    }
    usable.into_iter().map(|(key, _)| key).collect()
}

/// A public key in the forms that it is stored in.
pub fn read_key(text: &str) -> Option<PublicKey> {
    match text.trim_start().starts_with("-----") {
        true => PublicKey::from_pem(text).ok(),
        false => PublicKey::from_multibase(text).ok(),
    }
}

/// The owner of a key and the key, fetched from the key's id: an actor's document, or a key's own that
/// names an owner, who must name the key back.
///
/// A key stays with the actor that has it, until that actor's own document no longer names it.
pub async fn fetch_key(
    key_id: &str,
    data: &Data<Node>,
) -> Result<(RemoteActor, RemoteKey), InboxError> {
    let is_of =
        |holder: &RemoteActor, actor: &RemoteActor| same_id(&holder.row.uri, &actor.row.uri);
    let actor = fetch_owner(key_id, data).await?;
    let holder = match data.gate.owner_of(key_id, data).await? {
        Some((holder, _)) if !is_of(&holder, &actor) => {
            refetch(&holder.row.uri, data)
                .await
                .map_err(|error| match error {
                    InboxError::Later(_) | InboxError::Busy(_) | InboxError::Store(_) => error,
                    _ => InboxError::unverified(
                        "the key is another actor's, who can't be asked for it",
                    ),
                })?;
            let actor = fetch_owner(key_id, data).await?;
            let holder = data.gate.owner_of(key_id, data).await?;
            holder.filter(|(holder, _)| is_of(holder, &actor))
        }
        holder => holder,
    };
    holder.ok_or_else(|| {
        InboxError::unverified("the key's owner does not name it as a key that can be used")
    })
}

/// Fetches the actor to whom a key's own document leads.
async fn fetch_owner(key_id: &str, data: &Data<Node>) -> Result<RemoteActor, InboxError> {
    let value = fetch::document(key_id, data).await?;
    let document: ActorDocument = serde_json::from_value(value.clone())
        .map_err(|_| InboxError::unverified("the key's document is not an object"))?;
    let sought = key_id.to_owned();
    if document.inbox.is_some() {
        return SOUGHT.scope(sought, adopt(document, data)).await;
    }
    let owner = ["owner", "controller"]
        .iter()
        .find_map(|name| value.get(*name)?.as_str());
    let owner = owner.ok_or_else(|| InboxError::unverified("the key's document names no owner"))?;
    if !same_origin_text(owner, key_id) {
        return Err(InboxError::unverified("the key's owner is on another host"));
    }
    SOUGHT.scope(sought, refetch(owner, data)).await
}

impl From<activitypub_federation::error::Error> for InboxError {
    fn from(error: activitypub_federation::error::Error) -> Self {
        fetch::classify("the actor", &error).into()
    }
}

impl From<FetchError> for InboxError {
    fn from(error: FetchError) -> Self {
        match &error {
            FetchError::Busy { reason, .. } => InboxError::Busy(reason.clone()),
            FetchError::Unreachable { .. } => InboxError::Later(shown(&error.to_string())),
            FetchError::Gone(_) | FetchError::Missing(_) => {
                InboxError::NotFound(shown(&error.to_string()))
            }
            FetchError::Refused { .. } => InboxError::Unobtainable(shown(&error.to_string())),
            FetchError::Unusable { .. } => InboxError::unverified(&shown(&error.to_string())),
        }
    }
}
