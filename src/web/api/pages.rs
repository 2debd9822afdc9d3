//! Static pages, such as About and Imprint.

use super::{
    answer::{self, ApiResult, Paging, check_match, created, list, nothing, tagged},
    articles::view::{field_error, file_text},
    body::{Json, Named, Parameters, of_json},
    caller::Caller,
    once::once,
    problem::{ApiError, ProblemDetails, timestamp},
};
use crate::{
    content::article::ArticleFile,
    node::Node,
    publishing::{Leniency, PageFile, bin, pages},
    store::StaticPage as Row,
    web::app::App,
};
use axum::{
    extract::{OriginalUri, State},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The properties of a page that its writer sets, with the names and values of front matter.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PageFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slug: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_alt: Option<String>,
    /// `header` or `footer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    menu: Option<String>,
    /// Smaller numbers come first in the menu.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<i64>,
    /// The text in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<String>,
}

/// The body that stores a page: its properties, or its file.
#[derive(Debug, ToSchema)]
#[allow(
    dead_code,
    reason = "it describes the body, which is read in two parts"
)]
pub(super) struct PageInput {
    /// The whole page as a file, front matter and text, in place of its properties.
    source: Option<String>,
    fields: PageFields,
}

/// A page.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SitePage {
    /// The address of the page.
    url: String,
    #[serde(flatten)]
    fields: PageFields,
    /// The whole as a file: front matter and text.
    source: String,
    #[schema(format = DateTime)]
    created: String,
}

/// A page after a change, with warnings to its author.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangedPage {
    #[serde(flatten)]
    page: SitePage,
    /// What its author should know, a sentence each.
    warnings: Vec<String>,
}

impl SitePage {
    fn of(node: &Node, row: &Row) -> Result<SitePage, ApiError> {
        let file = pages::to_source(row)?;
        Ok(SitePage {
            url: node.urls().at(&format!("/{}", row.slug)),
            fields: PageFields {
                title: Some(row.title.clone()),
                slug: Some(row.slug.clone()),
                summary: row.summary.clone(),
                language: row.language.clone(),
                image: row.image_url.clone(),
                image_alt: row.image_alt.clone(),
                menu: row.menu.clone(),
                position: Some(row.position),
                markdown: Some(row.markdown.clone()),
            },
            source: file.to_file_text(),
            created: timestamp(row.created_at),
        })
    }
}

async fn find(app: &App, slug: &str) -> Result<Row, ApiError> {
    let found = app.node.store.read().await?.page_by_slug(slug).await?;
    found.ok_or_else(|| ApiError::not_found("page"))
}

/// Reads the page in a body.
fn read(mut body: Map<String, Value>) -> Result<PageFile, ApiError> {
    if let Some(source) = body.remove("source") {
        if !body.is_empty() {
            return Err(ApiError::field(
                "source",
                "source is the whole page: send no other properties with it",
            ));
        }
        let text: String = serde_json::from_value(source).map_err(|error| of_json(&error))?;
        return parse(&text);
    }
    let mut fields: PageFields =
        serde_json::from_value(body.into()).map_err(|error| of_json(&error))?;
    let markdown = fields.markdown.take().unwrap_or_default();
    parse(&file_text(&fields, &markdown))
}

fn parse(text: &str) -> Result<PageFile, ApiError> {
    // It is parsed twice, since only this error names its field.
    if let Err(error) = ArticleFile::parse_page(text) {
        return Err(field_error(&error));
    }
    Ok(PageFile::parse("the page".to_owned(), None, text)?)
}

/// Lists pages
///
/// The oldest first.
#[utoipa::path(get, path = "/api/v1/pages", tag = "pages", operation_id = "listPages",
    params(Paging),
    responses((status = 200, description = "Some pages", body = super::answer::Page<SitePage>)),
    security(("token" = ["articles:read"])))]
pub(super) async fn index(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    Parameters(paging): Parameters<Paging>,
) -> ApiResult {
    let limit = paging.limit()?;
    let mut conn = app.node.store.read().await?;
    let rows = conn.pages(paging.after_id()?, limit).await?;
    let last = rows.last().filter(|_| rows.len() as i64 == limit);
    let last = last.map(|last| last.id);
    let items: Result<Vec<SitePage>, ApiError> = rows
        .iter()
        .map(|row| SitePage::of(&app.node, row))
        .collect();
    list(&app, &uri, items?, last)
}

/// Shows a page
#[utoipa::path(get, path = "/api/v1/pages/{slug}", tag = "pages", operation_id = "getPage",
    params(("slug" = String, Path, description = "The slug")),
    responses((status = 200, description = "The page", body = SitePage),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["articles:read"])))]
pub(super) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Named(slug): Named<String>,
) -> ApiResult {
    tagged(
        &headers,
        &SitePage::of(&app.node, &find(&app, &slug).await?)?,
    )
}

/// Creates a page
///
/// It is public at once.
#[utoipa::path(post, path = "/api/v1/pages", tag = "pages", operation_id = "createPage",
    params(("Idempotency-Key" = Option<String>, Header, description = "A new random text for each page")),
    request_body = PageInput,
    responses((status = 201, description = "The new page", body = ChangedPage),
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
        let file = read(body.value)?;
        let mut prepared = pages::prepare(&app.node, file, None, Leniency::default()).await?;
        let warnings = std::mem::take(&mut prepared.warnings);
        let slug = prepared.fields.slug.clone();
        pages::add(&app.node, &[prepared]).await?;
        let page = SitePage::of(&app.node, &find(&app, &slug).await?)?;
        let changed = ChangedPage { page, warnings };
        let location = app.node.urls().at(&format!("/api/v1/pages/{slug}"));
        created(&location, &changed, &changed.page)
    };
    once(&app, &caller, &headers, &body.fingerprint, work).await
}

/// Replaces a page
///
/// Properties that are absent get their defaults, but the slug stays as it is.
#[utoipa::path(put, path = "/api/v1/pages/{slug}", tag = "pages", operation_id = "replacePage",
    params(("slug" = String, Path, description = "The slug"),
        ("If-Match" = Option<String>, Header, description = "The entity tag of the page that was read")),
    request_body = PageInput,
    responses((status = 200, description = "The changed page", body = ChangedPage),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 412, description = "It has changed", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "A property is invalid", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["articles:write"])))]
pub(super) async fn replace(
    State(app): State<App>,
    headers: HeaderMap,
    Named(slug): Named<String>,
    body: Json<Map<String, Value>>,
) -> ApiResult {
    let old = find(&app, &slug).await?;
    check_match(&headers, &SitePage::of(&app.node, &old)?)?;
    let leniency = Leniency {
        is_lenient: false,
        known: Some(&old.markdown),
    };
    let file = read(body.value)?;
    let mut prepared = pages::prepare(&app.node, file, Some(&old), leniency).await?;
    let warnings = std::mem::take(&mut prepared.warnings);
    pages::replace(&app.node, &old, &prepared).await?;
    let page = SitePage::of(&app.node, &find(&app, &prepared.fields.slug).await?)?;
    let changed = ChangedPage { page, warnings };
    answer::changed(&changed, &changed.page)
}

/// Deletes a page
#[utoipa::path(delete, path = "/api/v1/pages/{slug}", tag = "pages", operation_id = "deletePage",
    params(("slug" = String, Path, description = "The slug"),
        ("If-Match" = Option<String>, Header, description = "The entity tag of the page that was read")),
    responses((status = 204, description = "It is deleted"),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 412, description = "It has changed", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["articles:write"])))]
pub(super) async fn delete(
    State(app): State<App>,
    headers: HeaderMap,
    Named(slug): Named<String>,
) -> ApiResult {
    let old = find(&app, &slug).await?;
    check_match(&headers, &SitePage::of(&app.node, &old)?)?;
    bin::delete_page(&app.node, &old).await?;
    Ok(nothing())
}
