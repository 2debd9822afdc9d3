//! Many servers on one listener, told apart by the `Host` header.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};
use serde_json::Value;
use std::sync::Arc;

/// A request to one of the servers.
pub(super) struct Asked {
    /// The server's name with its port.
    pub authority: String,
    pub method: Method,
    /// The path with its query.
    pub path: String,
    pub body: Bytes,
}

/// The largest body that is read.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// Starts servers; the port.
pub(super) async fn listen<F, R>(answer: F) -> u16
where
    F: Fn(Asked) -> R + Send + Sync + 'static,
    R: Future<Output = Response> + Send + 'static,
{
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    let router = Router::new().fallback(move |request: Request| {
        let answer = answer.clone();
        async move { answer(read(request).await).await }
    });
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    port
}

async fn read(request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let host = parts.headers.get(header::HOST);
    let authority = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
    Asked {
        authority: authority.to_owned(),
        method: parts.method.clone(),
        path: path.to_owned(),
        body: axum::body::to_bytes(body, MAX_BODY)
            .await
            .unwrap_or_default(),
    }
}

/// A response with nothing in it.
pub(super) fn status(status: u16) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// A response with an ActivityPub document.
pub(super) fn document(document: &Value) -> Response {
    typed("application/activity+json", document.to_string())
}

pub(super) fn typed(kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
