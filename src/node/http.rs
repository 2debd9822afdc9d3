//! The guarded HTTP client, set up from the configuration.

use super::error::NodeError;
use crate::{
    config::Config,
    http_client::{self, ClientOptions},
};
use std::time::Duration;

/// How long an unused connection stays open. It is short because incoming activities name any number of servers.
pub const IDLE: Duration = Duration::from_secs(10);

/// Returns a client that connects only to public addresses, and keeps connections open for `idle`.
///
/// # Errors
/// If the extra certificate authorities can't be read.
pub fn guarded_client(
    config: &Config,
    timeout: Duration,
    idle: Duration,
) -> Result<reqwest::Client, NodeError> {
    Ok(http_client::guarded_client(ClientOptions {
        user_agent: user_agent(config),
        timeout,
        idle,
        extra_roots: config.extra_roots.as_deref(),
        development: config.development,
    })?)
}

/// Returns the reason why a request failed, for people: its innermost cause, such as "Connection refused".
pub(crate) fn reason_of(error: &reqwest::Error) -> String {
    let mut source = std::error::Error::source(error);
    let mut last = None;
    while let Some(inner) = source {
        last = Some(inner.to_string());
        source = inner.source();
    }
    last.unwrap_or_else(|| "its server does not respond".to_owned())
}

/// Returns software, version and site: some servers refuse requests without them.
fn user_agent(config: &Config) -> String {
    format!(
        "Pamphlet/{} (+{})",
        env!("CARGO_PKG_VERSION"),
        config.public_url
    )
}
