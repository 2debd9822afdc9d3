//! `GET /micropub`: what the site can do, and what its posts contain.

use super::{
    MEDIA_PATH,
    access::{Right, check, error_response},
    posts::{self, Post},
    properties::{Properties, invalid},
};
use crate::{
    store::{ArticleQuery, Cursor},
    web::{
        api::{
            answer::json as json_response,
            caller::{authenticate, bearer},
            problem::ApiError,
        },
        app::App,
        request::Peer,
    },
};
use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::{Value, json};

/// The number of posts and tags in a list.
const LISTED: i64 = 20;
const TAGS: i64 = 500;

/// Answers a query.
pub(super) async fn answer(
    State(app): State<App>,
    peer: Peer,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answered = answer_to(&app, peer, &headers, query.as_deref().unwrap_or_default());
    match answered.await {
        Ok(response) => response,
        Err(error) => error_response(&error),
    }
}

async fn answer_to(
    app: &App,
    peer: Peer,
    headers: &HeaderMap,
    query: &str,
) -> Result<Response, ApiError> {
    let token = bearer(headers)?.map(str::to_owned);
    let (caller, _permits) = authenticate(app, peer, headers, token.as_deref()).await?;
    let mut parameters = Properties::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        parameters.push(&name, value.into_owned());
    }
    let value = match parameters.text("q") {
        // Some clients ask for the configuration without saying so.
        None | Some("config") => config(app),
        Some("syndicate-to") => json!({"syndicate-to": []}),
        Some("post-types") => json!({"post-types": post_types()}),
        Some("category") => json!({"categories": categories(app).await?}),
        Some("source") => {
            check(&caller, Right::Read)?;
            source(app, &parameters).await?
        }
        Some(other) => return Err(invalid(format!("there is no query {other:?}"))),
    };
    json_response(StatusCode::OK, &value)
}

fn config(app: &App) -> Value {
    json!({
        "media-endpoint": app.node.urls().at(MEDIA_PATH),
        "syndicate-to": [],
        "post-types": post_types(),
        "q": ["config", "source", "syndicate-to", "category", "post-types"],
    })
}

fn post_types() -> Value {
    let of = |(kind, name): (&str, &str)| json!({"type": kind, "name": name});
    [
        ("note", "Note"),
        ("article", "Article"),
        ("photo", "Photo"),
        ("reply", "Reply"),
    ]
    .map(of)
    .into_iter()
    .collect()
}

async fn categories(app: &App) -> Result<Vec<String>, ApiError> {
    let mut conn = app.node.store.read().await?;
    Ok(conn.all_tags(TAGS).await?)
}

async fn source(app: &App, parameters: &Properties) -> Result<Value, ApiError> {
    let names = parameters.texts("properties");
    if let Some(url) = parameters.text("url") {
        let post = match posts::find(app, url).await? {
            Post::Article(article) => posts::of_article(app, &article)?,
            Post::Note(note) => posts::of_note(app, &note),
        };
        let properties = post.to_json(&names);
        return Ok(match names.is_empty() {
            true => json!({"type": ["h-entry"], "properties": properties}),
            false => json!({"properties": properties}),
        });
    }
    let mut conn = app.node.store.read().await?;
    let all = ArticleQuery::default();
    let rows = conn.queried_articles(all, Cursor::START, LISTED).await?;
    let items = rows.iter().map(|row| {
        let properties = posts::of_article(app, row)?.to_json(&names);
        Ok(json!({"type": ["h-entry"], "properties": properties}))
    });
    let items: Result<Vec<Value>, ApiError> = items.collect();
    Ok(json!({"items": items?}))
}
