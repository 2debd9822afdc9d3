//! Finished answers about our actors (WebFinger and their documents), kept in memory for a moment: what
//! many servers ask for at once is made once.
//!
//! For a tenth of a second, and not longer: the actors may be changed by any process on the database.
//! Signed requests go past this, since what they are answered may depend on who signed.

use super::{
    answer::{self, Form},
    app::App,
};
use crate::federation::signatures::is_signed;
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{
        HeaderMap, Method, StatusCode,
        header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, ETAG},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use moka::sync::Cache;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How long an answer is used again.
const FRESH_FOR: Duration = Duration::from_millis(100);
/// Memory for answers, in bytes.
const MEMORY: u64 = 16 * 1024 * 1024;
/// Largest answer that is kept, in bytes.
const MAX_BODY: usize = 256 * 1024;
/// Longest address and `Accept-Encoding` whose answers are kept, in bytes.
const MAX_NAME: usize = 512;

/// The answers that are kept.
pub struct Answers(Cache<String, Arc<Kept>>);

struct Kept {
    headers: HeaderMap,
    body: Bytes,
    made: Instant,
}

impl Default for Answers {
    fn default() -> Self {
        let weight = |name: &String, kept: &Arc<Kept>| (name.len() + kept.body.len() + 1000) as u32;
        Answers(
            Cache::builder()
                .max_capacity(MEMORY)
                .weigher(weight)
                .build(),
        )
    }
}

/// Answers from memory where that is right, and keeps what is answered otherwise.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(name) = name_of(&request) else {
        return next.run(request).await;
    };
    if let Some(kept) = app.answers.0.get(&name)
        && kept.made.elapsed() < FRESH_FOR
    {
        return kept.answer(request.headers());
    }
    let response = next.run(request).await;
    match response.status() {
        StatusCode::OK => keep(&app, name, response).await,
        _ => response,
    }
}

/// What an answer is kept by: the address, and the encoding that is asked for; `None` for a request whose
/// answer is not a document, or not the same for everyone.
fn name_of(request: &Request) -> Option<String> {
    let (headers, uri) = (request.headers(), request.uri());
    let is_document = match uri.path() {
        "/.well-known/webfinger" => true,
        "/actor" => answer::preferred(headers) == Form::Activity,
        path => is_actor(path) && answer::preferred(headers) == Form::Activity,
    };
    let is_personal = is_signed(headers) || headers.contains_key(AUTHORIZATION);
    if request.method() != Method::GET || !is_document || is_personal {
        return None;
    }
    let encoding = headers
        .get(ACCEPT_ENCODING)
        .map_or(Ok(""), |value| value.to_str())
        .ok()?;
    let name = format!("{encoding} {}", uri.path_and_query()?);
    (name.len() <= MAX_NAME).then_some(name)
}

/// Whether this is the address of an actor, and of none of its collections.
fn is_actor(path: &str) -> bool {
    path.strip_prefix("/users/")
        .is_some_and(|name| !name.contains('/'))
}

async fn keep(app: &App, name: String, response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    head.headers.remove(CONTENT_LENGTH);
    let kept = Arc::new(Kept {
        headers: head.headers.clone(),
        body: body.clone(),
        made: Instant::now(),
    });
    app.answers.0.insert(name, kept);
    Response::from_parts(head, Body::from(body))
}

impl Kept {
    /// The answer, or 304 to who has it.
    fn answer(&self, asked: &HeaderMap) -> Response {
        let is_known = self
            .headers
            .get(ETAG)
            .is_some_and(|tag| answer::is_known(asked, tag.as_bytes()));
        let mut response = match is_known {
            true => Response::new(Body::empty()),
            false => Response::new(Body::from(self.body.clone())),
        };
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        *response.headers_mut() = self.headers.clone();
        response
    }
}
