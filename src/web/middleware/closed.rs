//! A closed publication responds with 410 to every address.
//!
//! The documents of its actors are served until their `Delete`s have arrived, because receivers need the keys that signed
//! them. What the error page and supervisors need is served for ever.

use super::printable::printable;
use crate::{
    base::time::{from_millis, rfc3339},
    federation::objects::documents,
    protocol,
    store::{ActorKind, Closing},
    web::{
        app::App,
        response::{self, Format, WebError, preferred_format, problem_json, problem_page},
        views::Problem,
    },
};
use axum::{
    extract::{OriginalUri, Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header::HOST, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Responds with 410 if the publication is closed.
pub(crate) async fn closed(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(closing) = app.closing() else {
        return next.run(request).await;
    };
    let path = request.uri().path();
    if path == "/healthz" || path.starts_with("/static/") {
        return next.run(request).await;
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return problem_json(StatusCode::GONE, "this publication has ended");
    }
    let is_needed = match actor_at(path) {
        Some(name) => is_deletion_waiting(&app, name).await,
        None => Ok(false),
    };
    match is_needed {
        Ok(true) => next.run(request).await,
        Ok(false) => {
            // Other software may have given the address away.
            let original = request.extensions().get::<OriginalUri>();
            let uri = original.map_or(request.uri(), |original| &original.0);
            printable(gone(&app, uri, request.headers(), closing)).await
        }
        Err(error) => error.into_response(),
    }
}

/// Returns the user name in the address of an actor's document; an empty one for the instance actor.
fn actor_at(path: &str) -> Option<&str> {
    if path == "/actor" {
        return Some("");
    }
    path.strip_prefix("/users/")
        .filter(|name| !name.contains('/'))
}

async fn is_deletion_waiting(app: &App, name: &str) -> Result<bool, WebError> {
    let node = &app.node;
    let local = if name.is_empty() {
        Some(node.instance().await?)
    } else {
        match node.local_actors.by_name(&node.store, name).await? {
            Some(local) => Some(local),
            // It was deleted before the publication was closed.
            None => node.local_actors.deleted(&node.store, name).await?,
        }
    };
    let Some(local) =
        local.filter(|local| name.is_empty() == (local.row.kind == ActorKind::Instance))
    else {
        return Ok(false);
    };
    let mut conn = node.store.read().await?;
    Ok(conn.is_deletion_waiting(local.row.id, &local.uri).await?)
}

/// Returns the page that says so, or a tombstone for other servers.
fn gone(app: &App, uri: &Uri, headers: &HeaderMap, closing: Closing) -> Response {
    let path = uri.path();
    let is_for_programs = ["/.well-known/", "/nodeinfo/", "/api/", "/micropub"];
    if is_for_programs
        .iter()
        .any(|prefix| path.starts_with(prefix))
    {
        return problem_json(StatusCode::GONE, "this publication has ended");
    }
    if preferred_format(headers) == Format::Html {
        let since = from_millis(closing.at).into();
        let problem = Problem::Closed { since };
        return problem_page(&app.templates, &app.site, StatusCode::GONE, problem);
    }
    let former_type = match path.split('/').nth(1) {
        Some("articles") => "Article",
        Some("notes") => "Note",
        Some("users") => "Person",
        Some("actor") => "Application",
        _ => "Object",
    };
    let id = requested_id(app, uri, headers);
    let tombstone = protocol::tombstone(&id, former_type, &rfc3339(closing.at));
    response::gone(headers, documents::plain(&tombstone))
}

/// Returns the id that a request is for, which is on a former host if that was asked.
fn requested_id(app: &App, uri: &Uri, headers: &HeaderMap) -> String {
    let urls = app.node.urls();
    let path = uri
        .path_and_query()
        .map_or_else(|| uri.path(), |path| path.as_str());
    let header = headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = uri.authority().map(Authority::as_str);
    match urls.former_host(header.or(authority)) {
        Some(host) => format!("{}://{host}{path}", urls.base().scheme()),
        None => urls.at(path),
    }
}
