//! The sitemap (sitemaps.org, protocol 0.9): an index, and parts of at most 5,000 addresses.

use crate::{
    base::time,
    content::{hashtag, html::escape},
    node::urls::permalink_path,
    store::{Conn, SitemapName},
    web::{
        app::App,
        response::{WebError, cached, shared},
    },
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use std::collections::HashSet;
use url::form_urlencoded::byte_serialize;

/// The maximum number of addresses in a part.
const PART: i64 = 5000;
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// `?after=`: the id or name after which a part begins.
#[derive(Debug, Deserialize)]
pub(crate) struct PartQuery {
    after: Option<String>,
}

/// An address with the time of its last change in milliseconds, if known.
struct Location {
    url: String,
    changed_at: Option<i64>,
}

/// `GET /sitemap.xml`: the index of all parts.
pub(crate) async fn index(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = indexable(&app).await?;
    let mut parts = vec!["pages.xml".to_owned()];
    let (articles, tags, authors) = (
        conn.sitemap_article_parts(PART).await?,
        conn.sitemap_tag_parts(PART).await?,
        conn.sitemap_author_parts(PART).await?,
    );
    if conn.count_articles().await? > 0 {
        let starts = articles.iter().map(ToString::to_string);
        parts.extend(parts_of("articles", starts));
    }
    if !conn.sitemap_tags("", 1).await?.is_empty() {
        parts.extend(parts_of("tags", tags.into_iter()));
    }
    if !conn.sitemap_authors("", 1).await?.is_empty() {
        parts.extend(parts_of("authors", authors.into_iter()));
    }
    let mut xml = opening("sitemapindex");
    for part in parts {
        let url = escape(&app.node.urls().at(&format!("/sitemap/{part}")));
        xml.push_str(&format!("<sitemap><loc>{url}</loc></sitemap>\n"));
    }
    xml.push_str("</sitemapindex>\n");
    Ok(respond(&headers, xml))
}

/// Returns the names of the parts of one kind, the first of which begins at the start.
fn parts_of(kind: &str, starts: impl Iterator<Item = String>) -> Vec<String> {
    let further = starts.map(|start| {
        let start: String = byte_serialize(start.as_bytes()).collect();
        format!("{kind}.xml?after={start}")
    });
    std::iter::once(format!("{kind}.xml"))
        .chain(further)
        .collect()
}

/// `GET /sitemap/{part}`.
pub(crate) async fn part(
    State(app): State<App>,
    Path(part): Path<String>,
    Query(query): Query<PartQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = indexable(&app).await?;
    let after = query.after.unwrap_or_default();
    let locations = match part.as_str() {
        "pages.xml" => pages(&app, &mut conn).await?,
        "articles.xml" => articles(&app, &mut conn, &after).await?,
        "tags.xml" => {
            let tags = conn.sitemap_tags(&after, PART).await?;
            tag_pages(&app, &tags)
        }
        "authors.xml" => {
            let authors = conn.sitemap_authors(&after, PART).await?;
            let pages = authors.into_iter().map(|author| Location {
                url: app.node.urls().at(&format!("/authors/{}", author.name)),
                changed_at: Some(author.changed_at),
            });
            pages.collect()
        }
        _ => return Err(WebError::NotFound),
    };
    if locations.is_empty() {
        return Err(WebError::NotFound);
    }
    let mut xml = opening("urlset");
    for location in locations {
        xml.push_str(&format!("<url><loc>{}</loc>", escape(&location.url)));
        if let Some(time) = location.changed_at.filter(|time| is_representable(*time)) {
            xml.push_str(&format!("<lastmod>{}</lastmod>", time::rfc3339(time)));
        }
        xml.push_str("</url>\n");
    }
    xml.push_str("</urlset>\n");
    Ok(respond(&headers, xml))
}

/// Returns a connection, unless search engines must not list the site.
async fn indexable(app: &App) -> Result<Conn, WebError> {
    if !app.site.indexable {
        return Err(WebError::NotFound);
    }
    Ok(app.node.store.read().await?)
}

/// Returns the home page and the static pages.
async fn pages(app: &App, conn: &mut Conn) -> Result<Vec<Location>, WebError> {
    let urls = app.node.urls();
    let rows = conn.sitemap_pages(PART - 1).await?;
    let home = Location {
        url: urls.home(),
        changed_at: None,
    };
    let pages = rows.into_iter().map(|page| Location {
        url: urls.at(&format!("/{}", page.name)),
        changed_at: Some(page.changed_at),
    });
    Ok(std::iter::once(home).chain(pages).collect())
}

async fn articles(app: &App, conn: &mut Conn, after: &str) -> Result<Vec<Location>, WebError> {
    let after = match after {
        "" => i64::MIN,
        id => id.parse().map_err(|_| WebError::NotFound)?,
    };
    let rows = conn.sitemap_articles(after, PART).await?;
    let urls = app.node.urls();
    let locations = rows.into_iter().map(|row| Location {
        url: urls.at(&permalink_path(row.published_at, &row.slug)),
        changed_at: Some(row.changed_at),
    });
    Ok(locations.collect())
}

/// Returns the pages of tags, each once for all spellings in this part.
fn tag_pages(app: &App, tags: &[SitemapName]) -> Vec<Location> {
    let mut known = HashSet::new();
    let once = tags
        .iter()
        .filter(|tag| known.insert(hashtag::key(&tag.name)));
    let pages = once.map(|tag| Location {
        url: app.node.urls().tag(&tag.name),
        changed_at: Some(tag.changed_at),
    });
    pages.collect()
}

/// Returns whether RFC 3339 can write a time: its year has four digits.
fn is_representable(milliseconds: i64) -> bool {
    (0..253_402_300_800_000).contains(&milliseconds)
}

fn opening(element: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{element} xmlns=\"{NAMESPACE}\">\n")
}

fn respond(headers: &HeaderMap, xml: String) -> Response {
    let kind = "application/xml; charset=utf-8";
    shared(cached(headers, StatusCode::OK, kind, "max-age=3600", xml))
}
