//! A publication is taken along: for WordPress, and its followers. tests/slow/exporting/ has whole sites and plain HTML.

mod followers;
mod wordpress;
