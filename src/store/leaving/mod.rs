//! The end of a publication.

mod closing;

pub use closing::{Closing, ClosingProgress};
