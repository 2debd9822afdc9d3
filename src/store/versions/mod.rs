//! What articles and pages were. Triggers store a version after each change by any program.

mod articles;
mod pages;

pub use articles::ArticleVersion;
pub use pages::PageVersion;
