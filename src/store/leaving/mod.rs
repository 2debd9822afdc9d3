//! The end of a publication, and the change of its domain.

mod closing;
mod domain;

pub use closing::{Closing, ClosingProgress};
pub use domain::DomainMove;
