//! Fetches, checks and stores actors of other servers.

use super::{fetch, webfinger};
use crate::{
    base::time,
    content::{Handle, clean_line},
    federation::remote::{
        custom_emoji::emoji_in,
        keys::{keys_to_keep, usable_keys},
        strangers::settled,
    },
    node::{
        Context, Node,
        error::InboxError,
        remote_actor::RemoteActor,
        urls::{host_of, same_origin, same_origin_text},
    },
    protocol::{ActorDocument, canonical_id},
    store::{NewRemoteActor, RemoteActorRow, StoreError, Tx},
};
use activitypub_federation::{
    config::Data,
    fetch::object_id::ObjectId,
    traits::{Actor, Object},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use url::Url;

/// The maximum length of a display name, in characters.
const MAX_NAME: usize = 100;
/// The maximum length of a stored address, in bytes.
pub(super) const MAX_URL: usize = 2048;
/// The maximum number of stored aliases.
const MAX_ALIASES: usize = 20;
#[async_trait]
impl Object for RemoteActor {
    type DataType = Node;
    type Kind = ActorDocument;
    type Error = InboxError;

    fn id(&self) -> &Url {
        &self.uri
    }

    fn last_refreshed_at(&self) -> Option<DateTime<Utc>> {
        Some(time::from_millis(self.row.fetched_at))
    }

    async fn read_from_id(id: Url, ctx: &Context) -> Result<Option<Self>, InboxError> {
        if let Some(row) = ctx.store.read().await?.remote_actor(id.as_str()).await? {
            return RemoteActor::of(row).map(Some);
        }
        let stranger = ctx.strangers.get(id.as_str());
        stranger.map(RemoteActor::of_stranger).transpose()
    }

    async fn into_json(self, _: &Data<Node>) -> Result<ActorDocument, InboxError> {
        // Remote actors are never served.
        Err(InboxError::malformed("a remote actor can't be served"))
    }

    async fn verify(
        document: &ActorDocument,
        expected: &Url,
        ctx: &Context,
    ) -> Result<(), InboxError> {
        check_document(document, expected, ctx.config.development)
    }

    /// Stores the current state of a known actor. A stranger is remembered until a row refers to it.
    async fn from_json(document: ActorDocument, ctx: &Context) -> Result<Self, InboxError> {
        let mut new = to_row(&document)?;
        let mut conn = ctx.store.read().await?;
        if conn.rules_for(&new.uri, &new.host).await?.no_media {
            new.icon_url = None;
            new.emoji = None;
        }
        let known = conn.remote_actor(&new.uri).await?;
        let old_keys = match &known {
            Some(known) => conn.key_ids_of(&known.uri).await?,
            None => ctx.strangers.keys_of(&new.uri),
        };
        drop(conn);
        new.keys = keys_to_keep(new.keys, &new.uri, &old_keys);
        let claim = document.webfinger;
        let actor = match known {
            Some(known) => update(known, &new, ctx).await?,
            None => {
                let stranger = ctx.strangers.remember(new, claim);
                return RemoteActor::of_stranger(stranger);
            }
        };
        ctx.strangers.forget(&actor.row.uri);
        for key_id in old_keys {
            ctx.key_cache.forget(&key_id).await;
        }
        webfinger::confirm_later(&actor, claim.as_deref(), ctx).await;
        Ok(actor)
    }
}

/// Stores the current document of a known actor. The result has the document's aliases, whether they are stored or
/// not.
async fn update(
    known: RemoteActorRow,
    new: &NewRemoteActor,
    ctx: &Context,
) -> Result<RemoteActor, InboxError> {
    let mut tx = ctx.store.begin().await?;
    let row = tx.save_remote_actor(new).await?;
    let actor = RemoteActor::of(RemoteActorRow {
        aliases: new.aliases.clone(),
        ..row
    })?;
    if (known.hidden_before, known.hidden_after)
        != (actor.row.hidden_before, actor.row.hidden_after)
    {
        tx.update_comment_visibility(actor.row.id).await?;
    }
    if known.name != actor.row.name || known.url != actor.row.url {
        let (handle, link) = (actor.handle(), actor.link());
        tx.update_comment_author(actor.row.id, &actor.row.name, &handle, &link)
            .await?;
    }
    tx.commit().await?;
    Ok(actor)
}

impl Actor for RemoteActor {
    /// The keys are in `remote_keys`, since an actor may have several.
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

/// Returns the actor with this id, fetched if it is unknown or its data is old.
pub async fn get(uri: &str, ctx: &Context) -> Result<RemoteActor, InboxError> {
    let found = object_id(uri, ctx)?.dereference(ctx).await;
    match (found, canonical_id(uri)) {
        (Err(InboxError::Unverified(_)), Cow::Owned(canonical)) => {
            object_id(&canonical, ctx)?.dereference(ctx).await
        }
        (other, _) => other,
    }
}

/// Fetches the actor with this id, even if it is stored.
pub async fn refetch(uri: &str, ctx: &Context) -> Result<RemoteActor, InboxError> {
    let fetched = object_id(uri, ctx)?.dereference_forced(ctx).await;
    match (fetched, canonical_id(uri)) {
        // Some servers do not recognize another spelling of their own id.
        (Err(InboxError::Unverified(_)), Cow::Owned(canonical)) => {
            object_id(&canonical, ctx)?.dereference_forced(ctx).await
        }
        (other, _) => other,
    }
}

fn object_id(uri: &str, ctx: &Context) -> Result<ObjectId<RemoteActor>, InboxError> {
    let url = Url::parse(uri).map_err(|_| InboxError::malformed("an actor's id is not a URL"))?;
    if ctx.urls().is_ours(uri) {
        return Err(InboxError::forbidden(
            "an actor of this node acts by itself alone",
        ));
    }
    Ok(url.into())
}

/// Processes an actor's document that was fetched from the actor's id.
pub async fn adopt(document: ActorDocument, ctx: &Context) -> Result<RemoteActor, InboxError> {
    let id = document.id.clone().unwrap_or_default();
    let id = Url::parse(&id).map_err(|_| InboxError::malformed("an actor's id is not a URL"))?;
    check_document(&document, &id, ctx.config.development)?;
    RemoteActor::from_json(document, ctx).await
}

/// Stores an actor that a command or local post refers to, unless it is stored.
pub async fn keep(actor: RemoteActor, ctx: &Context) -> Result<RemoteActor, StoreError> {
    if actor.stranger.is_some() {
        let mut tx = ctx.store.begin().await?;
        actor.store_in(&mut tx).await?;
        tx.commit().await?;
        settled(&actor, ctx).await;
    }
    Ok(RemoteActor {
        stranger: None,
        ..actor
    })
}

/// Returns the destination for deliveries to an actor: see [`inbox_of`]. It is created if it is new.
pub async fn destination_of(
    row: &RemoteActorRow,
    node: &Node,
    tx: &mut Tx,
) -> Result<i64, InboxError> {
    let inbox = inbox_of(row, node)?;
    let host = host_of(&inbox).unwrap_or_default();
    Ok(tx.destination_for(inbox.as_str(), &host).await?)
}

/// Returns the inbox for deliveries to an actor: the shared one of its server, if that can be used.
///
/// # Errors
/// [`InboxError::Malformed`] if its own can't be used.
pub fn inbox_of(row: &RemoteActorRow, node: &Node) -> Result<Url, InboxError> {
    let development = node.config.development;
    let shared = row
        .shared_inbox
        .as_deref()
        .and_then(|inbox| fetch::check_inbox(inbox, development).ok());
    match shared {
        Some(inbox) => Ok(inbox),
        None => fetch::check_inbox(&row.inbox, development).map_err(|reason| {
            InboxError::malformed(&format!("the actor's inbox can't be used: {reason}"))
        }),
    }
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
    let name = clean_line(document.name(), MAX_NAME);
    let hidden = document.hidden_from_logged_out();
    let short = |text: Option<String>| text.filter(|text| text.len() <= MAX_URL);
    let aliases = document.also_known_as.iter();
    let aliases: Vec<&String> = aliases
        .filter(|alias| alias.len() <= MAX_URL)
        .take(MAX_ALIASES)
        .collect();
    Ok(NewRemoteActor {
        handle_host: host.clone(),
        host,
        kind: clean_line(document.kind.as_deref().unwrap_or(""), 40),
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

/// Returns the custom emoji in an actor's name, in their stored form.
fn emoji_of(document: &ActorDocument) -> Option<String> {
    let emoji = emoji_in(document.name(), document.custom_emoji());
    (!emoji.is_empty()).then(|| serde_json::to_string(&emoji).unwrap_or_default())
}

/// Returns `preferredUsername`, or the user in the `webfinger` property (FEP-2c59).
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
    let name = clean_line(&name, MAX_NAME).replace(['@', '/', ' '], "");
    if name.is_empty() {
        Err(InboxError::malformed("an actor has no user name"))
    } else {
        Ok(name)
    }
}
