//! A publication's followers are taken along, and exports of other versions come back. tests/slow/exporting/ has whole
//! sites, WordPress's format and plain HTML.

mod followers;
mod versions;
