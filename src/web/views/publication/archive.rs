//! The archive: all articles by year and month.

use super::{ArticleLink, head_of};
use crate::web::{
    templates::Page,
    views::{Head, Link, Paging, Site},
};
use serde::Serialize;

/// A year with its articles.
#[derive(Debug, Serialize)]
pub(crate) struct Year {
    pub year: i32,
    pub url: Link,
    pub articles: i64,
    pub months: Vec<Month>,
}

/// A month with its articles.
#[derive(Debug, Serialize)]
pub(crate) struct Month {
    /// Its name in the language of the interface.
    pub name: String,
    /// The month as `2026-01`, for the id of its heading.
    pub id: String,
    /// The number of its articles.
    pub count: i64,
    /// The list of its articles.
    pub url: Link,
    /// Its articles on this page.
    pub articles: Vec<ArticleLink>,
}

/// The years that have articles.
#[derive(Debug, Serialize)]
pub(crate) struct ArchivePage<'a> {
    site: &'a Site,
    head: Head,
    years: Vec<Year>,
}

impl Page for ArchivePage<'_> {
    const TEMPLATE: &'static str = "archive.html";
}

impl<'a> ArchivePage<'a> {
    pub(crate) fn new(site: &'a Site, title: String, canonical: Link, years: Vec<Year>) -> Self {
        Self {
            head: head_of(site, title, canonical),
            site,
            years,
        }
    }
}

/// The articles of a year.
#[derive(Debug, Serialize)]
pub(crate) struct YearPage<'a> {
    site: &'a Site,
    head: Head,
    months: Vec<Month>,
    /// Other pages of the year.
    paging: Paging,
    /// The nearest years that have articles.
    newer_year: Option<Year>,
    older_year: Option<Year>,
}

impl Page for YearPage<'_> {
    const TEMPLATE: &'static str = "year.html";
}

impl<'a> YearPage<'a> {
    pub(crate) fn new(
        site: &'a Site,
        title: String,
        canonical: Link,
        months: Vec<Month>,
        paging: Paging,
    ) -> Self {
        Self {
            head: head_of(site, title, canonical),
            site,
            months,
            paging,
            newer_year: None,
            older_year: None,
        }
    }

    /// Adds the nearest years that have articles.
    pub(crate) fn between(self, newer_year: Option<Year>, older_year: Option<Year>) -> Self {
        Self {
            newer_year,
            older_year,
            ..self
        }
    }
}
