//! Exit codes: 0 for success, 1 for a failure, 2 for a usage error. A signal can end work before it is done.

use anyhow::{Result, bail};
use tokio::signal::unix::{SignalKind, signal};

/// The exit code of a usage error, which clap uses too.
pub(crate) const USAGE: u8 = 2;

/// A mistake in the command line, or a decision that only the admin can make: `--yes`, `--tell` or `--silent` is
/// missing. The program exits with [`USAGE`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(String);

impl UsageError {
    /// Returns an error with this message, which says what to do.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        UsageError(message.into())
    }

    /// Returns whether an error, or one of its causes, is a usage error.
    pub(crate) fn is_in(error: &anyhow::Error) -> bool {
        error.is::<UsageError>() || error.chain().any(|cause| cause.is::<UsageError>())
    }
}

/// Does work until it ends, or the program is interrupted. Then the work is dropped, which removes its temporary files:
/// they may have private keys. `outcome` says what is left, such as "nothing was written".
///
/// # Errors
/// The error of the work, or that it was interrupted.
pub(crate) async fn until_interrupted<T>(
    outcome: &str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    tokio::select! {
        // A signal that comes before it is waited for ends the program at once, and temporary files stay.
        biased;
        () = interruption() => bail!("interrupted, and {outcome}"),
        done = work => done,
    }
}

/// Waits until the program gets SIGINT or SIGTERM. Once this was called, these no longer end it.
pub(crate) async fn interruption() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{Context, anyhow};

    #[test]
    fn a_usage_error_is_found_below_its_context() {
        let usage: anyhow::Error = UsageError::new("add --yes").into();
        assert!(UsageError::is_in(&usage));
        let with_context = Err::<(), _>(usage).context("a.md").context("notes");
        assert!(UsageError::is_in(&with_context.unwrap_err()));
        assert!(!UsageError::is_in(&anyhow!("add --yes")));
    }
}
