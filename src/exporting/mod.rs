//! Takes a publication along: in our own format, for WordPress, as plain HTML, and its followers as a table.
//!
//! Nothing here prints, and nothing changes the publication.

mod blocking;
mod error;
pub(crate) mod followers;
mod new_file;
pub(crate) mod site;
pub(crate) mod static_site;
pub(crate) mod wordpress;

pub(crate) use error::ExportError;
use new_file::refuse_dash;
pub(crate) use new_file::{NewFile, Overwrite};
