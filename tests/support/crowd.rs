//! Many servers on one socket, each with a host of its own: they respond as a test sets, and record what arrives.
//! They verify no signatures; a [`super::Peer`] does.

use super::{eventually, peer::Canned, sql};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{OriginalUri, State},
    http::{HeaderMap, HeaderName, StatusCode},
    response::Response,
};
use serde_json::Value;
use std::{
    collections::{HashMap, VecDeque},
    fmt::Write,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// A POST that arrived, whatever the response was.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// The first label of the host that it was sent to.
    pub name: String,
    pub path: String,
    pub headers: HeaderMap,
    pub activity: Value,
    pub at: Instant,
}

impl Arrival {
    pub(crate) fn kind(&self) -> &str {
        self.activity["type"].as_str().unwrap()
    }

    pub(crate) fn id(&self) -> &str {
        self.activity["id"].as_str().unwrap()
    }

    /// Returns whether it is signed by RFC 9421.
    pub(crate) fn is_rfc9421(&self) -> bool {
        self.headers.contains_key("signature-input")
    }
}

#[derive(Default)]
struct Shared {
    arrivals: Vec<Arrival>,
    /// The next responses of each server. After them it responds 202.
    responses: HashMap<String, VecDeque<Canned>>,
    /// The fixed response for a path of a server.
    fixed: HashMap<(String, String), u16>,
    delay: Duration,
}

/// Servers known as `NAME.localhost:PORT`, for any name.
#[derive(Clone)]
pub(crate) struct Crowd {
    pub port: u16,
    shared: Arc<Mutex<Shared>>,
}

impl Crowd {
    pub(crate) async fn start() -> Crowd {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let crowd = Crowd {
            port: listener.local_addr().unwrap().port(),
            shared: Arc::default(),
        };
        let router = Router::new().fallback(receive).with_state(crowd.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        crowd
    }

    /// Sets the responses to the next POSTs to a server.
    pub(crate) fn respond_next(&self, name: &str, responses: Vec<Canned>) {
        let mut shared = self.shared.lock().unwrap();
        shared.responses.insert(name.to_owned(), responses.into());
    }

    /// Sets the response to POSTs to a path of a server.
    pub(crate) fn respond_at(&self, name: &str, path: &str, status: u16) {
        let mut shared = self.shared.lock().unwrap();
        let place = (name.to_owned(), path.to_owned());
        shared.fixed.insert(place, status);
    }

    /// Returns the id of an actor of a server, as created by `follow_from_many`.
    pub(crate) fn actor(&self, name: &str, number: usize) -> String {
        format!("http://{}/users/{number}", self.host(name))
    }

    /// Sets the time that every server takes for a response.
    pub(crate) fn set_delay(&self, delay: Duration) {
        self.shared.lock().unwrap().delay = delay;
    }

    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        self.shared.lock().unwrap().arrivals.clone()
    }

    pub(crate) fn arrivals_at(&self, name: &str) -> Vec<Arrival> {
        let mut all = self.arrivals();
        all.retain(|arrival| arrival.name == name);
        all
    }

    /// Waits until a server received this many POSTs. Returns all of them.
    pub(crate) async fn wait_at(&self, name: &str, count: usize) -> Vec<Arrival> {
        eventually(&format!("{count} POSTs arrive at {name}"), || async {
            let arrivals = self.arrivals_at(name);
            (arrivals.len() >= count).then_some(arrivals)
        })
        .await
    }

    pub(crate) fn host(&self, name: &str) -> String {
        format!("{name}.localhost:{}", self.port)
    }

    /// Returns the shared inbox of a server.
    pub(crate) fn inbox(&self, name: &str) -> String {
        format!("http://{}/inbox", self.host(name))
    }

    /// Creates a follower of the publication on each of these servers.
    pub(crate) async fn follow(&self, database_url: &str, names: &[&str]) {
        let mut statements = String::new();
        for name in names {
            self.write_follower(&mut statements, name, 0, &self.inbox(name));
        }
        sql::run(database_url, &statements).await;
    }

    /// Creates many followers on one server.
    pub(crate) async fn follow_from_many(&self, database_url: &str, name: &str, count: usize) {
        let mut statements = String::new();
        for number in 0..count {
            self.write_follower(&mut statements, name, number, &self.inbox(name));
        }
        sql::run(database_url, &statements).await;
    }

    /// Creates many followers on a server without a shared inbox.
    pub(crate) async fn follow_with_own_inboxes(
        &self,
        database_url: &str,
        name: &str,
        count: usize,
    ) {
        let mut statements = String::new();
        for number in 0..count {
            let own = format!("http://{}/users/{number}/inbox", self.host(name));
            self.write_follower(&mut statements, name, number, &own);
        }
        sql::run(database_url, &statements).await;
    }

    fn write_follower(&self, statements: &mut String, name: &str, number: usize, inbox: &str) {
        let host = self.host(name);
        let actor = format!("http://{host}/users/{number}");
        writeln!(
            statements,
            "INSERT INTO destinations (inbox, host) VALUES ('{inbox}', '{host}') ON CONFLICT DO NOTHING;
             INSERT INTO remote_actors (uri, host, kind, username, handle_host, name, inbox, shared_inbox, fetched_at)
                VALUES ('{actor}', '{host}', 'Person', 'u{number}', '{host}', 'Reader', '{actor}/inbox', '{inbox}', 1);
             INSERT INTO followers (local_actor_id, actor_id, destination_id, follow_uri, created_at)
                VALUES ((SELECT id FROM local_actors WHERE kind = 'site'),
                    (SELECT id FROM remote_actors WHERE uri = '{actor}'),
                    (SELECT id FROM destinations WHERE inbox = '{inbox}'), '{actor}/follow', 1);"
        )
        .unwrap();
    }
}

async fn receive(
    State(crowd): State<Crowd>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let host = headers["host"].to_str().unwrap();
    let name = host.split('.').next().unwrap().to_owned();
    let (canned, delay) = {
        let mut shared = crowd.shared.lock().unwrap();
        let place = (name.clone(), uri.path().to_owned());
        let fixed = shared
            .fixed
            .get(&place)
            .map(|status| Canned::status(*status));
        let next = shared
            .responses
            .get_mut(&name)
            .and_then(VecDeque::pop_front);
        let canned = fixed.or(next).unwrap_or(Canned::status(202));
        shared.arrivals.push(Arrival {
            name,
            path: uri.path().to_owned(),
            headers,
            activity: serde_json::from_slice(&body).unwrap(),
            at: Instant::now(),
        });
        let delay = shared.delay + canned.delay;
        (canned, delay)
    };
    tokio::time::sleep(delay).await;
    let mut response = Response::new(Body::from(canned.body));
    *response.status_mut() = StatusCode::from_u16(canned.status).unwrap();
    for (name, value) in canned.headers {
        response
            .headers_mut()
            .append(HeaderName::try_from(name).unwrap(), value.parse().unwrap());
    }
    response
}
