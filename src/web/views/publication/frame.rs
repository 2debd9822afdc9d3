//! The parts of pages that come from the database and are the same on each: menus, and links to articles.

use crate::web::views::{Image, Link, NamedLink, Timestamp};
use serde::Serialize;

/// The parts of every page that come from the database.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Frame {
    /// The static pages in the header.
    pub header: Vec<NamedLink>,
    /// The static pages in the footer.
    pub footer: Vec<NamedLink>,
    /// Whether one of them is the admin's page about privacy.
    pub has_privacy: bool,
    /// Whether there is an index of authors to link to.
    pub has_authors: bool,
    /// Whether there is a list of notes to link to.
    pub has_notes: bool,
    /// Whether the publication moved to another account, so that nobody should follow this one.
    pub has_moved: bool,
    /// The newest articles, for readers who found none.
    pub newest: Vec<ArticleLink>,
}

/// A link to an article.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ArticleLink {
    pub title: String,
    pub url: Link,
    pub published: Timestamp,
    /// BCP 47 tag of its language.
    pub language: String,
    /// Its lead picture, unless it is behind a warning.
    pub picture: Option<Image>,
}

/// The articles to read after an article.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Neighbours {
    /// The next older one.
    pub previous: Option<ArticleLink>,
    /// The next newer one.
    pub next: Option<ArticleLink>,
    /// Those with the same tags, then the newest.
    pub related: Vec<ArticleLink>,
}
