//! A publication's followers are taken along. tests/slow/exporting/ has whole sites, WordPress's format and plain HTML.

mod followers;
