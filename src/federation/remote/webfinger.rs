//! Resolves handles of other servers (`@user@host`) to actors by WebFinger (RFC 7033), and verifies actors' handles.
//!
//! A handle on another domain than the actor's id is valid only if both sides agree: the domain's
//! WebFinger names the actor, and the actor (by its `webfinger` property, FEP-2c59, or by its own host's
//! WebFinger) names the handle.

use super::{actors, fetch, requests, unsigned_fetch};
use crate::{
    content::{Handle, Host},
    federation::remote::{
        fetch_error::{self, FetchError},
        signed_client,
    },
    node::{
        Context, Node, caches::handle_lookups::LookupError, error::InboxError,
        remote_actor::RemoteActor,
    },
    protocol::{ActorDocument, is_http_url, same_id},
};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// The maximum number of links to read in a JRD.
const MAX_LINKS: usize = 50;

/// A domain's WebFinger response for a handle.
#[derive(Debug, Clone)]
pub struct Found {
    /// The actor's id, or an address that leads to it.
    pub actor: Url,
    /// The canonical handle, according to the domain.
    pub subject: Option<Handle>,
}

/// Returns the actor that a handle or address names, looked up and fetched if it is unknown.
///
/// # Errors
/// A [`LookupError`] that says why there is none.
pub async fn actor(text: &str, ctx: &Context) -> Result<RemoteActor, LookupError> {
    let text = text.trim();
    if is_http_url(text) {
        return actor_at(text, text, ctx).await;
    }
    let handle: Handle = text
        .parse()
        .map_err(|_| LookupError::Form(fetch_error::shown(text)))?;
    resolve(&handle, ctx).await
}

/// Returns the actor of a handle: stored, or looked up, fetched and confirmed.
///
/// # Errors
/// See [`LookupError`]. Failures of remote servers are remembered in `node/caches/handle_lookups.rs`.
pub async fn resolve(handle: &Handle, ctx: &Context) -> Result<RemoteActor, LookupError> {
    if is_ours(handle, ctx) {
        return Err(LookupError::Ours(handle.to_string()));
    }
    let host = handle.host().to_string();
    let mut conn = ctx.store.read().await?;
    if ctx.is_blocked(&mut conn, "", &host).await? {
        return Err(LookupError::Blocked(handle.to_string()));
    }
    let stored = conn.remote_actor_by_handle(handle.user(), &host).await?;
    drop(conn);
    if let Some(row) = stored {
        return actor_at(&row.uri, &handle.to_string(), ctx).await;
    }
    // One time limit for two WebFinger requests, the actor's document and redirects.
    let patience = Duration::from_secs(ctx.config.federation.fetch_timeout.max(1));
    let found = tokio::time::timeout(patience, look_up_actor(handle, ctx)).await;
    let found = found.unwrap_or_else(|_| {
        Err(LookupError::Unreachable {
            handle: handle.to_string(),
            reason: "it took too long".into(),
        })
    });
    match &found {
        Ok(_) => ctx.handle_lookups.failed.invalidate(handle).await,
        Err(error) => {
            ctx.handle_lookups
                .failed
                .insert(handle.clone(), error.clone())
                .await;
        }
    }
    found
}

/// Returns whether a handle belongs to a local actor.
pub fn is_ours(handle: &Handle, node: &Node) -> bool {
    let host = handle.host().to_string();
    host == node.config.domain || host == node.config.authority()
}

async fn look_up_actor(handle: &Handle, ctx: &Context) -> Result<RemoteActor, LookupError> {
    let name = handle.to_string();
    let found = look_up(handle, ctx).await?;
    let actor = actor_at(found.actor.as_str(), &name, ctx).await?;
    let own_host = Host::parse(&actor.row.host).ok();
    let agreed = if own_host.as_ref() == Some(handle.host()) {
        // The host may declare a handle on another domain canonical, if that domain agrees.
        match found.subject {
            Some(other) if other.host() != handle.host() && names(&other, &actor, ctx).await => {
                other
            }
            _ => handle.clone(),
        }
    } else if claimed_by(&actor, ctx)
        .await
        .is_some_and(|claim| same(&claim, handle))
    {
        handle.clone()
    } else {
        return Err(LookupError::Unconfirmed {
            handle: name,
            actor: fetch_error::shown(&actor.row.uri),
        });
    };
    keep(&actor, &agreed, ctx).await?;
    Ok(actor)
}

/// Returns the actor at an address, which may differ from its id.
async fn actor_at(address: &str, name: &str, ctx: &Context) -> Result<RemoteActor, LookupError> {
    if ctx.urls().is_ours(address) {
        return Err(LookupError::Ours(fetch_error::shown(name)));
    }
    let actor = match actors::get(address, ctx).await {
        Ok(actor) => actor,
        Err(InboxError::Later(reason) | InboxError::Busy(reason)) => {
            return Err(LookupError::Unreachable {
                handle: fetch_error::shown(name),
                reason,
            });
        }
        Err(InboxError::Store(error)) => return Err(error.into()),
        Err(other) => {
            return Err(LookupError::NotFound {
                handle: fetch_error::shown(name),
                reason: other.to_string(),
            });
        }
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

/// Requests a handle's actor from its domain (RFC 7033 4).
///
/// # Errors
/// See [`LookupError`].
pub async fn look_up(handle: &Handle, node: &Node) -> Result<Found, LookupError> {
    let not_found = |reason: &str| LookupError::NotFound {
        handle: handle.to_string(),
        reason: reason.to_owned(),
    };
    let scheme = if node.config.development {
        node.config.public_url.scheme()
    } else {
        "https"
    };
    let mut url = Url::parse(&format!(
        "{scheme}://{}/.well-known/webfinger",
        handle.host()
    ))
    .map_err(|_| not_found("its domain is not valid in a URL"))?;
    url.query_pairs_mut()
        .append_pair("resource", &handle.to_acct());
    let jrd = match unsigned_fetch::jrd(url, node).await {
        Ok(jrd) => jrd,
        Err(FetchError::Unreachable { reason, .. } | FetchError::Busy { reason, .. }) => {
            return Err(LookupError::Unreachable {
                handle: handle.to_string(),
                reason: format!("{} is out of reach ({reason})", handle.host()),
            });
        }
        Err(FetchError::Unusable { reason, .. } | FetchError::Refused { reason, .. }) => {
            return Err(not_found(&format!(
                "asked for it, {} failed: {reason}",
                handle.host()
            )));
        }
        Err(FetchError::Gone(_)) => return Err(not_found("its server says that it was deleted")),
        Err(FetchError::Missing(_)) => {
            return Err(not_found("its server knows no such user"));
        }
    };
    read_jrd(&jrd).ok_or_else(|| not_found("its server names no ActivityPub actor"))
}

/// Returns the first `self` link of an ActivityPub type, and the subject if it is a handle.
pub(crate) fn read_jrd(jrd: &Value) -> Option<Found> {
    let text = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
    let links = jrd.get("links")?.as_array()?;
    let actor = links.iter().take(MAX_LINKS).find_map(|link| {
        let is_actor = text(link, "rel")?.eq_ignore_ascii_case("self")
            && signed_client::is_activity_json(&text(link, "type")?);
        let href = Url::parse(&text(link, "href")?).ok()?;
        is_actor.then_some(href)
    })?;
    Some(Found {
        actor,
        subject: text(jrd, "subject").and_then(|subject| subject.parse().ok()),
    })
}

/// Returns whether a handle's domain assigns it to this actor.
async fn names(handle: &Handle, actor: &RemoteActor, ctx: &Context) -> bool {
    let fits = handle.user().eq_ignore_ascii_case(&actor.row.username);
    fits && look_up(handle, ctx)
        .await
        .is_ok_and(|found| same_id(found.actor.as_str(), &actor.row.uri))
}

/// Returns the handle that an actor's own host gives it, in its document or else by WebFinger.
async fn claimed_by(actor: &RemoteActor, ctx: &Context) -> Option<Handle> {
    let document = fetch::document(&actor.row.uri, ctx).await.ok()?;
    let document: ActorDocument = serde_json::from_value(document).ok()?;
    if let Some(claim) = document.webfinger.and_then(|claim| claim.parse().ok()) {
        return Some(claim);
    }
    let own = Handle::new(&actor.row.username, Host::parse(&actor.row.host).ok()?).ok()?;
    let found = look_up(&own, ctx).await.ok()?;
    found
        .subject
        .filter(|_| same_id(found.actor.as_str(), &actor.row.uri))
}

fn same(a: &Handle, b: &Handle) -> bool {
    a.host() == b.host() && a.user().eq_ignore_ascii_case(b.user())
}

/// Verifies in the background a handle on another domain that an actor's document claims, or that
/// was valid before.
pub async fn confirm_later(actor: &RemoteActor, claim: Option<&str>, ctx: &Context) {
    let claim = claim.and_then(|claim| claim.parse::<Handle>().ok());
    let elsewhere = |host: &str| host != actor.row.host;
    let claim = claim.filter(|claim| elsewhere(&claim.host().to_string()) && !is_ours(claim, ctx));
    if claim.is_none() && !elsewhere(&actor.row.handle_host) {
        return;
    }
    ctx.handle_lookups.changing.insert(actor.row.id, ()).await;
    let (ctx, actor) = (ctx.reset_request_count(), actor.clone());
    tokio::spawn(requests::inherit(async move {
        let Ok(_turn) = ctx.handle_lookups.confirming.try_acquire() else {
            return;
        };
        if let Err(error) = confirm(&actor, claim, &ctx).await {
            tracing::debug!(actor = actor.row.uri, %error, "could not confirm a handle");
        }
    }));
}

async fn confirm(
    actor: &RemoteActor,
    claim: Option<Handle>,
    ctx: &Context,
) -> Result<(), LookupError> {
    let claim = match claim {
        Some(claim) => Some(claim),
        None => claimed_by(actor, ctx).await,
    };
    let own = Host::parse(&actor.row.host).ok();
    let agreed = match claim {
        Some(claim) if names(&claim, actor, ctx).await => Some(claim),
        _ => own.and_then(|host| Handle::new(&actor.row.username, host).ok()),
    };
    match agreed {
        Some(handle) => keep(actor, &handle, ctx).await,
        None => Ok(()),
    }
}

/// Stores a handle that both sides agree on.
async fn keep(actor: &RemoteActor, handle: &Handle, ctx: &Context) -> Result<(), LookupError> {
    let host = handle.host().to_string();
    if host == actor.row.handle_host || !handle.user().eq_ignore_ascii_case(&actor.row.username) {
        return Ok(());
    }
    ctx.handle_lookups.changing.insert(actor.row.id, ()).await;
    let mut tx = ctx.store.begin().await?;
    tx.set_handle_host(actor.row.id, &host).await?;
    let shown = crate::node::Inner::remote_handle(&actor.row.username, &host);
    tx.update_comment_author(actor.row.id, &actor.row.name, &shown, &actor.link())
        .await?;
    tx.commit().await?;
    for key_id in ctx.store.read().await?.key_ids_of(&actor.row.uri).await? {
        ctx.key_cache.forget(&key_id).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_self_link_of_an_activitypub_type_is_the_actor() {
        let found = read_jrd(&json!({
            "subject": "acct:reader@example.org",
            "links": [
                {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": "https://example.org/@reader"},
                {"rel": "self", "type": "text/html", "href": "https://example.org/@reader"},
                {"rel": "self", "href": "https://example.org/untyped"},
                {"rel": "SELF", "type": "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
                 "href": "https://example.org/users/reader", "properties": {"x": null}},
                {"rel": "self", "type": "application/activity+json", "href": "https://example.org/later"},
                "nonsense",
            ],
        }))
        .unwrap();
        assert_eq!(found.actor.as_str(), "https://example.org/users/reader");
        assert_eq!(found.subject.unwrap().to_string(), "@reader@example.org");
    }

    #[test]
    fn what_is_no_jrd_names_nobody() {
        for jrd in [
            json!(null),
            json!([]),
            json!({"links": {}}),
            json!({"links": []}),
            json!({"links": [{"rel": "self", "type": "application/activity+json", "href": "not a url"}]}),
            json!({"links": [{"rel": ["self"], "type": "application/activity+json", "href": "https://a.example"}]}),
        ] {
            assert!(read_jrd(&jrd).is_none(), "{jrd}");
        }
    }
}
