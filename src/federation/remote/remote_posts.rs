//! Resolves addresses to posts and actors of other servers, for commands that act on them.

use super::{actors, fetch, webfinger};
use crate::{
    federation::remote::fetch_error::{self, FetchError},
    node::{
        Context,
        caches::handle_lookups::LookupError,
        error::InboxError,
        remote_actor::RemoteActor,
        urls::{host_of, same_origin_text},
    },
    protocol::Object,
    store::{Comment, RemoteActorRow},
};
use url::Url;

/// A post of another server.
#[derive(Debug, Clone)]
pub struct RemotePost {
    /// Its id.
    pub uri: String,
    pub author: RemoteActorRow,
    /// Whether it is public, so that a boost may share it.
    pub is_public: bool,
}

/// An actor or post of another server.
#[derive(Debug, Clone)]
pub enum Remote {
    Actor(RemoteActorRow),
    Post(RemotePost),
}

/// Returns the post at an address, which may be its id or its page. Known comments are not fetched.
///
/// # Errors
/// A [`LookupError`] that says why there is none.
pub async fn post(address: &str, ctx: &Context) -> Result<RemotePost, LookupError> {
    match find(address, ctx).await? {
        Remote::Post(post) => Ok(post),
        Remote::Actor(actor) => Err(not_found(
            address,
            format!("it is an actor ({}), not a post", actor.uri),
        )),
    }
}

/// Returns the actor or post at an address or handle.
///
/// # Errors
/// A [`LookupError`] that says why there is none.
pub async fn find(address: &str, ctx: &Context) -> Result<Remote, LookupError> {
    let address = address.trim();
    let Ok(url) = Url::parse(address) else {
        return Ok(Remote::Actor(webfinger::actor(address, ctx).await?.row));
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Ok(Remote::Actor(webfinger::actor(address, ctx).await?.row));
    }
    if ctx.urls().is_ours(address) {
        return Err(LookupError::Ours(fetch_error::shown(address)));
    }
    let mut conn = ctx.store.read().await?;
    let host = host_of(&url).unwrap_or_default();
    if ctx.is_blocked(&mut conn, address, &host).await? {
        return Err(LookupError::Blocked(host));
    }
    if let Some(comment) = conn.comment_by_uri(address).await?
        && let Some(actor_id) = comment.actor_id
        && let Some(author) = conn.remote_actor_by_id(actor_id).await?
    {
        return Ok(Remote::Post(of_comment(comment, author)));
    }
    let known = conn.remote_actor(address).await?;
    drop(conn);
    match known {
        Some(actor) => Ok(Remote::Actor(actor)),
        None => fetch_from(address, ctx).await,
    }
}

fn of_comment(comment: Comment, author: RemoteActorRow) -> RemotePost {
    RemotePost {
        uri: comment.uri,
        author,
        is_public: true,
    }
}

async fn fetch_from(address: &str, ctx: &Context) -> Result<Remote, LookupError> {
    let document = match fetch::document(address, ctx).await {
        Ok(document) => document,
        Err(FetchError::Unreachable { reason, .. } | FetchError::Busy { reason, .. }) => {
            return Err(LookupError::Unreachable {
                handle: fetch_error::shown(address),
                reason,
            });
        }
        Err(FetchError::Unusable { reason, .. } | FetchError::Refused { reason, .. }) => {
            return Err(not_found(address, reason));
        }
        Err(FetchError::Gone(_)) => return Err(not_found(address, "it was deleted".into())),
        Err(FetchError::Missing(_)) => {
            return Err(not_found(
                address,
                "nothing was found at that address".into(),
            ));
        }
    };
    let is_actor = document.get("inbox").is_some();
    let object = Object::read(document);
    let Some((object, id)) = object.and_then(|object| Some((object.clone(), object.id?))) else {
        return Err(not_found(address, "it has no id".into()));
    };
    if is_actor {
        return Ok(Remote::Actor(author(&id, address, ctx).await?.row));
    }
    let owner = object.attributed_to.clone().unwrap_or_default();
    if !same_origin_text(&owner, &id) {
        return Err(not_found(address, "its author is on another server".into()));
    }
    Ok(Remote::Post(RemotePost {
        author: author(&owner, address, ctx).await?.row,
        is_public: object.is_public(),
        uri: id,
    }))
}

async fn author(id: &str, address: &str, ctx: &Context) -> Result<RemoteActor, LookupError> {
    let actor = match actors::get(id, ctx).await {
        Ok(actor) => actor,
        Err(InboxError::Later(reason) | InboxError::Busy(reason)) => {
            return Err(LookupError::Unreachable {
                handle: fetch_error::shown(address),
                reason,
            });
        }
        Err(error) => return Err(not_found(address, error.to_string())),
    };
    let mut conn = ctx.store.read().await?;
    if ctx
        .is_blocked(&mut conn, &actor.row.uri, &actor.row.host)
        .await?
    {
        return Err(LookupError::Blocked(actor.handle()));
    }
    drop(conn);
    Ok(actors::keep(actor, ctx).await?)
}

fn not_found(address: &str, reason: String) -> LookupError {
    LookupError::NotFound {
        handle: fetch_error::shown(address),
        reason,
    }
}
