//! Another server: actors with keys, documents that a test sets, and an inbox that records what arrives.

mod actor;
mod server;

pub(crate) use actor::{Actor, any_key, embedded};

use crate::support::{
    eventually,
    tls::{self, Authority},
};
use axum::{Router, http::HeaderMap, middleware};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

pub(crate) const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// A response that a test sets.
#[derive(Clone)]
pub(crate) struct Canned {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub delay: Duration,
}

impl Canned {
    /// Returns a response with an ActivityPub document.
    pub(crate) fn document(document: &Value) -> Self {
        Canned {
            status: 200,
            headers: vec![("content-type".into(), "application/activity+json".into())],
            body: document.to_string().into_bytes(),
            delay: Duration::ZERO,
        }
    }

    /// Returns a response without a body.
    pub(crate) fn status(status: u16) -> Self {
        Canned {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            delay: Duration::ZERO,
        }
    }
}

/// An activity that arrived at the inbox.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedActivity {
    pub activity: Value,
    pub path: String,
    pub headers: HeaderMap,
    /// The key that signed it, if the signature is good.
    pub verified: Result<String, String>,
    pub at: Instant,
}

#[derive(Default)]
struct Shared {
    documents: Mutex<HashMap<String, Canned>>,
    gets: Mutex<Vec<(String, HeaderMap)>>,
    received: Mutex<Vec<ReceivedActivity>>,
    /// The next responses of the inbox. After them it responds 202.
    responses: Mutex<Vec<Canned>>,
}

/// A server on `NAME.localhost`.
#[derive(Clone)]
pub(crate) struct Peer {
    pub authority: String,
    pub origin: String,
    shared: Arc<Shared>,
}

impl Peer {
    /// Starts a server that other servers know as `name.localhost:PORT`.
    pub(crate) async fn start(name: &str) -> Peer {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = format!("{name}.localhost:{}", listener.local_addr().unwrap().port());
        let peer = Peer {
            origin: format!("http://{authority}"),
            authority,
            shared: Arc::default(),
        };
        let router = Router::new()
            .fallback(server::handle)
            .with_state(peer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        peer
    }

    /// Starts the same over TLS, with HTTP/2. Like nginx, it refuses a request that names its host twice.
    pub(crate) async fn start_over_http2(name: &str, authority: &Authority) -> Peer {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("{name}.localhost");
        let acceptor = tls::acceptor(authority.certificate(&host, 2020, 2090), &["h2"]);
        let authority = format!("{host}:{}", listener.local_addr().unwrap().port());
        let peer = Peer {
            origin: format!("https://{authority}"),
            authority,
            shared: Arc::default(),
        };
        let router = Router::new()
            .fallback(server::handle)
            .with_state(peer.clone())
            .layer(middleware::map_request(server::host_once));
        tokio::spawn(tls::serve(listener, acceptor, router));
        peer
    }

    /// Creates an actor with a document at `/users/NAME` and one of a few keys.
    pub(crate) async fn actor(&self, name: &str) -> Actor {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let key = tokio::task::spawn_blocking(move || any_key(number))
            .await
            .unwrap();
        let id = format!("{}/users/{name}", self.origin);
        let actor = Actor {
            peer: self.clone(),
            key_id: format!("{id}#main-key"),
            id,
            key,
        };
        self.serve(
            &format!("/users/{name}"),
            Canned::document(&actor.document()),
        );
        self.serve_handle(&actor.handle(), &actor.handle(), &actor.id);
        actor
    }

    /// Serves the WebFinger document of a handle (`@user@host`), which need not be of this host.
    pub(crate) fn serve_handle(&self, handle: &str, subject: &str, actor_id: &str) {
        let acct = |handle: &str| format!("acct:{}", handle.trim_start_matches('@'));
        let jrd = json!({"subject": acct(subject), "links": [
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": actor_id},
            {"rel": "self", "type": "application/activity+json", "href": actor_id},
        ]});
        let mut canned = Canned::document(&jrd);
        canned.headers = vec![("content-type".into(), "application/jrd+json".into())];
        self.serve(&webfinger_path(handle), canned);
    }

    /// Sets the response to a GET of a path.
    pub(crate) fn serve(&self, path: &str, canned: Canned) {
        self.shared
            .documents
            .lock()
            .unwrap()
            .insert(path.to_owned(), canned);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Returns how often a path was requested.
    pub(crate) fn get_count(&self, path: &str) -> usize {
        self.shared
            .gets
            .lock()
            .unwrap()
            .iter()
            .filter(|(got, _)| got == path)
            .count()
    }

    /// Returns the paths of all GETs, in order.
    pub(crate) fn gets(&self) -> Vec<String> {
        let gets = self.shared.gets.lock().unwrap();
        gets.iter().map(|(path, _)| path.clone()).collect()
    }

    /// Returns the headers of the first GET of a path.
    pub(crate) fn headers_of(&self, path: &str) -> HeaderMap {
        let gets = self.shared.gets.lock().unwrap();
        let found = gets.iter().find(|(got, _)| got == path);
        found.map(|(_, headers)| headers.clone()).unwrap()
    }

    /// Sets the responses to the next POSTs to the inbox.
    pub(crate) fn respond_next(&self, responses: Vec<Canned>) {
        *self.shared.responses.lock().unwrap() = responses;
    }

    /// Returns the activities that arrived, in order.
    pub(crate) fn received(&self) -> Vec<ReceivedActivity> {
        self.shared.received.lock().unwrap().clone()
    }

    /// Returns the activities of one type that arrived.
    pub(crate) fn received_of(&self, kind: &str) -> Vec<ReceivedActivity> {
        let mut all = self.received();
        all.retain(|delivered| delivered.activity["type"] == kind);
        all
    }

    /// Waits for the first activity of a type.
    pub(crate) async fn wait_for(&self, kind: &str) -> ReceivedActivity {
        eventually(
            &format!("a {kind} arrives at {}", self.authority),
            || async { self.received_of(kind).into_iter().next() },
        )
        .await
    }
}

/// Returns the path of the WebFinger request for a handle.
pub(crate) fn webfinger_path(handle: &str) -> String {
    let acct = handle.trim_start_matches('@');
    let resource = format!("acct:{acct}")
        .replace(':', "%3A")
        .replace('@', "%40");
    format!("/.well-known/webfinger?resource={resource}")
}
