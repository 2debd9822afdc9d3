//! The search over what readers can see.

use super::{
    answer::{ApiResult, json},
    body::Parameters,
    problem::{ApiError, Code},
};
use crate::{
    content::{search::SearchQuery, text},
    quota::Limit,
    store::SearchKind,
    web::app::App,
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// The largest number of results.
const RESULTS: i64 = 50;
/// The longest query, in characters.
const MAX_QUERY: usize = 400;
/// How long a search waits for others.
const WAIT: Duration = Duration::from_secs(2);

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SearchResult {
    /// `article` or `page`.
    kind: &'static str,
    slug: String,
    title: String,
    url: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Some words.
    q: String,
}

/// Searches articles and pages
///
/// Among what readers can see, the best results first.
#[utoipa::path(get, path = "/api/v1/search", tag = "articles", operation_id = "search",
    params(Query),
    responses((status = 200, description = "The best results", body = Vec<SearchResult>)),
    security(("token" = ["articles:read"])))]
pub(super) async fn search(
    State(app): State<App>,
    Parameters(parameters): Parameters<Query>,
) -> ApiResult {
    let text = text::clean_line(&parameters.q, MAX_QUERY);
    let query = SearchQuery::parse(&text);
    if query.is_empty() {
        return Err(ApiError::field("q", "q has no words to search for"));
    }
    let permit = app.node.quota.acquire(Limit::Searches, "", 1, WAIT).await;
    let _permit =
        permit.map_err(|_| ApiError::new(Code::Busy, "too many searches at once: try again"))?;
    let mut conn = app.node.store.read().await?;
    let mut found = conn.search(&query, RESULTS).await?;
    if found.is_empty() {
        found = conn.search(&query.widened(), RESULTS).await?;
    }
    let ids_of = |kind: SearchKind| -> Vec<i64> {
        let of_kind = found.iter().filter(|one| one.kind == kind);
        of_kind.map(|one| one.ref_id).collect()
    };
    let articles = conn.articles_by_ids(&ids_of(SearchKind::Article)).await?;
    let pages = conn.pages_for_search(&ids_of(SearchKind::Page)).await?;
    let urls = app.node.urls();
    let results = found.iter().filter_map(|one| match one.kind {
        SearchKind::Article => {
            let article = articles.iter().find(|article| article.id == one.ref_id)?;
            Some(SearchResult {
                kind: "article",
                slug: article.slug.clone(),
                title: article.title.clone(),
                url: urls.permalink(article),
            })
        }
        SearchKind::Page => {
            let page = pages.iter().find(|page| page.id == one.ref_id)?;
            Some(SearchResult {
                kind: "page",
                slug: page.slug.clone(),
                title: page.title.clone(),
                url: urls.at(&format!("/{}", page.slug)),
            })
        }
    });
    let results: Vec<SearchResult> = results.collect();
    json(StatusCode::OK, &results)
}
