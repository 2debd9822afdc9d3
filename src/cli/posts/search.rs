//! `pamphlet post search` and `page search`: the search that readers have.

use super::summary::Summary;
use crate::{
    cli::common::{Format, UsageError, output},
    content::search::{SearchQuery, excerpt},
    node::Node,
    store::{Article, Conn, Found, FoundPage, SearchKind},
};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

/// The number of results that are looked at.
const RESULTS: i64 = 500;

/// The words to search.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Words, all of which a result has. Readers find the same at /search.
    #[arg(required = true)]
    words: Vec<String>,
    /// The maximum number of results.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=100))]
    limit: u64,
    #[command(flatten)]
    format: Format,
}

impl Search {
    /// Prints the articles that have the words, the best first.
    pub(super) async fn articles(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let (query, found) = self.find(&mut conn, SearchKind::Article).await?;
        let ids: Vec<i64> = found.iter().map(|found| found.ref_id).collect();
        let articles = conn.articles_by_ids(&ids).await?;
        let to_entry = |found: &Found, body: &str| {
            let article = articles
                .iter()
                .find(|article| article.id == found.ref_id && article.is_visible())?;
            Some(of_article(node, article, body, &query))
        };
        self.print(&mut conn, &found, to_entry).await
    }

    /// Prints the static pages that have the words, the best first.
    pub(super) async fn pages(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let (query, found) = self.find(&mut conn, SearchKind::Page).await?;
        let ids: Vec<i64> = found.iter().map(|found| found.ref_id).collect();
        let pages = conn.pages_for_search(&ids).await?;
        let to_entry = |found: &Found, body: &str| {
            let page = pages.iter().find(|page| page.id == found.ref_id)?;
            Some(of_page(node, page, body, &query))
        };
        self.print(&mut conn, &found, to_entry).await
    }

    async fn find(&self, conn: &mut Conn, kind: SearchKind) -> Result<(SearchQuery, Vec<Found>)> {
        let mut query = SearchQuery::parse(&self.words.join(" "));
        if query.is_empty() {
            return Err(
                UsageError::new("there is no word to search: write letters or digits").into(),
            );
        }
        let mut found = conn.search(&query, RESULTS).await?;
        found.retain(|found| found.kind == kind);
        if found.is_empty() {
            query = query.widened();
            found = conn.search(&query, RESULTS).await?;
            found.retain(|found| found.kind == kind);
        }
        found.truncate(usize::try_from(self.limit)?);
        Ok((query, found))
    }

    async fn print(
        &self,
        conn: &mut Conn,
        found: &[Found],
        to_entry: impl Fn(&Found, &str) -> Option<Entry>,
    ) -> Result<()> {
        let ids: Vec<i64> = found.iter().map(|found| found.id).collect();
        let bodies = conn.search_bodies(&ids).await?;
        let entries: Vec<Entry> = found
            .iter()
            .filter_map(|found| {
                let body = bodies.get(&found.id).map_or("", String::as_str);
                to_entry(found, body)
            })
            .collect();
        if self.format.json {
            let list: Vec<&Value> = entries.iter().map(|entry| &entry.json).collect();
            return output::json(&list);
        }
        if entries.is_empty() {
            return output::line("Nothing was found.");
        }
        entries.iter().try_for_each(|entry| {
            output::line(&format!("{}  {}", entry.slug, entry.title))?;
            if entry.excerpt.is_empty() {
                return Ok(());
            }
            output::line(&format!("    {}", entry.excerpt))
        })
    }
}

/// A result.
struct Entry {
    slug: String,
    title: String,
    excerpt: String,
    json: Value,
}

fn of_article(node: &Node, article: &Article, body: &str, query: &SearchQuery) -> Entry {
    let excerpt = excerpt_of(body, query);
    let mut json = serde_json::to_value(Summary::of(node, article)).unwrap_or_default();
    json["excerpt"] = excerpt.clone().into();
    Entry {
        slug: article.slug.clone(),
        title: output::one_line(&article.title, 100),
        excerpt,
        json,
    }
}

fn of_page(node: &Node, page: &FoundPage, body: &str, query: &SearchQuery) -> Entry {
    let excerpt = excerpt_of(body, query);
    Entry {
        slug: page.slug.clone(),
        title: output::one_line(&page.title, 100),
        json: json!({
            "url": node.urls().at(&format!("/{}", page.slug)),
            "slug": page.slug,
            "title": page.title,
            "excerpt": excerpt,
        }),
        excerpt,
    }
}

fn excerpt_of(body: &str, query: &SearchQuery) -> String {
    let pieces = excerpt(body, query);
    let text: String = pieces.into_iter().map(|piece| piece.text).collect();
    output::one_line(&text, 200)
}
