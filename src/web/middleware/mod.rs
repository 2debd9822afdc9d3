//! Layers around the routes.

mod authorized_fetch;
mod canonical_path;
mod printable;
mod problem_pages;

pub use authorized_fetch::authorize_fetch;
pub use canonical_path::canonicalize_path;
pub use printable::printable;
pub use problem_pages::problem_pages;
