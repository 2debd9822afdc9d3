//! The index of tags.

use super::locale_of;
use crate::web::{
    app::{App, own_link},
    response::{self, WebError, shared},
    views::{TagEntry, TagsPage},
};
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

/// The maximum number of tags on a page.
const PAGE: usize = 300;

/// `?after=`: the key of the last tag on the previous page.
#[derive(Debug, Deserialize)]
pub(crate) struct TagsQuery {
    after: Option<String>,
}

/// `GET /tags`.
pub(crate) async fn index(
    State(app): State<App>,
    Query(query): Query<TagsQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut tags = app.node.store.read().await?.tag_index().await?;
    if let Some(after) = &query.after {
        tags.retain(|(key, ..)| key > after);
    }
    let has_more = tags.len() > PAGE;
    tags.truncate(PAGE);
    let next = tags.last().filter(|_| has_more).map(|(key, ..)| {
        let after: String = byte_serialize(key.as_bytes()).collect();
        own_link(&format!("/tags?after={after}"))
    });
    let entries = tags.into_iter().map(|(_, name, articles)| TagEntry {
        url: own_link(&app.node.urls().tag(&name)),
        name,
        articles,
    });
    let page = TagsPage::new(
        &app.site,
        locale_of(&app).text("tags-title").into_owned(),
        own_link(&app.node.urls().at("/tags")),
        entries.collect(),
        next,
    );
    response::page(&headers, app.render(&page), None).map(shared)
}
