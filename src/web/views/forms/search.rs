//! The search.

use crate::web::views::{Author, Head, Link, Paging, Site, Timestamp};
use crate::{content::search::Piece, web::templates::Page};
use serde::Serialize;

/// The answer to a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SearchOutcome {
    /// There is no query yet.
    Form,
    /// The query has no words.
    NoWords,
    /// Nothing has all of its words.
    Nothing,
    /// The results.
    Found,
    /// The reader has searched too often.
    TooMany,
}

/// A result: an article or a page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SearchResult {
    pub title: Vec<Piece>,
    pub url: Link,
    /// The author and date of an article; `None` for a page.
    pub author: Option<Author>,
    pub published: Option<Timestamp>,
    /// BCP 47 tag of its language.
    pub language: String,
    /// A part of the text; the content warning, if there is one.
    pub excerpt: Vec<Piece>,
    pub has_warning: bool,
}

/// The form of the search, and the results.
#[derive(Debug, Serialize)]
pub(crate) struct SearchPage<'a> {
    site: &'a Site,
    head: Head,
    query: String,
    outcome: SearchOutcome,
    results: Vec<SearchResult>,
    /// The number of all results.
    total: usize,
    /// Whether there may be more than these.
    is_limited: bool,
    /// The number of the first result on this page.
    first: usize,
    paging: Paging,
}

impl Page for SearchPage<'_> {
    const TEMPLATE: &'static str = "search.html";
}

impl<'a> SearchPage<'a> {
    /// Creates the page without results.
    pub(crate) fn new(site: &'a Site, query: &str, outcome: SearchOutcome) -> Self {
        Self {
            site,
            head: Head::unlisted(site.locale, site.locale.text("search-title")),
            query: query.to_owned(),
            outcome,
            results: Vec::new(),
            total: 0,
            is_limited: false,
            first: 1,
            paging: Paging {
                newer: None,
                older: None,
            },
        }
    }

    /// Adds the results of one page, of which the first has the number `first`. There are `total`, or `limit` or more.
    pub(crate) fn with_results(
        self,
        results: Vec<SearchResult>,
        first: usize,
        total: usize,
        limit: usize,
        paging: Paging,
    ) -> Self {
        Self {
            results,
            total,
            is_limited: total >= limit,
            first,
            paging,
            ..self
        }
    }
}
