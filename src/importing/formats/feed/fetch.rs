//! Fetches a feed.

use super::{MAX_BYTES, parse, too_large};
use crate::{
    http_client::guard::check_url,
    importing::{ImportError, Source},
    node::{
        Node,
        http::{IDLE, guarded_client, reason_of},
    },
};
use reqwest::header::{ACCEPT, LOCATION};
use std::time::Duration;
use url::Url;

const TIMEOUT: Duration = Duration::from_secs(30);
const MOST_REDIRECTS: usize = 5;

/// Fetches a feed with the guarded client.
///
/// # Errors
/// If the address is forbidden, its server does not respond, or it is no feed.
pub(crate) async fn fetch(node: &Node, address: &Url) -> Result<Source, ImportError> {
    let client = guarded_client(&node.config, TIMEOUT, IDLE)?;
    let failed = |url: &Url, reason: String| {
        ImportError::mistake(format!("the feed {url} can't be fetched: {reason}"))
    };
    let mut url = address.clone();
    for _ in 0..=MOST_REDIRECTS {
        if !node.config.development {
            // Nothing is fetched without TLS.
            let _ = url.set_scheme("https");
        }
        check_url(&url, node.config.development)
            .map_err(|error| failed(&url, error.to_string()))?;
        let accepted = "application/atom+xml, application/rss+xml, application/feed+json, application/json;q=0.9, */*;q=0.1";
        let sent = client
            .get(url.clone())
            .header(ACCEPT, accepted)
            .send()
            .await;
        let mut response = sent.map_err(|error| failed(&url, reason_of(&error)))?;
        let status = response.status();
        if status.is_redirection() {
            let target = response.headers().get(LOCATION);
            let target = target.and_then(|target| target.to_str().ok());
            let target = target.and_then(|target| url.join(target).ok());
            url =
                target.ok_or_else(|| failed(&url, "its server redirects to nowhere".to_owned()))?;
            continue;
        }
        if !status.is_success() {
            return Err(failed(&url, format!("its server responds {status}")));
        }
        let mut bytes = Vec::new();
        loop {
            let part = response.chunk().await;
            let part = part.map_err(|error| failed(&url, reason_of(&error)))?;
            let Some(part) = part else { break };
            bytes.extend_from_slice(&part);
            if bytes.len() as u64 > MAX_BYTES {
                return Err(too_large(url.as_str()));
            }
        }
        return parse(&bytes, address.as_str(), Some(&url));
    }
    Err(failed(address, "its server redirects too often".to_owned()))
}
