//! What an actor shows of itself beside its posts: whom it follows, pinned articles, its tags.

use super::{
    actors, answer,
    app::App,
    collections::{self, PAGE, Page, PageQuery, Part},
    problem::WebError,
};
use crate::{
    federation::objects::{documents, features, mentions},
    store::ActorKind,
};
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use serde_json::{Value, json};

/// Tags that are shown.
const TAGS: usize = 20;

/// `GET /users/{name}/following`: those who granted it.
pub async fn following(
    State(app): State<App>,
    Path(username): Path<String>,
    Query(query): Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = actors::find(&app, &username).await?;
    let id = format!("{}/following", local.uri);
    let mut conn = app.node.store.read().await?;
    let part = query.part()?;
    let before = match part {
        Part::Whole => {
            let total = conn.count_following(local.row.id).await?;
            return Ok(collections::whole(&headers, &id, total, true));
        }
        Part::First => i64::MAX,
        Part::From(number) => number,
    };
    let mut rows = conn.following(local.row.id, true, before, PAGE + 1).await?;
    let prev = match part {
        Part::From(_) => Some(
            conn.following_page_before(local.row.id, before, PAGE)
                .await?,
        ),
        _ => None,
    };
    let page = Page {
        next: collections::cut(&mut rows, |row| row.id),
        prev,
        items: rows.iter().map(|row| json!(row.uri)).collect(),
    };
    Ok(collections::page(&headers, &id, &part, page))
}

/// `GET /users/{name}/featured`: the ids of the articles at the top of the profile (Mastodon's `featured`).
pub async fn featured(
    State(app): State<App>,
    Path(username): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = actors::find(&app, &username).await?;
    let mut conn = app.node.store.read().await?;
    let uids = features::shown_first(&app.node, &mut conn, &local).await?;
    drop(conn);
    let ids = uids.iter().map(|uid| json!(app.node.urls().article(uid)));
    Ok(whole(
        &headers,
        &format!("{}/featured", local.uri),
        ids.collect(),
    ))
}

/// `GET /users/{name}/tags`: the tags of most articles, each with their number (Mastodon's `featuredTags`).
pub async fn tags(
    State(app): State<App>,
    Path(username): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let local = actors::find(&app, &username).await?;
    let top = match local.row.kind {
        ActorKind::Site => app.node.store.read().await?.top_tags(TAGS).await?,
        _ => Vec::new(),
    };
    let tags = top.iter().filter_map(|(tag, articles)| {
        let hashtag = mentions::hashtag(tag, app.node.urls().tag(tag))?;
        let mut tag = serde_json::to_value(hashtag).ok()?;
        tag["totalItems"] = json!(articles);
        Some(tag)
    });
    Ok(whole(
        &headers,
        &format!("{}/tags", local.uri),
        tags.collect(),
    ))
}

/// A short collection with all of its items, as Mastodon reads these.
fn whole(headers: &HeaderMap, id: &str, items: Vec<Value>) -> Response {
    let collection = json!({
        "id": id,
        "type": "OrderedCollection",
        "totalItems": items.len(),
        "orderedItems": items,
    });
    answer::activity(headers, documents::in_post_context(&collection))
}
