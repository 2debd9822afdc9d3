//! A small reverse proxy with one fault at a time.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header::HeaderName},
    response::{IntoResponse, Response},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

/// What a proxy does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Nothing,
    Drops(&'static str),
    Doubles(&'static str),
    Sets(&'static str, &'static str),
    PassesForwarded,
    SendsNoForwarded,
    LimitsBodies,
    ChangesBodies,
    BlocksPosts,
    SwallowsPosts,
    ChangesPaths,
    CachesByPath,
    StripsVary,
    /// Serves actors with an old key.
    ServesOldKey,
    Redirects,
    /// Marks every response as compressed, without compressing it.
    LiesAboutEncoding,
    SetsDate,
    ServesItself,
    BreaksWellKnown,
}

/// The running proxy.
pub(crate) struct Proxy {
    pub origin: String,
    state: Arc<Proxied>,
}

/// A response that is kept.
type Kept = (StatusCode, HeaderMap, Vec<u8>);

struct Proxied {
    upstream: String,
    authority: String,
    fault: Mutex<Fault>,
    cache: Mutex<HashMap<String, Kept>>,
    client: reqwest::Client,
}

impl Proxy {
    /// Starts a proxy before this port.
    pub(crate) async fn start(upstream: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = format!("localhost:{}", listener.local_addr().unwrap().port());
        let state = Arc::new(Proxied {
            upstream: format!("http://127.0.0.1:{upstream}"),
            authority: authority.clone(),
            fault: Mutex::new(Fault::Nothing),
            cache: Mutex::default(),
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .no_gzip()
                .no_brotli()
                .build()
                .unwrap(),
        });
        let router = Router::new().fallback(pass).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Proxy {
            origin: format!("http://{authority}"),
            state,
        }
    }

    /// Has this fault from now on, and an empty cache.
    pub(crate) fn have(&self, fault: Fault) {
        *self.state.fault.lock().unwrap() = fault;
        self.state.cache.lock().unwrap().clear();
    }
}

async fn pass(State(proxied): State<Arc<Proxied>>, request: Request) -> Response {
    let fault = *proxied.fault.lock().unwrap();
    let (head, body) = request.into_parts();
    let mut body = to_bytes(body, 4 * 1024 * 1024).await.unwrap().to_vec();
    let is_post = head.method == Method::POST;
    let mut path = head.uri.path_and_query().unwrap().to_string();
    let encoding = head.headers.get("accept-encoding");
    let key = format!("{path} {encoding:?}");
    match fault {
        Fault::LimitsBodies if body.len() > 500_000 => {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        }
        Fault::BlocksPosts if is_post => return (StatusCode::FORBIDDEN, "no").into_response(),
        Fault::SwallowsPosts if is_post => return StatusCode::ACCEPTED.into_response(),
        Fault::ChangesBodies if is_post => body.push(b'\n'),
        Fault::ChangesPaths if is_post => path.push_str("?via=proxy"),
        Fault::Redirects => {
            let location = [("location", format!("http://www.localhost{path}"))];
            return (StatusCode::MOVED_PERMANENTLY, location).into_response();
        }
        Fault::ServesItself => return "Welcome to nginx!".into_response(),
        Fault::BreaksWellKnown if path.starts_with("/.well-known/") => {
            return StatusCode::NOT_FOUND.into_response();
        }
        Fault::CachesByPath if !is_post => {
            let cached = proxied.cache.lock().unwrap().get(&key).cloned();
            if let Some((status, mut headers, bytes)) = cached {
                headers.insert("x-cache", HeaderValue::from_static("HIT"));
                return (status, headers, bytes).into_response();
            }
        }
        _ => {}
    }
    let url = format!("{}{path}", proxied.upstream);
    let headers = forwarded(&head.headers, &proxied, fault);
    let request = proxied
        .client
        .request(head.method, url)
        .headers(headers)
        .body(body);
    let Ok(response) = request.send().await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (status, mut headers) = (response.status(), response.headers().clone());
    headers.remove("transfer-encoding");
    headers.remove("content-length");
    let mut bytes = response.bytes().await.unwrap().to_vec();
    if fault == Fault::ServesOldKey
        && let Ok(text) = std::str::from_utf8(&bytes)
    {
        bytes = text
            .replace("PUBLIC KEY-----\\n", "PUBLIC KEY-----\\nAAAA")
            .into_bytes();
    }
    headers.insert("server", HeaderValue::from_static("nginx/1.22.1"));
    match fault {
        Fault::StripsVary => drop(headers.remove("vary")),
        Fault::LiesAboutEncoding => {
            drop(headers.insert("content-encoding", HeaderValue::from_static("gzip")))
        }
        Fault::SetsDate => {
            let date = HeaderValue::from_static("Wed, 01 Jan 2020 00:00:00 GMT");
            headers.insert("date", date);
        }
        Fault::CachesByPath if !is_post => {
            let entry = (status, headers.clone(), bytes.clone());
            proxied.cache.lock().unwrap().insert(key, entry);
        }
        _ => {}
    }
    (status, headers, Body::from(bytes)).into_response()
}

/// Returns the headers that reach the node.
fn forwarded(headers: &HeaderMap, proxied: &Proxied, fault: Fault) -> HeaderMap {
    let mut headers = headers.clone();
    headers.remove("content-length");
    headers.insert("host", HeaderValue::from_str(&proxied.authority).unwrap());
    match fault {
        Fault::PassesForwarded => {}
        Fault::SendsNoForwarded => drop(headers.remove("x-forwarded-for")),
        _ => drop(headers.insert("x-forwarded-for", HeaderValue::from_static("127.0.0.1"))),
    }
    match fault {
        Fault::Drops(name) => drop(headers.remove(name)),
        Fault::Doubles(name) => {
            if let Some(value) = headers.get(name).cloned() {
                headers.append(HeaderName::from_static(name), value);
            }
        }
        Fault::Sets(name, value) if headers.contains_key(name) => {
            let name = HeaderName::from_static(name);
            headers.insert(name, HeaderValue::from_static(value));
        }
        _ => {}
    }
    headers
}
