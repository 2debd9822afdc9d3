//! Changes of articles: replacing, patching, publishing, scheduling, unpublishing and deleting them.

use super::{
    find_seen,
    view::{Article, Changed, Fields, Status},
    write::{Announce, ArticleInput, Input, check_date},
};
use crate::{
    content::article::parse_date,
    publishing::{Leniency, Source, articles, bin, source::to_source, withdrawal},
    store::{Article as Row, ArticleStatus, now},
    web::{
        api::{
            answer::{self, ApiResult, nothing},
            body::{Json, Named},
            problem::{ApiError, Code, ProblemDetails},
        },
        app::App,
    },
};
use axum::{extract::State, http::HeaderMap};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Describes an article after a change.
///
/// # Errors
/// If another program stored an invalid slug.
pub(super) fn changed(app: &App, row: &Row, warnings: Vec<String>) -> Result<Changed, ApiError> {
    Ok(Changed {
        article: Article::of(&app.node, row)?,
        warnings,
    })
}

/// Returns the response to a change. Its entity tag is that of the article, for the next change.
fn respond(app: &App, row: &Row, warnings: Vec<String>) -> ApiResult {
    let changed = changed(app, row, warnings)?;
    answer::changed(&changed, &changed.article)
}

/// Replaces an article
///
/// Properties that are absent get their defaults, but slug, date and state stay as they are. With `If-Match`, an article
/// that changed in the meantime is not overwritten.
#[utoipa::path(put, path = "/api/v1/articles/{article}", tag = "articles", operation_id = "replaceArticle",
    params(("article" = String, Path, description = "The slug, or the last part of the id"),
        ("If-Match" = Option<String>, Header, description = "The entity tag of the article that was read")),
    request_body = ArticleInput,
    responses((status = 200, description = "The changed article", body = Changed),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 412, description = "It has changed", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "A property is invalid", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["articles:write"])))]
pub(in crate::web::api) async fn replace(
    State(app): State<App>,
    headers: HeaderMap,
    Named(name): Named<String>,
    body: Json<Map<String, Value>>,
) -> ApiResult {
    let (old, seen) = find_seen(&app, &headers, &name).await?;
    let input = Input::of(body.value)?;
    let source = input.source()?;
    store(&app, &old, seen.status, source, &input).await
}

/// Changes properties of an article
///
/// A JSON merge patch (RFC 7396): null sets a property to its default, and others stay as they are.
#[utoipa::path(patch, path = "/api/v1/articles/{article}", tag = "articles", operation_id = "patchArticle",
    params(("article" = String, Path, description = "The slug, or the last part of the id"),
        ("If-Match" = Option<String>, Header, description = "The entity tag of the article that was read")),
    request_body(content = ArticleInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed article", body = Changed),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 412, description = "It has changed", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "A property is invalid", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["articles:write"])))]
pub(in crate::web::api) async fn patch(
    State(app): State<App>,
    headers: HeaderMap,
    Named(name): Named<String>,
    body: Json<Map<String, Value>>,
) -> ApiResult {
    let (old, seen) = find_seen(&app, &headers, &name).await?;
    let input = Input::of(body.value)?;
    let source = input.patched(Fields::of(to_source(&old)?))?;
    store(&app, &old, seen.status, source, &input).await
}

async fn store(app: &App, old: &Row, present: Status, source: Source, input: &Input) -> ApiResult {
    let announcement = Announce::of(input.choices.announcement);
    let leniency = Leniency {
        is_lenient: false,
        known: Some(&old.markdown),
    };
    let mut prepared = articles::prepare(&app.node, source, Some(old), leniency).await?;
    let date = match prepared.is_dated {
        true => prepared.fields.published_at,
        false => articles::date_at_publication(old),
    };
    prepared.status = Some(input.status(present, date)?);
    articles::replace_by(&app.node, old, &prepared, announcement).await?;
    let row = app.node.store.read().await?.article_by_id(old.id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("article"))?;
    respond(app, &row, prepared.warnings)
}

/// What a client says when it publishes an article.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct Publication {
    /// Whether followers are told. An article that is older than a day is published only with this.
    announcement: Option<Announce>,
}

/// Publishes a draft
///
/// At its date: a draft whose date is in the future is scheduled.
#[utoipa::path(post, path = "/api/v1/articles/{article}/publish", tag = "articles", operation_id = "publishArticle",
    params(("article" = String, Path, description = "The slug, or the last part of the id"),
        ("If-Match" = Option<String>, Header, description = "The entity tag of the article that was read")),
    request_body = Publication,
    responses((status = 200, description = "The published article", body = Changed),
        (status = 409, description = "It is published", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "The announcement is missing", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["articles:write"])))]
pub(in crate::web::api) async fn publish(
    State(app): State<App>,
    headers: HeaderMap,
    Named(name): Named<String>,
    body: Json<Publication>,
) -> ApiResult {
    let (old, _) = find_seen(&app, &headers, &name).await?;
    if old.status == ArticleStatus::Published {
        return Err(ApiError::new(Code::Conflict, "it is published already"));
    }
    check_date(articles::date_at_publication(&old), body.value.announcement)?;
    let announcement = Announce::of(body.value.announcement);
    let row = articles::publish(&app.node, &old.slug, announcement).await?;
    respond(&app, &row, Vec::new())
}

/// Unpublishes an article
///
/// It becomes a draft here, and other servers delete it.
#[utoipa::path(post, path = "/api/v1/articles/{article}/unpublish", tag = "articles", operation_id = "unpublishArticle",
    params(("article" = String, Path, description = "The slug, or the last part of the id"),
        ("If-Match" = Option<String>, Header, description = "The entity tag of the article that was read")),
    responses((status = 200, description = "The draft", body = Changed),
        (status = 409, description = "It is a draft", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["articles:write"])))]
pub(in crate::web::api) async fn unpublish(
    State(app): State<App>,
    headers: HeaderMap,
    Named(name): Named<String>,
) -> ApiResult {
    let (old, _) = find_seen(&app, &headers, &name).await?;
    if old.status == ArticleStatus::Draft {
        return Err(ApiError::new(Code::Conflict, "it is a draft"));
    }
    let row = withdrawal::unpublish(&app.node, &old.slug).await?;
    respond(&app, &row, Vec::new())
}

/// When an article is published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct Schedule {
    /// A date in the future, such as `2026-12-24T08:00:00Z`.
    date: String,
    /// Whether followers are told then.
    announcement: Option<Announce>,
}

/// Schedules an article
///
/// Sets the date of a draft or of a scheduled article, and publishes it then.
#[utoipa::path(post, path = "/api/v1/articles/{article}/schedule", tag = "articles", operation_id = "scheduleArticle",
    params(("article" = String, Path, description = "The slug, or the last part of the id"),
        ("If-Match" = Option<String>, Header, description = "The entity tag of the article that was read")),
    request_body = Schedule,
    responses((status = 200, description = "The scheduled article", body = Changed),
        (status = 409, description = "It is published", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "The date is invalid or past", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["articles:write"])))]
pub(in crate::web::api) async fn schedule(
    State(app): State<App>,
    headers: HeaderMap,
    Named(name): Named<String>,
    body: Json<Schedule>,
) -> ApiResult {
    let (old, seen) = find_seen(&app, &headers, &name).await?;
    if seen.status == Status::Published {
        return Err(ApiError::new(
            Code::Conflict,
            "it is published: unpublish it first",
        ));
    }
    let date = parse_date(&body.value.date).map_err(|error| ApiError::field("date", error))?;
    if date.timestamp_millis() <= now() {
        return Err(ApiError::field("date", "the date must be in the future"));
    }
    let (slug, at) = (&old.slug, date.timestamp_millis());
    let announcement = Announce::of(body.value.announcement);
    let row = match seen.status {
        Status::Draft => articles::schedule(&app.node, slug, at, announcement).await?,
        _ => articles::reschedule(&app.node, slug, at).await?,
    };
    respond(&app, &row, Vec::new())
}

/// Deletes an article
///
/// Here with its comments, and on other servers.
#[utoipa::path(delete, path = "/api/v1/articles/{article}", tag = "articles", operation_id = "deleteArticle",
    params(("article" = String, Path, description = "The slug, or the last part of the id"),
        ("If-Match" = Option<String>, Header, description = "The entity tag of the article that was read")),
    responses((status = 204, description = "It is deleted"),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 412, description = "It has changed", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["articles:write"])))]
pub(in crate::web::api) async fn delete(
    State(app): State<App>,
    headers: HeaderMap,
    Named(name): Named<String>,
) -> ApiResult {
    let (old, _) = find_seen(&app, &headers, &name).await?;
    bin::delete_article(&app.node, &old.slug).await?;
    Ok(nothing())
}
