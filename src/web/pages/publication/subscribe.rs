//! The page with all ways to get new articles.

use super::locale_of;
use crate::web::{
    app::{App, own_link},
    pages::{lists::moved_link, remote_interaction::allow_redirects},
    response::{self, WebError, shared},
    views::{FeedFormat, SubscribePage},
};
use axum::{extract::State, http::HeaderMap, response::Response};

/// The feeds: name, content type and path.
const FEEDS: [(&str, &str, &str); 3] = [
    ("Atom", "application/atom+xml", "/feed.atom"),
    ("RSS", "application/rss+xml", "/feed.rss"),
    ("JSON Feed", "application/feed+json", "/feed.json"),
];

/// `GET /subscribe`.
pub(crate) async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, WebError> {
    let actor = app.node.site().await?;
    let moved = moved_link(&app, actor.row.moved_to.as_deref()).await?;
    let feeds = FEEDS.map(|(label, content_type, path)| FeedFormat {
        label,
        content_type,
        url: own_link(&app.node.urls().at(path)),
    });
    let page = SubscribePage::new(
        &app.site,
        locale_of(&app).text("subscribe-title").into_owned(),
        own_link(&app.node.urls().at("/subscribe")),
        own_link(&actor.uri),
        feeds.into(),
        moved,
    );
    let mut response = response::page(&headers, app.render(&page), None)?;
    // The form leads to the reader's own server.
    allow_redirects(&app, response.headers_mut());
    Ok(shared(response))
}
