//! The search over articles and pages.

use super::authors::author_of;
use crate::{
    base::time,
    content::{
        search::{SearchQuery, excerpt, marked},
        text,
    },
    quota::Limit,
    store::{Article, Conn, Found, FoundPage, SearchKind},
    web::{
        app::{App, own_link},
        request::Peer,
        response::{self, WebError},
        views::{Link, Paging, SearchOutcome, SearchPage, SearchResult},
    },
};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER},
    response::Response,
};
use serde::Deserialize;
use std::{collections::HashMap, time::Duration};
use url::form_urlencoded::byte_serialize;

/// The number of results that can be seen.
const RESULTS: usize = 100;
/// The number of results on a page.
const PAGE: usize = 10;
/// The longest query that the form shows again, in characters.
const SHOWN: usize = 400;
/// How long a search waits for others.
const WAIT: Duration = Duration::from_secs(2);

#[derive(Debug, Deserialize)]
pub(crate) struct SearchParameters {
    #[serde(default)]
    q: String,
    page: Option<String>,
}

/// `GET /search`: the form, and the results for `?q=`.
pub(crate) async fn show(
    State(app): State<App>,
    peer: Peer,
    Query(parameters): Query<SearchParameters>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let number = page_number(parameters.page.as_deref())?;
    let text = text::clean_line(&parameters.q, SHOWN);
    let query = SearchQuery::parse(&text);
    let without_results = match (text.is_empty(), query.is_empty()) {
        (true, _) => Some(SearchOutcome::Form),
        (_, true) => Some(SearchOutcome::NoWords),
        _ => None,
    };
    if let Some(outcome) = without_results {
        let page = SearchPage::new(&app.site, &text, outcome);
        return response::page(&headers, app.render(&page), None);
    }
    let network = peer.network(&headers, &app);
    let quota = &app.node.quota;
    if let Err(exceeded) = quota.charge_account(Limit::SearchesOfAddress, &network, 1) {
        return too_many(&app, &text, exceeded.retry_after);
    }
    let permit = quota.acquire(Limit::Searches, "", 1, WAIT).await;
    let _permit = permit.map_err(|exceeded| WebError::Later(exceeded.retry_after))?;
    let page = results(&app, &text, query, number).await?;
    response::page(&headers, app.render(&page), None)
}

fn page_number(parameter: Option<&str>) -> Result<usize, WebError> {
    let number = parameter.map_or(Ok(1), str::parse::<usize>);
    let number = number
        .ok()
        .filter(|number| (1..=RESULTS / PAGE).contains(number));
    number.ok_or(WebError::NotFound)
}

fn too_many(app: &App, text: &str, pause: Duration) -> Result<Response, WebError> {
    let page = SearchPage::new(&app.site, text, SearchOutcome::TooMany);
    let mut response = response::personal_page(StatusCode::TOO_MANY_REQUESTS, app.render(&page))?;
    let seconds = HeaderValue::from(pause.as_secs().max(1));
    response.headers_mut().insert(RETRY_AFTER, seconds);
    Ok(response)
}

async fn results<'a>(
    app: &'a App,
    text: &str,
    query: SearchQuery,
    number: usize,
) -> Result<SearchPage<'a>, WebError> {
    let mut conn = app.node.store.read().await?;
    let mut query = query;
    let mut found = conn.search(&query, RESULTS as i64).await?;
    if found.is_empty() {
        query = query.widened();
        found = conn.search(&query, RESULTS as i64).await?;
    }
    let first = (number - 1) * PAGE;
    let shown = found.iter().skip(first).take(PAGE);
    let shown: Vec<Found> = shown.cloned().collect();
    if shown.is_empty() && number > 1 {
        return Err(WebError::NotFound);
    }
    let listed = listed(app, &mut conn, &shown, &query).await?;
    let outcome = match found.is_empty() {
        true => SearchOutcome::Nothing,
        false => SearchOutcome::Found,
    };
    let link = |number: usize| link_to(text, number);
    let paging = Paging {
        newer: (number > 1).then(|| link(number - 1)),
        older: (found.len() > first + PAGE).then(|| link(number + 1)),
    };
    let page = SearchPage::new(&app.site, text, outcome);
    Ok(page.with_results(listed, first + 1, found.len(), RESULTS, paging))
}

fn link_to(text: &str, number: usize) -> Link {
    let encoded: String = byte_serialize(text.as_bytes()).collect();
    own_link(&match number {
        1 => format!("/search?q={encoded}"),
        number => format!("/search?q={encoded}&page={number}"),
    })
}

/// Builds the entries of results, in their order.
async fn listed(
    app: &App,
    conn: &mut Conn,
    found: &[Found],
    query: &SearchQuery,
) -> Result<Vec<SearchResult>, WebError> {
    let ids = |kind: SearchKind| -> Vec<i64> {
        let of_kind = found.iter().filter(|found| found.kind == kind);
        of_kind.map(|found| found.ref_id).collect()
    };
    let articles = conn.articles_by_ids(&ids(SearchKind::Article)).await?;
    let articles: HashMap<i64, Article> = by_id(articles, |article| article.id);
    let pages = conn.pages_for_search(&ids(SearchKind::Page)).await?;
    let pages: HashMap<i64, FoundPage> = by_id(pages, |page| page.id);
    let entries: Vec<i64> = found.iter().map(|found| found.id).collect();
    let bodies = conn.search_bodies(&entries).await?;
    let entry = |found: &Found| {
        let body = bodies.get(&found.id)?;
        match found.kind {
            SearchKind::Article => articles
                .get(&found.ref_id)
                .filter(|article| article.is_visible())
                .map(|article| of_article(app, article, body, query)),
            SearchKind::Page => {
                let page = pages.get(&found.ref_id);
                page.map(|page| of_page(app, page, body, query))
            }
        }
    };
    Ok(found.iter().filter_map(entry).collect())
}

fn by_id<T>(rows: Vec<T>, id: impl Fn(&T) -> i64) -> HashMap<i64, T> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

/// Returns the entry of an article, without the text behind a content warning.
fn of_article(app: &App, article: &Article, body: &str, query: &SearchQuery) -> SearchResult {
    let warning = article.warning();
    let excerpt = match (warning, article.summary()) {
        (Some(warning), _) => marked(warning, query),
        (None, Some(summary)) if body.is_empty() => marked(summary, query),
        _ => excerpt(body, query),
    };
    SearchResult {
        title: marked(&article.title, query),
        url: own_link(&app.node.urls().permalink(article)),
        author: Some(author_of(app, article)),
        published: Some(time::from_millis(article.published_at).into()),
        language: language_of(app, article.language.as_ref()),
        excerpt,
        has_warning: warning.is_some(),
    }
}

fn of_page(app: &App, page: &FoundPage, body: &str, query: &SearchQuery) -> SearchResult {
    SearchResult {
        title: marked(&page.title, query),
        url: own_link(&app.node.urls().at(&format!("/{}", page.slug))),
        author: None,
        published: None,
        language: language_of(app, page.language.as_ref()),
        excerpt: excerpt(body, query),
        has_warning: false,
    }
}

fn language_of(app: &App, language: Option<&String>) -> String {
    language.unwrap_or(&app.site.language).clone()
}
