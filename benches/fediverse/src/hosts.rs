//! What the hosts serve: WebFinger, actors, replies, collections and inboxes, over TLS.

use crate::{
    certificates,
    inbox::{self, Delivery},
    world::{Actor, World},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, Uri, Version, header, uri::Authority},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use serde_json::{Value, json};
use std::{collections::HashMap, net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const ACTIVITY_JSON: &str = "application/activity+json; charset=utf-8";

type Shared = State<Arc<World>>;

/// Serves all hosts on one address until the process ends.
pub(crate) async fn serve(
    world: Arc<World>,
    listen: SocketAddr,
    authority: &std::path::Path,
) -> anyhow::Result<()> {
    let config = certificates::server_config(authority, &world.size.domain)?;
    let acceptor = TlsAcceptor::from(config);
    let listener = TcpListener::bind(listen).await?;
    let service = TowerToHyperService::new(router(world.clone()));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        world.count_connection();
        let (acceptor, service) = (acceptor.clone(), service.clone());
        tokio::spawn(async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                // A client that goes away is no error.
                let _ = auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            }
        });
    }
}

fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/.well-known/webfinger", get(webfinger))
        .route("/users/{user}", get(actor))
        .route("/users/{user}/inbox", post(receive))
        .route("/users/{user}/outbox", get(collection))
        .route("/users/{user}/followers", get(collection))
        .route("/users/{user}/following", get(collection))
        .route("/users/{user}/notes/{note}", get(note))
        .route("/inbox", post(receive))
        .with_state(world)
}

/// Returns the name that a request is for. HTTP/2 has it in the target, HTTP/1.1 in a header.
fn authority<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> &'a str {
    let header = headers.get(header::HOST);
    uri.authority()
        .map(Authority::as_str)
        .or_else(|| header.and_then(|value| value.to_str().ok()))
        .unwrap_or("")
}

fn activity_json(text: String) -> Response {
    ([(header::CONTENT_TYPE, ACTIVITY_JSON)], text).into_response()
}

fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

async fn webfinger(
    State(world): Shared,
    uri: Uri,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let asked = query
        .get("resource")
        .and_then(|resource| resource.strip_prefix("acct:"))
        .and_then(|handle| handle.split_once('@'));
    let (host, Some((name, _))) = (world.host(authority(&uri, &headers)), asked) else {
        return not_found();
    };
    let (Some(host), Some(user)) = (host, world.user(name)) else {
        return not_found();
    };
    let id = world.id(Actor { host, user });
    let document: Value = json!({
        "subject": format!("acct:u{user}@h{host}.{}", world.size.domain),
        "aliases": [id],
        "links": [{"rel": "self", "type": "application/activity+json", "href": id}],
    });
    Json(document).into_response()
}

async fn actor(
    State(world): Shared,
    uri: Uri,
    headers: HeaderMap,
    Path(name): Path<String>,
) -> Response {
    world.count_fetch();
    match (world.host(authority(&uri, &headers)), world.user(&name)) {
        (Some(host), Some(user)) => activity_json(world.document(Actor { host, user }).to_string()),
        _ => not_found(),
    }
}

async fn note(State(world): Shared, uri: Uri, headers: HeaderMap) -> Response {
    world.count_fetch();
    let id = format!("https://{}{}", authority(&uri, &headers), uri.path());
    world.note(&id).map_or_else(not_found, activity_json)
}

async fn collection(uri: Uri, headers: HeaderMap) -> Response {
    let id = format!("https://{}{}", authority(&uri, &headers), uri.path());
    let document: Value = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": id,
        "type": "OrderedCollection",
        "totalItems": 0,
        "orderedItems": [],
    });
    activity_json(document.to_string())
}

async fn receive(
    State(world): Shared,
    version: Version,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let authority = authority(&uri, &headers);
    let Some(host) = world.host(authority) else {
        return StatusCode::NOT_FOUND;
    };
    let delivery = Delivery {
        host,
        authority,
        path: uri.path(),
        version,
        headers: &headers,
        body: &body,
    };
    inbox::receive(&world, delivery).await
}
