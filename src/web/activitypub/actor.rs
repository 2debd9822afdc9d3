//! The documents of local actors.

use crate::{
    base::time::rfc3339,
    federation::objects::documents,
    node::local_actors::LocalActor,
    protocol,
    store::ActorKind,
    web::{
        app::App,
        response::{self, Format, WebError, preferred_format, see_other, shared, vary_by_accept},
    },
};
use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use std::sync::Arc;

/// Returns the public actor with this username, which is not the instance actor.
///
/// # Errors
/// `NotFound`, or `GoneSince` if it was deleted.
pub(crate) async fn find(app: &App, username: &str) -> Result<Arc<LocalActor>, WebError> {
    let node = &app.node;
    let found = node.local_actors.by_name(&node.store, username).await?;
    let found = match found {
        Some(local) => Some(local),
        // `/@Example.Org` has the name in the handle.
        None => node.local_actors.by_handle(&node.store, username).await?,
    };
    if let Some(local) = found.filter(|local| local.row.kind != ActorKind::Instance) {
        return Ok(local);
    }
    Err(absent(app, username).await?)
}

/// Returns the error for the page of an actor that does not exist, or no longer.
pub(in crate::web) async fn absent(app: &App, username: &str) -> Result<WebError, WebError> {
    let deleted = app.node.store.read().await?.deleted_actor(username).await?;
    let gone_at = deleted.and_then(|row| row.gone_at);
    Ok(gone_at.map_or(WebError::NotFound, WebError::GoneSince))
}

/// Returns an actor that is being deleted, as long as its `Delete` waits for a server: the receiver may have to fetch the
/// key that signed it.
pub(super) async fn in_deletion(
    app: &App,
    username: &str,
) -> Result<Option<Arc<LocalActor>>, WebError> {
    let node = &app.node;
    let Some(local) = node.local_actors.deleted(&node.store, username).await? else {
        return Ok(None);
    };
    let mut conn = node.store.read().await?;
    let is_waiting = conn.is_deletion_waiting(local.row.id, &local.uri).await?;
    Ok(Some(local).filter(|_| is_waiting))
}

/// `GET /users/{name}`: the actor, or a redirect to its page.
pub(crate) async fn show(
    State(app): State<App>,
    Path(username): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let format = preferred_format(&headers);
    let local = match find(&app, &username).await {
        Err(WebError::GoneSince(gone_at)) if format == Format::Activity => {
            return deleted_document(&app, &headers, &username, gone_at).await;
        }
        found => found?,
    };
    Ok(match format {
        Format::Activity => actor_document(&app, &headers, &local),
        Format::Html => {
            let profile = app.node.urls().profile(local.row.kind, &local.row.username);
            vary_by_accept(see_other(&profile))
        }
    })
}

/// `GET /actor`: the instance actor, which signs our fetches.
pub(crate) async fn instance(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = app.node.instance().await?;
    Ok(actor_document(&app, &headers, &local))
}

async fn deleted_document(
    app: &App,
    headers: &HeaderMap,
    username: &str,
    gone_at: i64,
) -> Result<Response, WebError> {
    if let Some(local) = in_deletion(app, username).await? {
        return Ok(actor_document(app, headers, &local));
    }
    let deleted = app.node.store.read().await?.deleted_actor(username).await?;
    let urls = app.node.urls();
    let id = deleted.map_or_else(
        || urls.actor(ActorKind::Author, username),
        |row| urls.actor_id(&row),
    );
    let tombstone = protocol::tombstone(&id, "Person", &rfc3339(gone_at));
    Ok(response::gone(headers, documents::plain(&tombstone)))
}

fn actor_document(app: &App, headers: &HeaderMap, local: &LocalActor) -> Response {
    let document = documents::actor(&app.node, local);
    shared(response::activity(headers, document))
}
