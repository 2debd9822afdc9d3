//! Our actors' documents and collections.

use super::{
    addresses,
    answer::{self, Form},
    app::App,
    collections::{self, PAGE, Page, PageQuery, Part},
    guests::Peer,
    inbox::add_host,
    problem::{self, WebError},
};
use crate::{
    crypto::signatures::RequestParts,
    federation::{inbox::authorized_fetch, objects::documents, remote::fetch_permits},
    node::local_actors::LocalActor,
    store::{ActorKind, FollowerState},
};
use axum::{
    extract::{OriginalUri, Path, Query, State},
    http::{HeaderMap, Method},
    response::Response,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// The actor of this name that people can meet.
pub async fn find(app: &App, username: &str) -> Result<Arc<LocalActor>, WebError> {
    let found = app
        .node
        .local_actors
        .by_name(&app.node.store, username)
        .await?;
    found
        .filter(|local| local.row.kind != ActorKind::Instance)
        .ok_or(WebError::NotFound)
}

/// `GET /users/{name}`: the actor, or its page for people.
pub async fn get(
    State(app): State<App>,
    Path(username): Path<String>,
    headers: HeaderMap,
) -> Response {
    let served = async {
        let local = find(&app, &username).await?;
        Ok(match answer::preferred(&headers) {
            Form::Activity => actor_document(&app, &headers, &local),
            Form::Html => {
                let profile = app.node.urls().profile(local.row.kind, &local.row.username);
                vary(addresses::see_other(&profile))
            }
        })
    };
    served
        .await
        .unwrap_or_else(|error: WebError| error.answer(&app, &headers))
}

/// The two forms of one URL must not be mistaken for each other by caches.
pub fn vary(mut response: Response) -> Response {
    response.headers_mut().insert(
        axum::http::header::VARY,
        axum::http::HeaderValue::from_static("Accept"),
    );
    response
}

/// `GET /actor`: the actor that signs our fetches.
pub async fn instance(State(app): State<App>, headers: HeaderMap) -> Result<Response, WebError> {
    let local = app.node.instance().await?;
    Ok(actor_document(&app, &headers, &local))
}

/// An actor's document does not depend on who may read it.
fn actor_document(app: &App, headers: &HeaderMap, local: &LocalActor) -> Response {
    let document = documents::actor(&app.node, local);
    answer::for_everyone(answer::activity(headers, document))
}

/// `GET /actor/outbox`: empty, since that actor publishes nothing.
pub async fn instance_outbox(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let id = format!("{}/outbox", app.node.instance().await?.uri);
    Ok(collections::whole(&headers, &id, 0, true))
}

/// `GET /users/{name}/outbox`.
pub async fn outbox(
    State(app): State<App>,
    Path(username): Path<String>,
    Query(query): Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = find(&app, &username).await?;
    let id = format!("{}/outbox", local.uri);
    let mut conn = app.node.store.read().await?;
    let part = query.part()?;
    let before = match part {
        Part::Whole => {
            return Ok(collections::whole(
                &headers,
                &id,
                conn.count_outbox(local.row.id).await?,
                true,
            ));
        }
        Part::First => i64::MAX,
        Part::From(number) => number,
    };
    let mut rows = conn.outbox(local.row.id, before, PAGE + 1).await?;
    let prev = match part {
        Part::From(_) => Some(conn.outbox_page_before(local.row.id, before, PAGE).await?),
        _ => None,
    };
    let page = Page {
        next: collections::cut(&mut rows, |row| row.id),
        prev,
        items: rows
            .iter()
            .map(|row| serde_json::from_str(&row.body).unwrap_or(Value::Null))
            .collect(),
    };
    Ok(collections::page(&headers, &id, &part, page))
}

/// `GET /users/{name}/followers`; only the number, where the list is hidden.
pub async fn followers(
    State(app): State<App>,
    Path(username): Path<String>,
    Query(query): Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = find(&app, &username).await?;
    let id = local.followers();
    let open = !app.node.config.followers.hide;
    let mut conn = app.node.store.read().await?;
    let part = query.part()?;
    let before = match part {
        Part::Whole => {
            let total = conn.count_followers(local.row.id).await?;
            return Ok(collections::whole(&headers, &id, total, open));
        }
        _ if !open => return Err(WebError::NotFound),
        Part::First => i64::MAX,
        Part::From(number) => number,
    };
    let mut rows = conn
        .followers(local.row.id, FollowerState::Accepted, before, PAGE + 1)
        .await?;
    let prev = match part {
        Part::From(_) => Some(
            conn.followers_page_before(local.row.id, before, PAGE)
                .await?,
        ),
        _ => None,
    };
    let page = Page {
        next: collections::cut(&mut rows, |row| row.id),
        prev,
        items: rows.iter().map(|row| json!(row.uri)).collect(),
    };
    Ok(collections::page(&headers, &id, &part, page))
}

/// `GET /users/{name}/followers_synchronization`: to a server that signs its request, which of its actors
/// follow (FEP-8fcf).
pub async fn followers_synchronization(
    State(app): State<App>,
    Path(username): Path<String>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    peer: Peer,
    mut headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = find(&app, &username).await?;
    let network = peer.network(&headers, &app);
    add_host(&mut headers, &uri);
    let request = RequestParts {
        method: &method,
        path_and_query: uri.path_and_query().map_or("/", |path| path.as_str()),
        headers: &headers,
        body: &[],
    };
    let context = app.context();
    let signer = Box::pin(authorized_fetch::signer(&request, &context));
    let signer = match fetch_permits::responding(network, signer).await {
        Ok(signer) => signer,
        Err(error) => return Ok(problem::of_inbox(&error)),
    };
    let mut conn = app.node.store.read().await?;
    let items = conn.followers_on(local.row.id, &signer.row.host).await?;
    let part = json!({
        "id": local.partial_followers(),
        "type": "OrderedCollection",
        "totalItems": items.len(),
        "orderedItems": items,
    });
    Ok(answer::activity(&headers, documents::plain(&part)))
}
