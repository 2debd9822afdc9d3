//! Feeds of the newest articles of the site, of a tag and of an author, and of the comments on an article.

mod articles;
mod atom;
mod comments;
mod entry;
mod format;
mod json;
mod model;
mod pictures;
mod rss;
mod texts;

pub(crate) use articles::{author, site, tag};
pub(crate) use comments::of_article;

use crate::web::{
    app::App,
    response::{moved_permanently, with_query},
};
use axum::{
    extract::{OriginalUri, State},
    response::Response,
};
use serde::Deserialize;

/// The maximum number of entries in a part of a feed.
const ENTRIES: i64 = 20;

/// `?before=`: the position of the last entry in the previous part.
#[derive(Debug, Deserialize)]
pub(crate) struct FeedQuery {
    before: Option<String>,
}

/// Redirects an address that programs guess to the Atom or RSS feed beside it.
pub(crate) async fn guessed(State(app): State<App>, OriginalUri(uri): OriginalUri) -> Response {
    let (folder, name) = uri.path().rsplit_once('/').unwrap_or_default();
    let feed = if name.contains("rss") {
        "feed.rss"
    } else {
        "feed.atom"
    };
    let target = with_query(&format!("{folder}/{feed}"), uri.query());
    moved_permanently(app.node.urls(), &target)
}
