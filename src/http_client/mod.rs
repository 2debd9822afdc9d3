//! The guarded HTTP client, which connects only to public addresses.

pub(crate) mod guard;

use guard::GuardedResolver;
use reqwest::redirect::Policy;
use std::{path::Path, sync::Arc, time::Duration};

/// The reason for which a client can't be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the certificate authorities in {0} can't be read: {1}")]
    Roots(String, String),
    #[error("the HTTP client can't be made: {0}")]
    Client(String),
}

/// The options of a guarded client.
#[derive(Debug)]
pub(crate) struct ClientOptions<'a> {
    pub user_agent: String,
    /// The time for a whole request.
    pub timeout: Duration,
    /// How long an unused connection stays open.
    pub idle: Duration,
    /// Certificate authorities to trust beside the system's, as PEM.
    pub extra_roots: Option<&'a Path>,
    /// Whether addresses of this machine are allowed, for trials on one machine.
    pub development: bool,
}

/// Returns an HTTP client that connects only to public addresses, follows no redirect, and gives up in time.
///
/// # Errors
/// If the extra certificate authorities can't be read.
pub(crate) fn guarded_client(options: ClientOptions<'_>) -> Result<reqwest::Client, ClientError> {
    let timeout = options.timeout;
    let mut builder = reqwest::Client::builder()
        .redirect(Policy::none())
        .timeout(timeout)
        .connect_timeout(timeout.min(Duration::from_secs(10)))
        .pool_idle_timeout(options.idle)
        .pool_max_idle_per_host(2)
        .user_agent(options.user_agent)
        .no_proxy()
        .dns_resolver(Arc::new(GuardedResolver::new(options.development)));
    if let Some(path) = options.extra_roots {
        let unreadable = |error: String| ClientError::Roots(path.display().to_string(), error);
        let pem = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
        let roots = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|error| unreadable(error.to_string()))?;
        builder = builder.tls_certs_merge(roots);
    }
    builder
        .build()
        .map_err(|error| ClientError::Client(error.to_string()))
}
