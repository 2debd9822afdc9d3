//! Authorized fetch: serves ActivityPub documents only to servers that may read them.
//!
//! The response decides, not the route: every ActivityPub document is checked, so that no route can be forgotten. Pages,
//! WebFinger and NodeInfo are public. So is the instance actor, because other servers need its key to verify the requests
//! with which we fetch their keys.

use crate::{
    crypto::signatures::is_signed,
    federation::{inbox::authorized_fetch, remote::requests::permits},
    node::{error::InboxError, object_fetches::SignedFetch},
    protocol::ACTIVITY_JSON,
    web::{
        app::App,
        request::{Peer, add_host, path_and_query, signed_parts},
        response::{Unannounced, inbox_error},
    },
};
use axum::{
    extract::{OriginalUri, Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{CACHE_CONTROL, CONTENT_TYPE, VARY, WWW_AUTHENTICATE},
    },
    middleware::Next,
    response::Response,
};

/// The paths of the instance actor and its outbox.
const PUBLIC: [&str; 2] = ["/actor", "/actor/outbox"];

/// The required form of signatures (draft-cavage-http-signatures-12, section 3.1).
const CHALLENGE: &str = "Signature headers=\"(request-target) host date\"";

/// Refuses to serve a document to a client that may not read it.
pub(crate) async fn authorize_fetch(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    let must_be_signed = app.node.config.federation.authorized_fetch;
    let is_signed = is_signed(request.headers());
    let is_fetch = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_fetch || !(must_be_signed || is_signed) || PUBLIC.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    // The signature covers the address that was requested.
    let original = request.extensions().get::<OriginalUri>();
    let uri = original
        .map_or(request.uri(), |original| &original.0)
        .clone();
    let method = request.method().clone();
    let network = Peer::of(request.extensions()).network(request.headers(), &app);
    let mut headers = request.headers().clone();
    let mut response = next.run(request).await;
    if !is_document(&response) {
        return response;
    }
    add_host(&mut headers, &uri);
    let unannounced = response.extensions().get::<Unannounced>().cloned();
    let checked = Box::pin(check(&app, &method, &uri, &headers));
    if let Err(error) = permits::responding(network.clone(), checked).await {
        return refusal(&error);
    }
    if let Some(Unannounced(object_uid)) = unannounced
        && is_signed
    {
        app.node.object_fetches.add(SignedFetch {
            object_uid,
            network,
            method,
            path_and_query: path_and_query(&uri).to_owned(),
            headers,
        });
    }
    if must_be_signed {
        // A shared cache must not serve it to other clients.
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
    let request = signed_parts(method, uri, headers, &[]);
    authorized_fetch::check(&request, &app.context()).await
}

fn refusal(error: &InboxError) -> Response {
    let mut response = inbox_error(error);
    if response.status() == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static(CHALLENGE);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
