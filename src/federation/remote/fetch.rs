//! The only door to other servers: a guarded HTTP client, and fetches signed by the instance actor.
//!
//! [`client`] is given to `activitypub_federation`, whose fetches it signs and whose strictness it
//! mends: other content types of the same meaning, relative redirects, statuses.

use super::{
    fetch_permits::{self, NoRoom},
    requests,
};
use crate::{
    config::Config,
    crypto::signatures::sign::{Action, Outgoing, sign_cavage},
    http_client::guard::{Forbidden, GuardedResolver, check_url},
    node::{Node, NodeError},
    protocol::{self, ACTIVITY_JSON, canonical_id},
    quota::Exceeded,
};
use activitypub_federation::{
    config::Data, error::Error as LibraryError, fetch::fetch_object_http,
};
use async_trait::async_trait;
use bytes::BytesMut;
use chrono::Utc;
use http::{
    Extensions, HeaderValue,
    header::{ACCEPT, CONTENT_TYPE, LOCATION},
};
use reqwest::{Request, Response, ResponseBuilderExt, redirect::Policy};
use reqwest_middleware::{ClientWithMiddleware, Middleware, Next};
use serde_json::Value;
use std::{borrow::Cow, sync::Arc, time::Duration};
use url::Url;

/// Why a fetch failed, as far as anyone decides on it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// The server says that there was something, once (410).
    #[error("{0} is gone")]
    Gone(String),
    /// The server says that there is nothing (404).
    #[error("{0} is not there")]
    Missing(String),
    /// The server refused, or the response is no document at all. An intermediary may have answered (a proxy, a page
    /// that waits for people), so a later attempt may succeed.
    #[error("{url} was refused: {reason}")]
    Refused { url: String, reason: String },
    /// The response is not what was requested, or the URL is never requested: another attempt would fail the same
    /// way.
    #[error("{url} can't be used: {reason}")]
    Unusable { url: String, reason: String },
    /// The server did not answer, or not now.
    #[error("{url} is out of reach: {reason}")]
    Unreachable { url: String, reason: String },
    /// The request was not made, since this node makes enough of them at the moment.
    #[error("{url} is not asked now: {reason}")]
    Busy { url: String, reason: String },
}

/// How long connections of fetches are kept: what comes in names any number of servers.
pub const IDLE: Duration = Duration::from_secs(10);

/// An HTTP client that connects to public addresses alone, follows no redirect, and gives up in time; it
/// keeps connections open for `idle`.
///
/// # Errors
/// If the extra certificate authorities can't be read.
pub fn guarded_client(
    config: &Config,
    timeout: Duration,
    idle: Duration,
) -> Result<reqwest::Client, NodeError> {
    let mut builder = reqwest::Client::builder()
        .redirect(Policy::none())
        .timeout(timeout)
        .connect_timeout(timeout.min(Duration::from_secs(10)))
        .pool_idle_timeout(idle)
        .pool_max_idle_per_host(2)
        .user_agent(user_agent(config))
        .no_proxy()
        .dns_resolver(Arc::new(GuardedResolver::new(config.development)));
    if let Some(path) = &config.extra_roots {
        let pem = std::fs::read(path)
            .map_err(|error| NodeError::Roots(path.display().to_string(), error.to_string()))?;
        let roots = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|error| NodeError::Roots(path.display().to_string(), error.to_string()))?;
        builder = builder.tls_certs_merge(roots);
    }
    builder
        .build()
        .map_err(|error| NodeError::Client(error.to_string()))
}

/// Software, version and site: some servers refuse requests that don't say them.
fn user_agent(config: &Config) -> String {
    format!(
        "Pamphlet/{} (+{})",
        env!("CARGO_PKG_VERSION"),
        config.public_url
    )
}

/// The client for fetches, which signs them as the instance actor.
pub fn client(node: &Node) -> Result<ClientWithMiddleware, NodeError> {
    let timeout = Duration::from_secs(node.config.federation.fetch_timeout.max(1));
    let signing = SignedFetches { node: node.clone() };
    Ok(
        reqwest_middleware::ClientBuilder::new(guarded_client(&node.config, timeout, IDLE)?)
            .with(signing)
            .build(),
    )
}

struct SignedFetches {
    node: Node,
}

#[async_trait]
impl Middleware for SignedFetches {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        // Each redirect that the library follows is a request of its own, and comes through here too.
        check_contact(request.url(), &self.node)
            .await
            .map_err(middleware_error)?;
        let url = request.url().clone();
        let mut turn = requests::begin(&url, &self.node)
            .await
            .map_err(middleware_error)?;
        if !request.headers().contains_key(ACCEPT) {
            request
                .headers_mut()
                .insert(ACCEPT, HeaderValue::from_static(ACTIVITY_JSON));
        }
        let accept = request.headers()[ACCEPT]
            .to_str()
            .unwrap_or(ACTIVITY_JSON)
            .to_owned();
        let signer = self.node.instance().await.map_err(middleware_error)?;
        let signed = sign_cavage(
            &signer.rsa,
            &signer.key_id(),
            &Outgoing {
                url: &url,
                now: Utc::now(),
                action: Action::Get { accept: &accept },
            },
        )
        .map_err(middleware_error)?;
        request.headers_mut().extend(signed);
        // Held until the response was read.
        let _room = match fetch_permits::enter(&url, &self.node).await {
            Ok(room) => room,
            Err(NoRoom::Busy(exceeded)) => return Err(middleware_error(exceeded)),
            Err(NoRoom::Store(error)) => return Err(middleware_error(error)),
        };
        let outcome = next.run(request, extensions).await;
        match &outcome {
            Ok(response) => turn.answered(response.status(), response.headers()),
            Err(_) => turn.failed(),
        }
        let mut response = outcome?;
        mend(&url, &mut response)?;
        match response.status().is_success() {
            true => in_unicode(url, response)
                .await
                .inspect_err(|_| turn.failed()),
            false => Ok(response),
        }
    }
}

/// The maximum size of a document in bytes; the library refuses larger ones.
const MAX_DOCUMENT: usize = 1024 * 1024;

/// Repairs a response for the library, which reads nothing but valid Unicode.
async fn in_unicode(url: Url, mut response: Response) -> reqwest_middleware::Result<Response> {
    let mut document = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        document.extend_from_slice(&chunk);
        if document.len() > MAX_DOCUMENT {
            break;
        }
    }
    let body = match protocol::repair(&document) {
        Cow::Borrowed(_) => document.freeze(),
        Cow::Owned(repaired) => repaired.into(),
    };
    let mut mended = http::Response::builder()
        .status(response.status())
        .version(response.version())
        .url(url)
        .body(body)
        .map_err(middleware_error)?;
    *mended.headers_mut() = std::mem::take(response.headers_mut());
    Ok(mended.into())
}

/// A status that is neither success, nor a redirect, nor 410, which the library knows.
#[derive(Debug, thiserror::Error)]
#[error("it answered {0}")]
pub(crate) struct BadStatus(pub u16);

pub(crate) fn middleware_error(
    error: impl std::error::Error + Send + Sync + 'static,
) -> reqwest_middleware::Error {
    reqwest_middleware::Error::Middleware(anyhow::Error::new(error))
}

fn mend(url: &Url, response: &mut Response) -> reqwest_middleware::Result<()> {
    let status = response.status();
    if status.is_redirection() {
        let absolute = response
            .headers()
            .get(LOCATION)
            .and_then(|location| {
                url.join(std::str::from_utf8(location.as_bytes()).ok()?)
                    .ok()
            })
            .and_then(|location| HeaderValue::from_str(location.as_str()).ok());
        return match absolute {
            Some(location) => {
                response.headers_mut().insert(LOCATION, location);
                Ok(())
            }
            None => Err(middleware_error(BadStatus(status.as_u16()))),
        };
    }
    // The library follows a Location whatever the status says.
    response.headers_mut().remove(LOCATION);
    if !status.is_success() && status.as_u16() != 410 {
        return Err(middleware_error(BadStatus(status.as_u16())));
    }
    let takes_any_json = ANY_JSON.try_with(|it| *it).unwrap_or(false);
    let fits = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
        .is_some_and(|kind| is_activity_json(kind) || (takes_any_json && is_json(kind)));
    if fits {
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(ACTIVITY_JSON));
    }
    Ok(())
}

/// Whether a content type is one of the two of ActivityPub 3.2, however its parameters are written.
pub fn is_activity_json(content_type: &str) -> bool {
    let mut parts = content_type
        .split(';')
        .map(|part| part.trim().to_ascii_lowercase());
    match parts.next().as_deref() {
        Some(ACTIVITY_JSON) => true,
        Some("application/ld+json") => parts.any(|part| {
            part.replace([' ', '"'], "") == "profile=https://www.w3.org/ns/activitystreams"
        }),
        _ => false,
    }
}

/// Returns whether a content type is generic JSON.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    ["application/json", "application/ld+json"]
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
}

tokio::task_local! {
    /// Whether the current fetch accepts any JSON. The library has no way to tell its client.
    static ANY_JSON: bool;
}

/// Fetches a collection, or a page of one. Only the addresses of its items are believed, so it may also be
/// `application/json` (WordPress). Any other document of that type may be a file that a user uploaded.
///
/// # Errors
/// As [`document`].
pub async fn collection(url: &str, data: &Data<Node>) -> Result<Value, FetchError> {
    ANY_JSON.scope(true, document(url, data)).await
}

/// Fetches the document at a URL; its `id` is where it was found.
///
/// # Errors
/// See [`FetchError`]; also when this activity's budget of requests is used up.
pub async fn document(url: &str, data: &Data<Node>) -> Result<Value, FetchError> {
    let unusable = |reason: &str| FetchError::Unusable {
        url: shown(url),
        reason: reason.to_owned(),
    };
    let mut address = Url::parse(url).map_err(|_| unusable("it is not a URL"))?;
    // The library would fetch in circles: a document's id never has the fragment of a part of it.
    address.set_fragment(None);
    if data.urls().is_ours(address.as_str()) {
        return Err(unusable("it is on this node"));
    }
    match fetch_from(&address, data).await {
        // Some servers do not recognize another spelling of their own id.
        Err(FetchError::Missing(missing)) => match canonical_id(address.as_str()) {
            Cow::Owned(canonical) => match Url::parse(&canonical) {
                Ok(address) => fetch_from(&address, data).await,
                Err(_) => Err(FetchError::Missing(missing)),
            },
            Cow::Borrowed(_) => Err(FetchError::Missing(missing)),
        },
        other => other,
    }
}

async fn fetch_from(address: &Url, data: &Data<Node>) -> Result<Value, FetchError> {
    match fetch_object_http::<Node, Value>(address, data).await {
        Ok(fetched) => Ok(fetched.object),
        Err(error) => Err(classify(address.as_str(), &error)),
    }
}

/// Checks what can be seen of a URL itself.
///
/// # Errors
/// If it may not be asked.
pub(crate) fn check_spelling(url: &Url, development: bool) -> Result<(), FetchError> {
    check_url(url, development).map_err(|error| FetchError::Unusable {
        url: shown(url.as_str()),
        reason: error.to_string(),
    })
}

/// Whether an address may be asked at all: neither forbidden, nor ours, nor of a blocked host.
///
/// Every request to another server asks this, and every redirect of one. Where its name leads is checked in the
/// client's resolver (`guard::check_address`), at the connection.
///
/// # Errors
/// If it may not be asked, or the database can't say so.
pub(crate) async fn check_contact(url: &Url, node: &Node) -> Result<(), FetchError> {
    let unusable = |reason: &str| FetchError::Unusable {
        url: shown(url.as_str()),
        reason: reason.to_owned(),
    };
    check_spelling(url, node.config.development)?;
    if node.urls().is_ours(url.as_str()) {
        return Err(unusable("it is on this node"));
    }
    let host = crate::node::urls::host_of(url).unwrap_or_default();
    let blocked = match node.store.read().await {
        Ok(mut conn) => node.shuts_out(&mut conn, url.as_str(), &host).await,
        Err(error) => Err(error),
    };
    match blocked {
        Ok(false) => Ok(()),
        Ok(true) => Err(unusable("its host is blocked")),
        Err(error) => Err(FetchError::Unreachable {
            url: shown(url.as_str()),
            reason: error.to_string(),
        }),
    }
}

/// Says of the library's error whether it passes by itself. Its own text may carry a remote body and isn't kept.
pub fn classify(url: &str, error: &LibraryError) -> FetchError {
    let url = shown(url);
    let unusable = |reason: String| FetchError::Unusable {
        url: url.clone(),
        reason,
    };
    let refused = |reason: &str| FetchError::Refused {
        url: url.clone(),
        reason: reason.to_owned(),
    };
    let unreachable = |reason: &str| FetchError::Unreachable {
        url: url.clone(),
        reason: reason.to_owned(),
    };
    match error {
        LibraryError::ObjectDeleted(_) => FetchError::Gone(url),
        LibraryError::ReqwestMiddleware(reqwest_middleware::Error::Middleware(inner)) => {
            if let Some(exceeded) = inner.downcast_ref::<Exceeded>() {
                return FetchError::Busy {
                    url,
                    reason: exceeded.to_string(),
                };
            }
            match (
                inner.downcast_ref::<BadStatus>(),
                inner.downcast_ref::<FetchError>(),
            ) {
                (Some(BadStatus(status)), _) => match status {
                    404 => FetchError::Missing(url),
                    // 421: a new connection may lead to the right server (RFC 9110 15.5.20).
                    408 | 421 | 425 | 429 | 500.. => unreachable(&format!("it answered {status}")),
                    _ => refused(&format!("it answered {status}")),
                },
                (_, Some(decided)) => decided.clone(),
                // A fault of our own, for example a database that could not provide the signing key.
                _ => unreachable("the request could not be made"),
            }
        }
        LibraryError::ReqwestMiddleware(reqwest_middleware::Error::Reqwest(inner))
        | LibraryError::Reqwest(inner) => match forbidden_below(inner) {
            Some(forbidden) => unusable(forbidden.to_string()),
            None if inner.is_timeout() => unreachable("it took too long"),
            None if inner.is_decode() => refused("its encoding is broken"),
            None => unreachable(&cause(inner)),
        },
        LibraryError::NotFound => unusable("it leads to this node".into()),
        LibraryError::ResponseBodyLimit => unusable("the answer is too large".into()),
        LibraryError::RequestLimit => refused("too many requests for one activity"),
        LibraryError::FetchInvalidContentType(_) => refused("the answer is not ActivityPub JSON"),
        LibraryError::FetchWrongId(_) => unusable("the answer has another id".into()),
        LibraryError::ParseFetchedObject(..) => refused("the answer is not acceptable JSON"),
        LibraryError::UrlVerificationError(reason) => unusable((*reason).to_owned()),
        LibraryError::DomainResolveError(_) | LibraryError::ResolveInternalIpError(..) => {
            unusable("its name leads to no public address".into())
        }
        LibraryError::IoError(_) => unreachable("its name could not be resolved"),
        _ => refused("it could not be read"),
    }
}

/// The guard's refusal, if that is what is at the bottom of a client's error.
pub fn forbidden_below(error: &reqwest::Error) -> Option<&Forbidden> {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(forbidden) = error.downcast_ref::<Forbidden>() {
            return Some(forbidden);
        }
        source = error.source();
    }
    None
}

/// Remote text for a log line or message: one line, cut.
pub fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Checks an address that will be delivered to.
///
/// # Errors
/// The reason for which it is never connected to.
pub fn check_inbox(url: &str, development: bool) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|_| "the inbox is not a URL".to_owned())?;
    check_url(&url, development).map_err(|error| error.to_string())?;
    Ok(url)
}

/// The innermost reason of a failed connection, in one line.
pub fn cause(error: &reqwest::Error) -> String {
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        reason = inner.to_string();
        source = inner.source();
    }
    shown(&reason)
}
