//! Another server: actors with keys, documents that a test decides, an inbox that remembers.

use super::{
    PATIENCE, eventually,
    request::{Reply, SignedPost},
    tls::{self, Authority},
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{OriginalUri, Request, State},
    http::{HeaderMap, Method, StatusCode, header::HOST},
    middleware,
    response::Response,
};
use pamphlet::crypto::{
    keys::{PrivateKey, PublicKey},
    signatures::{Expectation, RequestParts, Scheme, parse},
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// An answer to a GET that a test decides.
#[derive(Clone)]
pub struct Canned {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub delay: Duration,
}

impl Canned {
    /// An ActivityPub document.
    pub fn document(document: &Value) -> Self {
        Canned {
            status: 200,
            headers: vec![("content-type".into(), "application/activity+json".into())],
            body: document.to_string().into_bytes(),
            delay: Duration::ZERO,
        }
    }

    pub fn status(status: u16) -> Self {
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
pub struct Delivered {
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
    received: Mutex<Vec<Delivered>>,
    /// What the inbox answers, in order; then 202.
    answers: Mutex<Vec<Canned>>,
}

/// A server on `NAME.localhost`.
#[derive(Clone)]
pub struct Peer {
    pub authority: String,
    pub origin: String,
    shared: Arc<Shared>,
}

/// An actor of a peer.
#[derive(Clone)]
pub struct Actor {
    pub peer: Peer,
    pub id: String,
    pub key_id: String,
    pub key: Arc<PrivateKey>,
}

/// Making RSA keys takes its time, so that tests share a few.
pub fn any_key(number: usize) -> Arc<PrivateKey> {
    static KEYS: OnceLock<Vec<Arc<PrivateKey>>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        (0..4)
            .map(|_| Arc::new(PrivateKey::generate_rsa().unwrap()))
            .collect()
    });
    keys[number % keys.len()].clone()
}

/// An activity as it stands in an answer to it: without its contexts, which JSON-LD may not let stand inside others.
pub fn embedded(activity: &Value) -> Value {
    let mut bare = activity.clone();
    bare.as_object_mut().unwrap().remove("@context");
    bare
}

impl Peer {
    /// Starts a server that other servers know as `name.localhost:PORT`.
    pub async fn start(name: &str) -> Peer {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = format!("{name}.localhost:{}", listener.local_addr().unwrap().port());
        let peer = Peer {
            origin: format!("http://{authority}"),
            authority,
            shared: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(peer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        peer
    }

    /// Starts the same over TLS, with HTTP/2. Like nginx, it refuses a request that names its host twice.
    pub async fn start_over_http2(name: &str, authority: &Authority) -> Peer {
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
            .fallback(answer)
            .with_state(peer.clone())
            .layer(middleware::map_request(host_once));
        tokio::spawn(tls::serve(listener, acceptor, router));
        peer
    }

    /// An actor with a document at `/users/NAME`; each name has one of a few keys.
    pub async fn actor(&self, name: &str) -> Actor {
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

    /// Answers WebFinger for a handle (`@user@host`), which need not be of this host.
    pub fn serve_handle(&self, handle: &str, subject: &str, actor_id: &str) {
        let acct = |handle: &str| format!("acct:{}", handle.trim_start_matches('@'));
        let jrd = json!({"subject": acct(subject), "links": [
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": actor_id},
            {"rel": "self", "type": "application/activity+json", "href": actor_id},
        ]});
        let mut canned = Canned::document(&jrd);
        canned.headers = vec![("content-type".into(), "application/jrd+json".into())];
        self.serve(&webfinger_path(handle), canned);
    }

    /// Decides what a GET of a path answers.
    pub fn serve(&self, path: &str, canned: Canned) {
        self.shared
            .documents
            .lock()
            .unwrap()
            .insert(path.to_owned(), canned);
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// How often a path was asked for.
    pub fn gets_of(&self, path: &str) -> usize {
        self.shared
            .gets
            .lock()
            .unwrap()
            .iter()
            .filter(|(got, _)| got == path)
            .count()
    }

    /// All GETs that came.
    pub fn gets(&self) -> Vec<String> {
        let gets = self.shared.gets.lock().unwrap();
        gets.iter().map(|(path, _)| path.clone()).collect()
    }

    /// The headers of the first GET of a path.
    pub fn headers_of(&self, path: &str) -> HeaderMap {
        let gets = self.shared.gets.lock().unwrap();
        let found = gets.iter().find(|(got, _)| got == path);
        found.map(|(_, headers)| headers.clone()).unwrap()
    }

    /// What the next POSTs to the inbox are answered.
    pub fn answer_next(&self, answers: Vec<Canned>) {
        *self.shared.answers.lock().unwrap() = answers;
    }

    pub fn received(&self) -> Vec<Delivered> {
        self.shared.received.lock().unwrap().clone()
    }

    /// Those of one type.
    pub fn received_of(&self, kind: &str) -> Vec<Delivered> {
        let mut all = self.received();
        all.retain(|delivered| delivered.activity["type"] == kind);
        all
    }

    /// Waits for the first activity of a type.
    pub async fn wait_for(&self, kind: &str) -> Delivered {
        eventually(
            &format!("a {kind} arrives at {}", self.authority),
            || async { self.received_of(kind).into_iter().next() },
        )
        .await
    }
}

/// Where WebFinger is asked for a handle.
pub fn webfinger_path(handle: &str) -> String {
    let acct = handle.trim_start_matches('@');
    let resource = format!("acct:{acct}")
        .replace(':', "%3A")
        .replace('@', "%40");
    format!("/.well-known/webfinger?resource={resource}")
}

impl Actor {
    /// `@user@host`.
    pub fn handle(&self) -> String {
        let name = self.id.rsplit('/').next().unwrap();
        format!("@{name}@{}", self.peer.authority)
    }

    /// The actor's document.
    pub fn document(&self) -> Value {
        let name = self.id.rsplit('/').next().unwrap();
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": self.id, "type": "Person", "preferredUsername": name, "name": format!("The actor {name}"),
            "url": format!("{}/@{name}", self.peer.origin),
            "inbox": format!("{}/inbox", self.id),
            "outbox": format!("{}/outbox", self.id),
            "followers": format!("{}/followers", self.id),
            "endpoints": {"sharedInbox": self.peer.url("/inbox")},
            "publicKey": {"id": self.key_id, "owner": self.id, "publicKeyPem": self.key.public_key_pem()},
        })
    }

    /// An id on this actor's host that was never used.
    pub fn new_id(&self, kind: &str) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        format!(
            "{}/{kind}/{}",
            self.id,
            COUNT.fetch_add(1, Ordering::Relaxed)
        )
    }

    /// An activity of this actor about an object.
    pub fn activity(&self, kind: &str, object: Value) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": self.new_id("activities"), "type": kind, "actor": self.id, "object": object,
            "to": [PUBLIC], "cc": [format!("{}/followers", self.id)],
        })
    }

    /// A public note that answers something, which can also be fetched.
    pub fn note(&self, in_reply_to: &str, content: &str) -> Value {
        let id = self.new_id("notes");
        let note = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": id, "type": "Note", "attributedTo": self.id, "inReplyTo": in_reply_to, "content": content,
            "url": id.replace("/users/", "/@"),
            "published": "2026-11-23T12:00:00Z", "to": [PUBLIC], "cc": [format!("{}/followers", self.id)],
        });
        self.peer.serve(
            id.strip_prefix(&self.peer.origin).unwrap(),
            Canned::document(&note),
        );
        note
    }

    /// A signed POST that can still be spoiled.
    pub fn signed(&self, inbox: &str, activity: &Value) -> SignedPost {
        SignedPost::new(inbox, activity, self.key.clone(), &self.key_id)
    }

    /// Signs and sends an activity.
    pub async fn send(&self, inbox: &str, activity: &Value) -> Reply {
        self.signed(inbox, activity).send().await
    }

    /// Sends an activity that must be accepted.
    pub async fn deliver(&self, inbox: &str, activity: &Value) {
        let reply = self.send(inbox, activity).await;
        assert_eq!(reply.status, 202, "{}", reply.body);
    }

    /// Comments on something; the note.
    pub async fn comment(&self, inbox: &str, on: &str, content: &str) -> Value {
        let note = self.note(on, content);
        self.deliver(inbox, &self.activity("Create", note.clone()))
            .await;
        note
    }

    /// Serves another document of this actor: its own with some properties replaced, or removed by `null`.
    pub fn serve_with(&self, changes: Value) {
        let mut document = self.document();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(document.as_object_mut().unwrap().remove(name)),
                value => document[name] = value.clone(),
            }
        }
        let path = self.id.strip_prefix(&self.peer.origin).unwrap();
        self.peer.serve(path, Canned::document(&document));
    }

    /// Follows and waits for the `Accept`.
    pub async fn follow(&self, inbox: &str, whom: &str) -> Value {
        let follow = self.activity("Follow", json!(whom));
        self.deliver(inbox, &follow).await;
        eventually("the follow is accepted", || async {
            let accepts = self.peer.received_of("Accept");
            accepts
                .into_iter()
                .find(|accept| accept.activity["object"]["id"] == follow["id"])
        })
        .await;
        follow
    }
}

/// Reads the host of an HTTP/2 request, which must be in `:authority` alone (RFC 9113 8.3.1).
async fn host_once(mut request: Request) -> Result<Request, (StatusCode, &'static str)> {
    let authority = request.uri().authority().map(|host| host.to_string());
    match (authority, request.headers().contains_key(HOST)) {
        (Some(_), true) => Err((StatusCode::BAD_REQUEST, "duplicate host header")),
        (Some(host), false) => {
            request.headers_mut().insert(HOST, host.parse().unwrap());
            Ok(request)
        }
        (None, _) => Err((StatusCode::HTTP_VERSION_NOT_SUPPORTED, "not HTTP/2")),
    }
}

/// Answers everything that comes to a peer.
async fn answer(
    State(peer): State<Peer>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path_and_query().unwrap().as_str().to_owned();
    if method == Method::POST {
        return receive(&peer, path, headers, body).await;
    }
    let got = (path.clone(), headers);
    peer.shared.gets.lock().unwrap().push(got);
    let found = peer.shared.documents.lock().unwrap().get(&path).cloned();
    respond(found.unwrap_or(Canned::status(404))).await
}

async fn receive(peer: &Peer, path: String, headers: HeaderMap, body: Bytes) -> Response {
    let canned = {
        let mut answers = peer.shared.answers.lock().unwrap();
        (!answers.is_empty()).then(|| answers.remove(0))
    };
    let canned = canned.unwrap_or(Canned::status(202));
    if (200..300).contains(&canned.status) {
        let verified = check(peer, &path, &headers, &body).await;
        peer.shared.received.lock().unwrap().push(Delivered {
            activity: serde_json::from_slice(&body).unwrap(),
            path,
            headers,
            verified,
            at: Instant::now(),
        });
    }
    respond(canned).await
}

async fn respond(canned: Canned) -> Response {
    tokio::time::sleep(canned.delay).await;
    let mut response = Response::new(Body::from(canned.body));
    *response.status_mut() = StatusCode::from_u16(canned.status).unwrap();
    for (name, value) in canned.headers {
        response.headers_mut().append(
            axum::http::HeaderName::try_from(name).unwrap(),
            value.parse().unwrap(),
        );
    }
    response
}

/// Checks the signature with the sender's key, fetched from the sender.
async fn check(
    peer: &Peer,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<String, String> {
    let expectation = Expectation {
        hosts: std::slice::from_ref(&peer.authority),
        scheme: match peer.origin.starts_with("https:") {
            true => Scheme::Https,
            false => Scheme::Http,
        },
        now: chrono::Utc::now(),
    };
    let request = RequestParts {
        method: &Method::POST,
        path_and_query: path,
        headers,
        body,
    };
    let unverified = parse(&request, &expectation).map_err(|error| error.to_string())?;
    let key_id = unverified.key_id().to_owned();
    let fetched = reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .unwrap()
        .get(key_id.split('#').next().unwrap())
        .header("accept", "application/activity+json")
        .send()
        .await
        .map_err(|error| error.to_string())?;
    let text = fetched.text().await.map_err(|error| error.to_string())?;
    let actor: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let key = named_key(&actor, &key_id).ok_or("the actor names no such key")?;
    unverified.verify(&key).map_err(|error| error.to_string())?;
    Ok(key_id)
}

/// The key that an actor's document names so.
fn named_key(actor: &Value, key_id: &str) -> Option<PublicKey> {
    if actor["publicKey"]["id"] == key_id {
        return PublicKey::from_pem(actor["publicKey"]["publicKeyPem"].as_str()?).ok();
    }
    let methods = actor["assertionMethod"].as_array()?;
    let method = methods.iter().find(|method| method["id"] == key_id)?;
    PublicKey::from_multibase(method["publicKeyMultibase"].as_str()?).ok()
}
