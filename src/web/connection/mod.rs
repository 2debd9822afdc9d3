//! Watches connections and closes those that make no progress.
//!
//! Streams and bodies only note times, which a watch checks, so that a request needs no timer of its own.

mod body;
mod progress;
mod stream;

pub(super) use body::ProgressBody;
pub(super) use progress::{Progress, Timeouts};
pub(super) use stream::ProgressStream;
