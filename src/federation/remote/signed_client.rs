//! The client of `activitypub_federation`: it signs requests as the instance actor and adapts responses to the
//! library, which is strict about content types, redirects and statuses.

use super::{
    fetch::{check_contact, check_spelling},
    fetch_error::{BadStatus, middleware_error},
};
use crate::{
    crypto::signatures::sign::{Action, RequestToSign, sign_cavage},
    federation::remote::requests::{
        pacing,
        permits::{self, NoPermit},
    },
    node::{
        Node, NodeError,
        http::{IDLE, guarded_client},
    },
    protocol::{self, ACTIVITY_JSON},
};
use activitypub_federation::{
    config::{FederationConfig, UrlVerifier},
    error::Error as LibraryError,
};
use async_trait::async_trait;
use bytes::BytesMut;
use chrono::Utc;
use http::{
    Extensions, HeaderValue,
    header::{ACCEPT, CONTENT_TYPE, LOCATION},
};
use reqwest::{Request, Response, ResponseBuilderExt};
use reqwest_middleware::{ClientWithMiddleware, Middleware, Next};
use std::{borrow::Cow, time::Duration};
use url::Url;

/// Returns the configuration for `activitypub_federation`.
pub async fn federation_config(node: &Node) -> Result<FederationConfig<Node>, NodeError> {
    let client = signed_client(node)?;
    FederationConfig::builder()
        .domain(node.config.authority())
        .app_data(node.clone())
        .client(client)
        .http_fetch_limit(node.config.federation.fetch_limit)
        .request_timeout(Duration::from_secs(
            node.config.federation.fetch_timeout.max(1),
        ))
        .debug(node.config.development)
        .allow_http_urls(node.config.development)
        .url_verifier(Box::new(Spelling {
            development: node.config.development,
        }))
        .build()
        .await
        .map_err(|error| NodeError::Client(error.to_string()))
}

/// Returns the client that signs fetches as the instance actor.
fn signed_client(node: &Node) -> Result<ClientWithMiddleware, NodeError> {
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
        // Each redirect that the library follows passes through here as a request of its own.
        check_contact(request.url(), &self.node)
            .await
            .map_err(middleware_error)?;
        let url = request.url().clone();
        let mut turn = pacing::wait_for_turn(&url, &self.node)
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
            &RequestToSign {
                url: &url,
                now: Utc::now(),
                action: Action::Get { accept: &accept },
            },
        )
        .map_err(middleware_error)?;
        request.headers_mut().extend(signed);
        // Held until the response is read.
        let _room = match permits::acquire(&url, &self.node).await {
            Ok(room) => room,
            Err(NoPermit::Busy(exceeded)) => return Err(middleware_error(exceeded)),
            Err(NoPermit::Store(error)) => return Err(middleware_error(error)),
        };
        let outcome = next.run(request, extensions).await;
        match &outcome {
            Ok(response) => turn.answered(response.status(), response.headers()),
            Err(_) => turn.failed(),
        }
        let mut response = outcome?;
        mend(&url, &mut response)?;
        if response.status().is_success() {
            in_unicode(url, response)
                .await
                .inspect_err(|_| turn.failed())
        } else {
            Ok(response)
        }
    }
}

/// The maximum size of a document in bytes; the library refuses larger ones.
const MAX_DOCUMENT: usize = 1024 * 1024;

/// Repairs invalid Unicode in a response, which the library would refuse.
async fn in_unicode(url: Url, mut response: Response) -> reqwest_middleware::Result<Response> {
    let mut document = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        document.extend_from_slice(&chunk);
        if document.len() > MAX_DOCUMENT {
            break;
        }
    }
    let body = match protocol::repair_unicode(&document) {
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
    // The library follows a Location header with any status.
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

/// Returns whether a content type is one of the two of ActivityPub 3.2, in any spelling of its parameters.
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
    /// Whether the current fetch accepts any JSON. The library can't pass this to its client.
    pub(super) static ANY_JSON: bool;
}

/// Refuses URLs for their spelling. The client checks everything else, but never sees
/// a username in a URL, which has become a header by then.
#[derive(Clone)]
struct Spelling {
    development: bool,
}

#[async_trait]
impl UrlVerifier for Spelling {
    async fn verify(&self, url: &Url) -> Result<(), LibraryError> {
        check_spelling(url, self.development)
            .map_err(|error| LibraryError::ReqwestMiddleware(middleware_error(error)))
    }
}
