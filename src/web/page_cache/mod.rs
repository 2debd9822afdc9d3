//! The page cache: a middleware that stores responses which many clients request at once, namely actors, articles and
//! WebFinger documents, which a thousand servers fetch after a fan-out, and the pages that readers open.
//!
//! A document is fresh for a tenth of a second, a page for half a second. So each node lags the database a little, and
//! changes made by another node or program are visible within a second. A document is not served once the loops of this
//! process were woken after it was made: a server that is told of a deletion asks whether it is true. One request refreshes an entry. Meanwhile, others
//! get the stale entry as long as it is young enough, or wait. Entries are stored compressed, as they were sent, so that
//! a hit costs no work.
//!
//! A response is stored only if its handler marked it as the same for every client ([`response::shared`]).
//!
//! Servers sign most requests for documents, and authorized fetch checks the signature after the handler has responded.
//! [`documents`] is below that check: it spares the handler, not the check. It has entries of its own, because [`layer`] is
//! above the check.

mod key;

use crate::{
    store::Store,
    web::response::{self, Encoding, Shared},
};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_LENGTH, ETAG, LAST_MODIFIED, SET_COOKIE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use moka::sync::Cache;
use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::Mutex;

/// The maximum age of a page that is served from the cache.
pub(super) const MAX_PAGE_AGE: Duration = Duration::from_millis(900);
/// The largest response that is stored, in bytes.
const MAX_STORED: usize = 4 * 1024 * 1024;
/// An upper limit for the size of a response, in bytes. An article has at most 2 MiB.
const MAX_BODY: usize = 256 * 1024 * 1024;
/// The estimated size of an entry without its body, in bytes.
const OVERHEAD: usize = 1000;

/// The kinds of responses, which differ in how long they are served from the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A document for other servers.
    Document,
    /// A page for readers.
    Page,
}

impl Kind {
    /// Returns the age up to which a response is served without a refresh.
    fn fresh_for(self) -> Duration {
        match self {
            Kind::Document => Duration::from_millis(100),
            Kind::Page => Duration::from_millis(500),
        }
    }

    /// Returns the age up to which a response is served while another request refreshes it.
    fn usable_for(self) -> Duration {
        match self {
            Kind::Document => Duration::from_millis(200),
            Kind::Page => MAX_PAGE_AGE,
        }
    }
}

/// The stored responses. Cheap to clone.
#[derive(Clone)]
pub(crate) struct PageCache {
    entries: Cache<String, Arc<Entry>>,
    store: Store,
}

struct Entry {
    /// `None` until the first request has finished.
    stored: Option<StoredResponse>,
    /// Held by the request that refreshes the entry.
    refresh: Arc<Mutex<()>>,
}

struct StoredResponse {
    headers: HeaderMap,
    body: Bytes,
    /// The moment before the database was read.
    as_of: Moment,
    /// The time since which the response has had this entity tag, as far as this process knows.
    since: SystemTime,
}

/// A moment, and how often the loops of this process had been woken.
#[derive(Debug, Clone, Copy)]
struct Moment {
    time: Instant,
    wake_ups: u64,
}

impl PageCache {
    /// Creates a cache of at most `capacity` bytes.
    pub(crate) fn new(capacity: u64, store: Store) -> Self {
        let weight = |key: &String, entry: &Arc<Entry>| {
            let body = entry.stored.as_ref().map_or(0, |stored| stored.body.len());
            (key.len() + body + OVERHEAD) as u32
        };
        PageCache {
            entries: Cache::builder()
                .max_capacity(capacity)
                .weigher(weight)
                .build(),
            store,
        }
    }

    fn now(&self) -> Moment {
        Moment {
            time: Instant::now(),
            wake_ups: self.store.wake_ups(),
        }
    }

    fn entry(&self, key: &str) -> Arc<Entry> {
        self.entries.get_with_by_ref(key, || {
            Arc::new(Entry {
                stored: None,
                refresh: Arc::default(),
            })
        })
    }

    /// Stores a response, unless it is too large, and returns it.
    async fn store(
        &self,
        key: String,
        as_of: Moment,
        before: Arc<Entry>,
        response: Response,
    ) -> Response {
        let (mut head, body) = response.into_parts();
        let Ok(body) = to_bytes(body, MAX_BODY).await else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        head.headers.remove(CONTENT_LENGTH);
        if body.len() <= MAX_STORED {
            let known = before.stored.as_ref();
            let same = known.filter(|known| known.headers.get(ETAG) == head.headers.get(ETAG));
            let stored = StoredResponse {
                headers: head.headers.clone(),
                body: body.clone(),
                as_of,
                since: same.map_or_else(SystemTime::now, |same| same.since),
            };
            let entry = Entry {
                stored: Some(stored),
                refresh: before.refresh.clone(),
            };
            self.entries.insert(key, Arc::new(entry));
        }
        Response::from_parts(head, Body::from(body))
    }
}

/// Serves a response from the cache, or runs the handler and stores its response.
pub(super) async fn layer(
    State(cache): State<PageCache>,
    request: Request,
    next: Next,
) -> Response {
    match key::of(&request) {
        Some((kind, key)) => serve(&cache, kind, key, request, next).await,
        None => next.run(request).await,
    }
}

/// Serves a document for a signed request from the cache, or runs the handler and stores its response. The caller checks
/// the signature afterwards.
pub(super) async fn documents(
    State(cache): State<PageCache>,
    request: Request,
    next: Next,
) -> Response {
    match key::of_signed(&request) {
        Some(key) => serve(&cache, Kind::Document, key, request, next).await,
        None => next.run(request).await,
    }
}

async fn serve(
    cache: &PageCache,
    kind: Kind,
    key: String,
    mut request: Request,
    next: Next,
) -> Response {
    // A page is compressed once for all clients that prefer the same encoding.
    let encoding = HeaderValue::from_static(Encoding::preferred(request.headers()).as_str());
    request.headers_mut().insert(ACCEPT_ENCODING, encoding);
    let entry = cache.entry(&key);
    if let Some(stored) = entry.usable(kind, kind.fresh_for(), cache.now()) {
        return stored.response_to(request.headers());
    }
    let refreshing = match entry.refresh.clone().try_lock_owned() {
        Ok(guard) => guard,
        Err(_) => {
            if let Some(stored) = entry.usable(kind, kind.usable_for(), cache.now()) {
                return stored.response_to(request.headers());
            }
            let guard = entry.refresh.clone().lock_owned().await;
            // The request that held the lock has refreshed the entry.
            let entry = cache.entry(&key);
            if let Some(stored) = entry.usable(kind, kind.fresh_for(), cache.now()) {
                return stored.response_to(request.headers());
            }
            guard
        }
    };
    let as_of = cache.now();
    let response = next.run(request).await;
    let response = if may_be_stored(&response) {
        cache.store(key, as_of, entry.clone(), response).await
    } else {
        response
    };
    drop(refreshing);
    response
}

/// Returns whether a response is the same for every client. Its handler decides; the default is no.
fn may_be_stored(response: &Response) -> bool {
    let headers = response.headers();
    let forbids = |value: &HeaderValue| {
        let text = value.as_bytes().to_ascii_lowercase();
        let has = |word: &[u8]| text.windows(word.len()).any(|part| part == word);
        has(b"private") || has(b"no-store")
    };
    response.status() == StatusCode::OK
        && response.extensions().get::<Shared>().is_some()
        && !headers.contains_key(SET_COOKIE)
        && !headers.get_all(CACHE_CONTROL).iter().any(forbids)
}

impl Entry {
    /// Returns the response if it is younger than `age`; a document only if nothing has changed since.
    fn usable(&self, kind: Kind, age: Duration, now: Moment) -> Option<&StoredResponse> {
        self.stored.as_ref().filter(|stored| {
            let is_young = now.time.duration_since(stored.as_of.time) < age;
            is_young && (kind == Kind::Page || stored.as_of.wake_ups == now.wake_ups)
        })
    }
}

impl StoredResponse {
    /// Returns the response, or 304 if the client has it.
    fn response_to(&self, request: &HeaderMap) -> Response {
        // A response of this very second may still get a successor with the same date.
        let is_settled = self
            .since
            .elapsed()
            .is_ok_and(|age| age >= Duration::from_secs(1));
        let modified = Some(self.since).filter(|_| is_settled);
        let etag = self.headers.get(ETAG).map(HeaderValue::as_bytes);
        let mut response = if response::is_unmodified(request, etag, modified) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Response::new(Body::from(self.body.clone()))
        };
        *response.headers_mut() = self.headers.clone();
        if let Some(date) = modified.and_then(response::http_date) {
            response.headers_mut().entry(LAST_MODIFIED).or_insert(date);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_stored_only_if_it_is_marked_as_shared() {
        let plain = || Response::new(Body::empty());
        let with = |name, value: &'static str| {
            let mut response = response::shared(plain());
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
            response
        };
        assert!(may_be_stored(&response::shared(plain())));
        assert!(may_be_stored(&with(CACHE_CONTROL, "no-cache")));
        assert!(!may_be_stored(&plain()));
        assert!(!may_be_stored(&with(SET_COOKIE, "guest=1")));
        assert!(!may_be_stored(&with(CACHE_CONTROL, "No-Store")));
        assert!(!may_be_stored(&with(CACHE_CONTROL, "private, max-age=1")));
        let mut failed = response::shared(plain());
        *failed.status_mut() = StatusCode::NOT_FOUND;
        assert!(!may_be_stored(&failed));
    }
}
