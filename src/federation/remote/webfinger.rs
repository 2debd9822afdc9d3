//! Handles of other servers: from `@user@host` to an actor by WebFinger (RFC 7033), and back.
//!
//! A handle whose domain is not the host of the actor's id is believed only if both agree: the domain's
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
    protocol::{ActorDocument, is_address, same_id},
};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Links of one JRD that are read.
const MAX_LINKS: usize = 50;

/// What a domain says of a handle.
#[derive(Debug, Clone)]
pub struct Found {
    /// The actor's id, or an address that leads to it.
    pub actor: Url,
    /// The handle that the domain calls the right one.
    pub subject: Option<Handle>,
}

/// The actor that a handle or an address names: as stored, or looked up and fetched.
///
/// # Errors
/// A [`LookupError`] that says why there is none.
pub async fn actor(text: &str, data: &Context) -> Result<RemoteActor, LookupError> {
    let text = text.trim();
    if is_address(text) {
        return actor_at(text, text, data).await;
    }
    let handle: Handle = text
        .parse()
        .map_err(|_| LookupError::Form(fetch_error::shown(text)))?;
    resolve(&handle, data).await
}

/// The actor of a handle: as stored, or looked up, fetched and confirmed.
///
/// # Errors
/// See [`LookupError`]. Failures that others cause are remembered, see `node/caches/handle_lookups.rs`.
pub async fn resolve(handle: &Handle, data: &Context) -> Result<RemoteActor, LookupError> {
    if is_ours(handle, data) {
        return Err(LookupError::Ours(handle.to_string()));
    }
    let host = handle.host().to_string();
    let mut conn = data.store.read().await?;
    if data.is_blocked(&mut conn, "", &host).await? {
        return Err(LookupError::Blocked(handle.to_string()));
    }
    let stored = conn.remote_actor_by_handle(handle.user(), &host).await?;
    drop(conn);
    if let Some(row) = stored {
        return actor_at(&row.uri, &handle.to_string(), data).await;
    }
    // One patience for all that it takes: two questions, the actor's document, redirects.
    let patience = Duration::from_secs(data.config.federation.fetch_timeout.max(1));
    let found = tokio::time::timeout(patience, look_up_actor(handle, data)).await;
    let found = found.unwrap_or_else(|_| {
        Err(LookupError::Unreachable {
            handle: handle.to_string(),
            reason: "it took too long".into(),
        })
    });
    match &found {
        Ok(_) => data.handle_lookups.failed.invalidate(handle).await,
        Err(error) => {
            data.handle_lookups
                .failed
                .insert(handle.clone(), error.clone())
                .await;
        }
    }
    found
}

/// Whether a handle is of one of our actors.
pub fn is_ours(handle: &Handle, node: &Node) -> bool {
    let host = handle.host().to_string();
    host == node.config.domain || host == node.config.authority()
}

async fn look_up_actor(handle: &Handle, data: &Context) -> Result<RemoteActor, LookupError> {
    let name = handle.to_string();
    let found = look_up(handle, data).await?;
    let actor = actor_at(found.actor.as_str(), &name, data).await?;
    let own_host = Host::parse(&actor.row.host).ok();
    let agreed = if own_host.as_ref() == Some(handle.host()) {
        // Its own host may call another domain's handle the right one, if that domain agrees.
        match found.subject {
            Some(other) if other.host() != handle.host() && names(&other, &actor, data).await => {
                other
            }
            _ => handle.clone(),
        }
    } else if claimed_by(&actor, data)
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
    keep(&actor, &agreed, data).await?;
    Ok(actor)
}

/// The actor at an address that may not be its id.
async fn actor_at(address: &str, name: &str, data: &Context) -> Result<RemoteActor, LookupError> {
    if data.urls().is_ours(address) {
        return Err(LookupError::Ours(fetch_error::shown(name)));
    }
    let actor = match actors::get(address, data).await {
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
    let mut conn = data.store.read().await?;
    if data
        .is_blocked(&mut conn, &actor.row.uri, &actor.row.host)
        .await?
    {
        return Err(LookupError::Blocked(actor.handle()));
    }
    drop(conn);
    Ok(actors::keep(actor, data).await?)
}

/// Asks a handle's domain for it (RFC 7033 4): one question, a few redirects, a short answer.
///
/// # Errors
/// See [`LookupError`].
pub async fn look_up(handle: &Handle, node: &Node) -> Result<Found, LookupError> {
    let not_found = |reason: &str| LookupError::NotFound {
        handle: handle.to_string(),
        reason: reason.to_owned(),
    };
    let scheme = match node.config.development {
        true => node.config.public_url.scheme(),
        false => "https",
    };
    let mut url = Url::parse(&format!(
        "{scheme}://{}/.well-known/webfinger",
        handle.host()
    ))
    .map_err(|_| not_found("its domain can't stand in a URL"))?;
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
        Err(FetchError::Gone(_)) => return Err(not_found("its server says that it is gone")),
        Err(FetchError::Missing(_)) => {
            return Err(not_found("its server knows nobody of that name"));
        }
    };
    read_jrd(&jrd).ok_or_else(|| not_found("its server names no ActivityPub actor"))
}

/// The first `self` link of an ActivityPub type, and the subject if it is a handle.
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

/// Whether a handle's domain says that it is this actor's.
async fn names(handle: &Handle, actor: &RemoteActor, data: &Context) -> bool {
    let fits = handle.user().eq_ignore_ascii_case(&actor.row.username);
    fits && look_up(handle, data)
        .await
        .is_ok_and(|found| same_id(found.actor.as_str(), &actor.row.uri))
}

/// The handle that an actor's own host gives it: in its document, or else by WebFinger.
async fn claimed_by(actor: &RemoteActor, data: &Context) -> Option<Handle> {
    let document = fetch::document(&actor.row.uri, data).await.ok()?;
    let document: ActorDocument = serde_json::from_value(document).ok()?;
    if let Some(claim) = document.webfinger.and_then(|claim| claim.parse().ok()) {
        return Some(claim);
    }
    let own = Handle::new(&actor.row.username, Host::parse(&actor.row.host).ok()?).ok()?;
    let found = look_up(&own, data).await.ok()?;
    found
        .subject
        .filter(|_| same_id(found.actor.as_str(), &actor.row.uri))
}

fn same(a: &Handle, b: &Handle) -> bool {
    a.host() == b.host() && a.user().eq_ignore_ascii_case(b.user())
}

/// Checks, beside everything else, the handle on another domain that an actor's document claims, or that
/// was believed before.
pub async fn confirm_later(actor: &RemoteActor, claim: Option<&str>, data: &Context) {
    let claim = claim.and_then(|claim| claim.parse::<Handle>().ok());
    let elsewhere = |host: &str| host != actor.row.host;
    let claim = claim.filter(|claim| elsewhere(&claim.host().to_string()) && !is_ours(claim, data));
    if claim.is_none() && !elsewhere(&actor.row.handle_host) {
        return;
    }
    data.handle_lookups.changing.insert(actor.row.id, ()).await;
    let (data, actor) = (data.reset_request_count(), actor.clone());
    tokio::spawn(requests::inherit(async move {
        let Ok(_turn) = data.handle_lookups.confirming.try_acquire() else {
            return;
        };
        if let Err(error) = confirm(&actor, claim, &data).await {
            tracing::debug!(actor = actor.row.uri, %error, "a handle could not be confirmed");
        }
    }));
}

async fn confirm(
    actor: &RemoteActor,
    claim: Option<Handle>,
    data: &Context,
) -> Result<(), LookupError> {
    let claim = match claim {
        Some(claim) => Some(claim),
        None => claimed_by(actor, data).await,
    };
    let own = Host::parse(&actor.row.host).ok();
    let agreed = match claim {
        Some(claim) if names(&claim, actor, data).await => Some(claim),
        _ => own.and_then(|host| Handle::new(&actor.row.username, host).ok()),
    };
    match agreed {
        Some(handle) => keep(actor, &handle, data).await,
        None => Ok(()),
    }
}

/// Writes a handle down that both sides agree on.
async fn keep(actor: &RemoteActor, handle: &Handle, data: &Context) -> Result<(), LookupError> {
    let host = handle.host().to_string();
    if host == actor.row.handle_host || !handle.user().eq_ignore_ascii_case(&actor.row.username) {
        return Ok(());
    }
    data.handle_lookups.changing.insert(actor.row.id, ()).await;
    let mut tx = data.store.begin().await?;
    tx.set_handle_host(actor.row.id, &host).await?;
    let shown = crate::node::Inner::remote_handle(&actor.row.username, &host);
    tx.rename_commenter(actor.row.id, &actor.row.name, &shown, &actor.link())
        .await?;
    tx.commit().await?;
    for key_id in data.store.read().await?.key_ids_of(&actor.row.uri).await? {
        data.key_cache.forget(&key_id).await;
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
