//! Answers that were finished just now: actors and WebFinger, which a fan-out makes a thousand servers ask
//! for at once, and the pages that readers open.
//!
//! A document is kept for a tenth of a second, a page for half of one: each node may be a little behind the
//! database, and what an admin changed elsewhere, or a comment that came in at another node, is seen within a
//! second. One request makes the answer anew; meanwhile the others get the one before, as long as it is young
//! enough, or wait. They are kept as they went out, compressed, so that one is answered without any work.
//!
//! An answer is kept only if its handler marked it as the same for everyone ([`answer::for_everyone`]).

use super::{
    answer::{self, ForEveryone, Form},
    app::App,
};
use crate::crypto::signatures::is_signed;
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, ETAG, SET_COOKIE},
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
use tokio::sync::Mutex;

/// The age up to which a kept page is given out.
pub const PAGE_USABLE_FOR: Duration = Duration::from_millis(900);
/// Largest answer that is kept, in bytes.
const MAX_KEPT: usize = 4 * 1024 * 1024;
/// Larger than any answer of ours, in bytes: a page has an article of 2 MiB at the most.
const MAX_BODY: usize = 256 * 1024 * 1024;
/// Longest address and `Accept-Encoding` whose answers are kept, in bytes.
const MAX_NAME: usize = 512;
/// What an answer takes beside its body, in bytes.
const OVERHEAD: usize = 1000;

/// What is kept for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// For other servers.
    Document,
    /// For readers.
    Page,
}

impl Kind {
    /// So long an answer is as good as a new one.
    fn fresh_for(self) -> Duration {
        match self {
            Kind::Document => Duration::from_millis(100),
            Kind::Page => Duration::from_millis(500),
        }
    }

    /// So long it is given to those who come while it is made anew.
    fn usable_for(self) -> Duration {
        match self {
            Kind::Document => Duration::from_millis(200),
            Kind::Page => PAGE_USABLE_FOR,
        }
    }
}

/// The answers that are kept.
pub struct Answers(Cache<String, Arc<Kept>>);

struct Kept {
    /// `None` until it is made for the first time.
    answer: Option<Answer>,
    /// Held by who makes it anew.
    making: Arc<Mutex<()>>,
}

struct Answer {
    headers: HeaderMap,
    body: Bytes,
    made: Instant,
}

impl Answers {
    /// Keeps up to so many bytes of answers.
    pub fn new(memory: u64) -> Self {
        let weight = |name: &String, kept: &Arc<Kept>| {
            let body = kept.answer.as_ref().map_or(0, |answer| answer.body.len());
            (name.len() + body + OVERHEAD) as u32
        };
        Answers(
            Cache::builder()
                .max_capacity(memory)
                .weigher(weight)
                .build(),
        )
    }

    fn of(&self, name: &str) -> Arc<Kept> {
        self.0.get_with_by_ref(name, || {
            Arc::new(Kept {
                answer: None,
                making: Arc::default(),
            })
        })
    }
}

/// Answers from memory where that is right, and keeps what is answered otherwise.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some((kind, name)) = name_of(&request) else {
        return next.run(request).await;
    };
    let kept = app.answers.of(&name);
    if let Some(answer) = kept.younger_than(kind.fresh_for()) {
        return answer.to(request.headers());
    }
    let making = match kept.making.clone().try_lock_owned() {
        Ok(making) => making,
        Err(_) => {
            if let Some(answer) = kept.younger_than(kind.usable_for()) {
                return answer.to(request.headers());
            }
            let making = kept.making.clone().lock_owned().await;
            // Whom this one waited for has made it.
            let kept = app.answers.of(&name);
            if let Some(answer) = kept.younger_than(kind.fresh_for()) {
                return answer.to(request.headers());
            }
            making
        }
    };
    let making_of = kept.making.clone();
    let begun = Instant::now();
    let response = next.run(request).await;
    let response = match is_for_everyone(&response) {
        true => keep(&app, name, begun, making_of, response).await,
        false => response,
    };
    drop(making);
    response
}

/// What an answer is kept by: the address, and the encoding that is asked for; `None` for a request whose
/// answer is not the same for everyone.
fn name_of(request: &Request) -> Option<(Kind, String)> {
    let (headers, uri) = (request.headers(), request.uri());
    let is_personal = is_signed(headers) || headers.contains_key(AUTHORIZATION);
    // A reader who reloads with force gets it as it is now (RFC 9111 5.2.1.4).
    let is_forced = headers
        .get(CACHE_CONTROL)
        .is_some_and(|value| value.as_bytes() == b"no-cache");
    if request.method() != Method::GET || is_personal || is_forced {
        return None;
    }
    let kind = kind_of(uri.path(), answer::preferred(headers))?;
    let encoding = headers
        .get(ACCEPT_ENCODING)
        .map_or(Ok(""), |value| value.to_str())
        .ok()?;
    let name = format!("{kind:?} {encoding} {}", uri.path_and_query()?);
    (name.len() <= MAX_NAME).then_some((kind, name))
}

fn kind_of(path: &str, form: Form) -> Option<Kind> {
    match (path, form) {
        ("/.well-known/webfinger", _) => Some(Kind::Document),
        ("/actor", Form::Activity) => Some(Kind::Document),
        ("/" | "/feed.atom", Form::Html) => Some(Kind::Page),
        (path, Form::Activity) if is_actor(path) => Some(Kind::Document),
        (path, Form::Html) if is_article(path) => Some(Kind::Page),
        _ => None,
    }
}

/// Whether this is the address of an actor, and of none of its collections.
fn is_actor(path: &str) -> bool {
    path.strip_prefix("/users/")
        .is_some_and(|name| !name.contains('/'))
}

/// Whether this is the address of an article's page: `/{year}/{month}/{slug}`.
fn is_article(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let mut number = |length: usize| {
        parts.next().is_some_and(|part| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    number(4) && number(2) && parts.next().is_some() && parts.next().is_none()
}

/// Returns whether an answer says that it is the same for everyone. Its handler says so; none is kept by default.
fn is_for_everyone(response: &Response) -> bool {
    let headers = response.headers();
    let forbids = |value: &HeaderValue| {
        let text = value.as_bytes().to_ascii_lowercase();
        let has = |word: &[u8]| text.windows(word.len()).any(|part| part == word);
        has(b"private") || has(b"no-store")
    };
    response.status() == StatusCode::OK
        && response.extensions().get::<ForEveryone>().is_some()
        && !headers.contains_key(SET_COOKIE)
        && !headers.get_all(CACHE_CONTROL).iter().any(forbids)
}

/// Keeps an answer as of the time at which the database was asked for it.
async fn keep(
    app: &App,
    name: String,
    begun: Instant,
    making: Arc<Mutex<()>>,
    response: Response,
) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    head.headers.remove(CONTENT_LENGTH);
    let answer = Answer {
        headers: head.headers.clone(),
        body: body.clone(),
        made: begun,
    };
    let kept = Kept {
        answer: Some(answer),
        making,
    };
    if body.len() <= MAX_KEPT {
        app.answers.0.insert(name, Arc::new(kept));
    }
    Response::from_parts(head, Body::from(body))
}

impl Kept {
    fn younger_than(&self, age: Duration) -> Option<&Answer> {
        self.answer
            .as_ref()
            .filter(|answer| answer.made.elapsed() < age)
    }
}

impl Answer {
    /// The answer, or 304 to who has it.
    fn to(&self, asked: &HeaderMap) -> Response {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_only_if_it_says_that_it_is_the_same_for_everyone() {
        let plain = || Response::new(Body::empty());
        let with = |name, value: &'static str| {
            let mut response = answer::for_everyone(plain());
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
            response
        };
        assert!(is_for_everyone(&answer::for_everyone(plain())));
        assert!(is_for_everyone(&with(CACHE_CONTROL, "no-cache")));
        assert!(!is_for_everyone(&plain()));
        assert!(!is_for_everyone(&with(SET_COOKIE, "guest=1")));
        assert!(!is_for_everyone(&with(CACHE_CONTROL, "No-Store")));
        assert!(!is_for_everyone(&with(CACHE_CONTROL, "private, max-age=1")));
        let mut failed = answer::for_everyone(plain());
        *failed.status_mut() = StatusCode::NOT_FOUND;
        assert!(!is_for_everyone(&failed));
    }

    #[test]
    fn only_addresses_that_many_ask_for_at_once_are_kept() {
        for (path, form, kind) in [
            ("/", Form::Html, Some(Kind::Page)),
            ("/2026/01/a-slug", Form::Html, Some(Kind::Page)),
            ("/users/blog", Form::Activity, Some(Kind::Document)),
            ("/users/blog", Form::Html, None),
            ("/users/blog/outbox", Form::Activity, None),
            ("/2026/01/a-slug", Form::Activity, None),
            ("/2026/01/a-slug/reply", Form::Html, None),
            ("/2026/1/a-slug", Form::Html, None),
            ("/articles/1", Form::Html, None),
        ] {
            assert_eq!(kind_of(path, form), kind, "{path} {form:?}");
        }
    }
}
