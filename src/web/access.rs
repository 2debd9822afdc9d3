//! Documents only for those who may read them.
//!
//! What is answered decides, not the route: whatever comes out as ActivityPub JSON is guarded, so that no
//! route can be forgotten. Pages for people, WebFinger and NodeInfo are open, and so is the instance
//! actor, without whose key no one could check that we may read theirs.

use super::{app::App, guests::Peer, inbox::add_host, problem};
use crate::{
    crypto::signatures::{RequestParts, is_signed},
    federation::{inbox::authorized_fetch, remote::fetch_permits},
    node::error::InboxError,
    protocol::ACTIVITY_JSON,
};
use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{CACHE_CONTROL, CONTENT_TYPE, VARY, WWW_AUTHENTICATE},
    },
    middleware::Next,
    response::Response,
};

/// The instance actor, with its key, and what it has.
const OPEN: [&str; 2] = ["/actor", "/actor/outbox"];

/// How a request has to be signed (draft-cavage-12 3.1).
const CHALLENGE: &str = "Signature headers=\"(request-target) host date\"";

/// Answers a GET of a document with a refusal where its sender may not read it.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let must_be_signed = app.node.config.federation.authorized_fetch;
    let is_signed = is_signed(request.headers());
    let is_fetch = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_fetch || !(must_be_signed || is_signed) || OPEN.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let network = Peer::of(request.extensions()).network(request.headers(), &app);
    let mut headers = request.headers().clone();
    let mut response = next.run(request).await;
    if !is_document(&response) {
        return response;
    }
    add_host(&mut headers, &uri);
    let checked = Box::pin(check(&app, &method, &uri, &headers));
    if let Err(error) = fetch_permits::responding(network, checked).await {
        return refusal(&error);
    }
    if must_be_signed {
        // A shared cache must not answer others with it.
        let head = response.headers_mut();
        head.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("private, max-age=60"),
        );
        head.insert(VARY, HeaderValue::from_static("Accept, Signature"));
    }
    response
}

fn is_document(response: &Response) -> bool {
    response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == ACTIVITY_JSON)
}

async fn check(
    app: &App,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), InboxError> {
    let request = RequestParts {
        method,
        path_and_query: uri.path_and_query().map_or("/", |path| path.as_str()),
        headers,
        body: &[],
    };
    authorized_fetch::check(&request, &app.context()).await
}

fn refusal(error: &InboxError) -> Response {
    let mut response = problem::of_inbox(error);
    if response.status() == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static(CHALLENGE);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
