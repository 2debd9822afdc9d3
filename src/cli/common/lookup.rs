//! Finds local actors, remote actors and articles by the names that arguments give.

use super::output::{self, progress::Progress};
use crate::{
    content::{Handle, Host},
    federation::remote::signed_client::federation_config,
    node::{self, Node, local_actors::LocalActor},
    protocol::is_http_url,
    store::{Article, Conn, RemoteActorRow},
};
use anyhow::{Context, Result};
use std::sync::Arc;

/// Returns the context of fetches. It needs the node's keys, but no running node.
///
/// # Errors
/// If the instance actor can't be loaded.
pub(crate) async fn fetch_context(node: &Node) -> Result<node::Context> {
    Ok(federation_config(node).await?.to_request_data())
}

/// Shows, until it is dropped, that the server of an actor or a post is asked.
pub(crate) fn asking(what: &str) -> Progress {
    let host = match url::Url::parse(what.trim()) {
        Ok(url) => url.host_str().map(str::to_owned),
        Err(_) => what.rsplit_once('@').map(|(_, host)| host.to_owned()),
    };
    let host = host.unwrap_or_else(|| "the other server".to_owned());
    Progress::spinner(&format!("Asking {}", output::one_line(&host, 60)))
}

/// Finds a local actor by user name. Without one, returns the publication's actor.
///
/// # Errors
/// If no local actor has this name.
pub(crate) async fn local_actor(node: &Node, username: Option<&str>) -> Result<Arc<LocalActor>> {
    match username {
        Some(name) => node
            .local_actors
            .by_name(&node.store, name)
            .await?
            .with_context(|| format!("no local actor is named {name}")),
        None => Ok(node.site().await?),
    }
}

/// Finds a stored remote actor by handle (`@user@example.org`) or URL (`https://...`), without a request to its server.
///
/// # Errors
/// If the actor is not stored.
pub(crate) async fn remote_actor(conn: &mut Conn, text: &str) -> Result<RemoteActorRow> {
    let text = text.trim();
    let found = if is_http_url(text) {
        conn.actor_at(text).await?
    } else {
        let handle: Handle = text.parse()?;
        let host = handle.host().to_string();
        conn.remote_actor_by_handle(handle.user(), &host).await?
    };
    found.with_context(|| format!("{text} is unknown to this node"))
}

/// Finds an article by its slug.
///
/// # Errors
/// If no article has this slug.
pub(crate) async fn article(conn: &mut Conn, slug: &str) -> Result<Article> {
    let found = conn.article_by_slug(slug).await?;
    found.with_context(|| no_article(slug))
}

/// Returns the error message for a slug that no article has.
pub(crate) fn no_article(slug: &str) -> String {
    format!("no article has the slug {slug}: run `pamphlet post list` to list articles")
}

/// Finds the article that a filter names, if it names one.
///
/// # Errors
/// If no article has this slug.
pub(crate) async fn article_id(conn: &mut Conn, slug: Option<&str>) -> Result<Option<i64>> {
    let Some(slug) = slug else { return Ok(None) };
    let article = conn.article_header_by_slug(slug).await?;
    let article = article.with_context(|| no_article(slug))?;
    Ok(Some(article.id))
}

/// Finds the remote actor that a filter names, if it names one.
///
/// # Errors
/// If the actor is not stored.
pub(crate) async fn actor_id(conn: &mut Conn, text: Option<&str>) -> Result<Option<i64>> {
    match text {
        Some(text) => Ok(Some(remote_actor(conn, text).await?.id)),
        None => Ok(None),
    }
}

/// Returns the known hosts that a filter names: a host with its subdomains.
///
/// # Errors
/// If the text is not a host.
pub(crate) async fn hosts(conn: &mut Conn, host: Option<&str>) -> Result<Option<Vec<String>>> {
    match host {
        Some(text) => Ok(Some(
            conn.hosts_below(&Host::parse(text)?.to_string()).await?,
        )),
        None => Ok(None),
    }
}
