//! The log of a running node.

use crate::config::{Config, LogFormat};
use anyhow::Result;
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, filter::Directive};

/// The variable that has the filter of the log.
const FILTER: &str = "RUST_LOG";

/// An error that has already been logged.
#[derive(Debug, thiserror::Error)]
#[error("see the log")]
pub(crate) struct Logged;

/// Starts the log on stderr, in the configured format.
pub(super) fn start(config: &Config) {
    let filter = std::env::var(FILTER).unwrap_or_else(|_| config.log.filter.clone());
    start_with(&filter, config.log.format);
    if config.log.format == LogFormat::Json {
        std::panic::set_hook(Box::new(
            |panic| tracing::error!(%panic, "a thread panicked"),
        ));
    }
}

/// Starts the log of a command that has none by itself, if the environment names a filter.
pub(crate) fn log_if_asked() {
    if let Ok(filter) = std::env::var(FILTER) {
        start_with(&filter, LogFormat::Text);
    }
}

fn start_with(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(filter)
        .unwrap_or_else(|_| EnvFilter::new("info"))
        // The library logs every fetch with remote text; the node's own lines suffice.
        .add_directive(directive("activitypub_federation=warn"))
        // At every start, PostgreSQL reports that the migrations' table exists.
        .add_directive(directive("sqlx=warn"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        // Reporting its own errors on a closed stderr would panic.
        .log_internal_errors(false);
    // A second start in one process (in tests) keeps the first log.
    let _ = match format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}

/// Logs the final error of a command in a JSON log, whose readers expect nothing but JSON on stderr.
///
/// # Errors
/// The given error, or [`Logged`] in its place.
pub(super) fn log_failure(format: LogFormat, ended: Result<()>) -> Result<()> {
    match (format, ended) {
        (LogFormat::Json, Err(error)) => {
            tracing::error!(error = format!("{error:#}"), "the node failed");
            Err(Logged.into())
        }
        (_, ended) => ended,
    }
}

fn directive(text: &str) -> Directive {
    text.parse().expect("a constant directive is valid")
}
