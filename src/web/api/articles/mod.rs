//! Articles: lists, drafts, publication, changes and the bin.

pub(super) mod actions;
pub(crate) mod view;
pub(crate) mod write;

use super::{
    answer::{ApiResult, Paging, bad_cursor, check_match, created, list, tagged},
    body::{Json, Named, Parameters},
    caller::Caller,
    once::once,
    problem::{ApiError, ProblemDetails},
};
use crate::{
    publishing::{
        Leniency, articles,
        batch::{self, Item},
    },
    store::{Article as Row, ArticleQuery, Conn, Cursor},
    web::app::App,
};
use actions::changed;
use axum::{
    extract::{OriginalUri, State},
    http::HeaderMap,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;
use view::{Article, ArticleSummary, Changed, Status};
use write::{Announce, ArticleInput, Input};

/// Finds an article by its slug, or by the last part of its id.
///
/// # Errors
/// If there is none.
pub(crate) async fn find(conn: &mut Conn, name: &str) -> Result<Row, ApiError> {
    if let Some(article) = conn.article_by_slug(name).await? {
        return Ok(article);
    }
    let found = conn.article_by_uid(name).await?;
    found.ok_or_else(|| ApiError::not_found("article"))
}

/// Finds an article that the client has seen as it is now, if it sent `If-Match`.
pub(super) async fn find_seen(
    app: &App,
    headers: &HeaderMap,
    name: &str,
) -> Result<(Row, Article), ApiError> {
    let row = find(&mut app.node.store.read().await?, name).await?;
    let article = Article::of(&app.node, &row)?;
    check_match(headers, &article)?;
    Ok((row, article))
}

/// The articles that a list includes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Only articles in this state.
    #[param(inline)]
    status: Option<Status>,
    /// Only articles by the author with this user name.
    author: Option<String>,
    /// Only articles with this tag.
    tag: Option<String>,
}

/// Lists articles
///
/// Newest first, with drafts and scheduled articles. The response to a list names the next page in the header `Link`
/// and in `next`.
#[utoipa::path(get, path = "/api/v1/articles", tag = "articles", operation_id = "listArticles",
    params(Query, Paging),
    responses((status = 200, description = "A page of articles", body = super::answer::Page<ArticleSummary>)),
    security(("token" = ["articles:read"])))]
pub(super) async fn index(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    Parameters(query): Parameters<Query>,
    Parameters(paging): Parameters<Paging>,
) -> ApiResult {
    let limit = paging.limit()?;
    let mut conn = app.node.store.read().await?;
    let author_id = match &query.author {
        None => None,
        Some(name) => match conn.author(name).await? {
            Some(author) => Some(author.id),
            None => return Err(ApiError::field("author", "no author has this user name")),
        },
    };
    let wanted = ArticleQuery {
        state: query.status.map(Status::as_str),
        author_id,
        tag: query.tag.as_deref().filter(|tag| !tag.is_empty()),
    };
    let cursor = paging.after().map(read_cursor).transpose()?;
    let cursor = cursor.unwrap_or(Cursor::START);
    let rows = conn.queried_articles(wanted, cursor, limit).await?;
    let last = rows.last().filter(|_| rows.len() as i64 == limit);
    let last = last.map(|last| format!("{}.{}", last.published_at, last.id));
    let items = rows
        .iter()
        .map(|row| ArticleSummary::of(&app.node, row))
        .collect();
    list(&app, &uri, items, last)
}

fn read_cursor(text: &str) -> Result<Cursor, ApiError> {
    let (at, id) = text.split_once('.').ok_or_else(bad_cursor)?;
    match (at.parse(), id.parse()) {
        (Ok(at), Ok(id)) => Ok(Cursor { at, id }),
        _ => Err(bad_cursor()),
    }
}

/// Shows an article
///
/// With its text in Markdown and as a file. The entity tag is for `If-Match`.
#[utoipa::path(get, path = "/api/v1/articles/{article}", tag = "articles", operation_id = "getArticle",
    params(("article" = String, Path, description = "The slug, or the last part of the id")),
    responses((status = 200, description = "The article", body = Article),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["articles:read"])))]
pub(super) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Named(name): Named<String>,
) -> ApiResult {
    let row = find(&mut app.node.store.read().await?, &name).await?;
    tagged(&headers, &Article::of(&app.node, &row)?)
}

/// Creates an article
///
/// As a draft, or published with the state `published` or `scheduled`. With an `Idempotency-Key`, a repeated request
/// creates nothing more.
#[utoipa::path(post, path = "/api/v1/articles", tag = "articles", operation_id = "createArticle",
    params(("Idempotency-Key" = Option<String>, Header, description = "A new random text for each article")),
    request_body = ArticleInput,
    responses((status = 201, description = "The new article; its address is in `Location`", body = Changed),
        (status = 409, description = "The slug is taken", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "A property is invalid", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["articles:write"])))]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Json<Map<String, Value>>,
) -> ApiResult {
    let work = async {
        let input = Input::of(body.value)?;
        let source = input.source()?;
        let announcement = Announce::of(input.choices.announcement);
        let leniency = Leniency::default();
        let mut prepared = articles::prepare(&app.node, source, None, leniency).await?;
        let warnings = std::mem::take(&mut prepared.warnings);
        let status = input.status(Status::Draft, prepared.fields.published_at)?;
        let item = Item::New {
            article: Box::new(prepared),
            status,
            announcement,
        };
        let ids = batch::store(&app.node, &[item]).await?;
        let mut conn = app.node.store.read().await?;
        let row = match ids.first() {
            Some(id) => conn.article_by_id(*id).await?,
            None => None,
        };
        let row = row.ok_or_else(|| ApiError::not_found("article"))?;
        let changed = changed(&app, &row, warnings)?;
        created(&address(&app, &row), &changed, &changed.article)
    };
    once(&app, &caller, &headers, &body.fingerprint, work).await
}

/// Returns the address of an article in the API.
fn address(app: &App, row: &Row) -> String {
    let path = format!("/api/v1/articles/{}", row.slug);
    app.node.urls().at(&path)
}
