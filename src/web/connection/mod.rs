//! Watches connections and closes those that make no progress.
//!
//! Streams and bodies only note times, which a watch checks, so that a request needs no timer of its own.

mod body;
mod progress;
mod stream;

pub use body::ProgressBody;
pub use progress::{Progress, Timeouts};
pub use stream::ProgressStream;
