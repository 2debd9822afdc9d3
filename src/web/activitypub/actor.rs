//! The documents of local actors.

use crate::{
    federation::objects::documents,
    node::local_actors::LocalActor,
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
pub(crate) async fn find(app: &App, username: &str) -> Result<Arc<LocalActor>, WebError> {
    let found = app
        .node
        .local_actors
        .by_name(&app.node.store, username)
        .await?;
    found
        .filter(|local| local.row.kind != ActorKind::Instance)
        .ok_or(WebError::NotFound)
}

/// `GET /users/{name}`: the actor, or a redirect to its page.
pub(crate) async fn show(
    State(app): State<App>,
    Path(username): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = find(&app, &username).await?;
    Ok(match preferred_format(&headers) {
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

fn actor_document(app: &App, headers: &HeaderMap, local: &LocalActor) -> Response {
    let document = documents::actor(&app.node, local);
    shared(response::activity(headers, document))
}
