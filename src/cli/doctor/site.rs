//! The site that is examined, and requests to its public URL.

use super::mends::{Fault, FrontEnd};
use crate::{
    config::Config,
    federation::remote::fetch_error::{cause, shown},
    http_client::guard::GuardedResolver,
    node::Node,
};
use http::{HeaderMap, StatusCode, Version, header::ACCEPT};
use reqwest::{Method, redirect::Policy};
use std::{sync::Arc, time::Duration};

/// The time for one request.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest response that is read, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// The site: its configuration, its node unless the database can't be opened, and how its public URL responds.
pub(super) struct Site {
    pub(super) config: Config,
    pub(super) node: Option<Node>,
    /// The client that speaks HTTP/2 if the site does. Neither this nor the next accepts compressed responses.
    pub(super) client: reqwest::Client,
    pub(super) http1: reqwest::Client,
    /// The client that accepts compressed responses.
    pub(super) decoding: reqwest::Client,
    /// The response of the public URL's `/healthz`, or the reason for which there is none. `None` if the network is not
    /// used.
    pub(super) health: Option<Result<Reply, String>>,
}

/// A response.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) version: Version,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }

    pub(super) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Returns status and content type, for a message.
    pub(super) fn described(&self) -> String {
        let kind = match self.header("content-type") {
            "" => "no content type",
            kind => kind,
        };
        shown(&format!("{} and {kind}", self.status.as_u16()))
    }
}

impl Site {
    /// Prepares the clients. Certificates are not verified here, so that one fault hides no other: `tls.rs` verifies them.
    pub(super) fn new(config: Config, node: Option<Node>) -> anyhow::Result<Site> {
        let builder = || {
            reqwest::Client::builder()
                .redirect(Policy::none())
                .timeout(TIMEOUT)
                .connect_timeout(TIMEOUT / 2)
                .user_agent(concat!("Pamphlet/", env!("CARGO_PKG_VERSION"), " (doctor)"))
                .no_proxy()
                .tls_danger_accept_invalid_certs(true)
                .tls_danger_accept_invalid_hostnames(true)
                // The site may be on this machine or in its network.
                .dns_resolver(Arc::new(GuardedResolver::new(true)))
        };
        Ok(Site {
            client: builder().no_gzip().no_brotli().build()?,
            decoding: builder().build()?,
            http1: builder().http1_only().no_gzip().no_brotli().build()?,
            config,
            node,
            health: None,
        })
    }

    pub(super) fn host(&self) -> &str {
        self.config.public_url.host_str().unwrap_or_default()
    }

    pub(super) fn port(&self) -> u16 {
        self.config
            .public_url
            .port_or_known_default()
            .unwrap_or(443)
    }

    pub(super) fn is_https(&self) -> bool {
        self.config.public_url.scheme() == "https"
    }

    /// Returns whether handles have another domain than the public URL.
    pub(super) fn has_own_domain(&self) -> bool {
        self.config.domain != self.config.authority()
    }

    /// Returns whether a proxy is before the node, as far as the configuration says.
    pub(super) fn has_proxy(&self) -> bool {
        let serves_tls = self.config.tls.is_used();
        (self.is_https() && !serves_tls) || self.port() != self.config.listen.port()
    }

    /// Returns the node, and whether the public URL leads to one.
    pub(super) fn health(&self) -> Result<&Reply, String> {
        match &self.health {
            None => Err("--offline".into()),
            Some(Err(_)) => Err("the public URL does not respond".into()),
            Some(Ok(reply)) if is_pamphlet(reply) => Ok(reply),
            Some(Ok(_)) => Err("the public URL does not lead to this node".into()),
        }
    }

    pub(super) fn front_end(&self) -> FrontEnd {
        match &self.health {
            Some(Ok(reply)) => FrontEnd::named(&format!(
                "{} {}",
                reply.header("server"),
                reply.header("via")
            )),
            _ => FrontEnd::Unknown,
        }
    }

    /// Returns the lines that mend a fault of the front end.
    pub(super) fn mend(&self, fault: Fault) -> String {
        self.front_end().mend(fault).replace("HOST", self.host())
    }

    /// Returns the response to a GET without redirects, or why there is none.
    pub(super) async fn get(&self, url: &str, accept: &str) -> Result<Reply, String> {
        self.request(&self.client, Method::GET, url, &[(ACCEPT.as_str(), accept)])
            .await
    }

    pub(super) async fn request(
        &self,
        client: &reqwest::Client,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Result<Reply, String> {
        let mut request = client.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Result<Reply, String> {
        let mut response = request.send().await.map_err(|error| {
            if error.is_timeout() {
                "it took too long".to_owned()
            } else {
                cause(&error)
            }
        })?;
        let (status, version) = (response.status(), response.version());
        let headers = response.headers().clone();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| cause(&error))? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err("the response is larger than 1 MiB".into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply {
            status,
            version,
            headers,
            body,
        })
    }
}

/// Returns whether this is the health of a Pamphlet node.
pub(super) fn is_pamphlet(reply: &Reply) -> bool {
    reply
        .json()
        .is_some_and(|json| json["status"] == "ok" && json["version"].is_string())
}
