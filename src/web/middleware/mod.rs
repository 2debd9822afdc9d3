//! Layers around the routes.

mod adopted_address;
mod authorized_fetch;
mod canonical_path;
mod closed;
mod printable;
mod problem_pages;

pub(super) use authorized_fetch::authorize_fetch;
pub(super) use canonical_path::canonicalize_path;
pub(super) use closed::closed;
pub(super) use printable::printable;
pub(super) use problem_pages::{problem_pages, problem_pages_for_browsers};
