//! Pages that list articles and notes.

use super::{Author, Head, Link, NamedLink, PageKind, Paging, Site, Tag, Timestamp, VERSION};
use askama::Template;

/// An entry in a list: an article or a note.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The title, or the beginning of a note, in plain text.
    pub title: String,
    /// Its page.
    pub url: Link,
    /// Who wrote it.
    pub author: Author,
    /// When it was first published.
    pub published: Timestamp,
    /// BCP 47 tag of its language.
    pub language: String,
    /// The content warning, if any, or else the excerpt, in plain text. Empty if the title is the whole text.
    pub excerpt: String,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// The number of its comments; the replies to a note are not counted.
    pub comments: Option<u64>,
}

/// A page that lists articles: the home page, its older pages, a tag's page.
#[derive(Debug, Template)]
#[template(path = "list.html")]
pub struct ListPage<'a> {
    site: &'a Site,
    head: Head,
    /// `None` on the home page, whose heading is the site's name.
    heading: Option<String>,
    articles: Vec<Summary>,
    paging: Paging,
    /// Where the publication moved, if it did.
    moved: Option<NamedLink>,
}

impl<'a> ListPage<'a> {
    /// The home page: the site's own description above its newest articles.
    /// `activity` is the id of the site's actor.
    pub fn home(site: &'a Site, activity: Link, articles: Vec<Summary>, paging: Paging) -> Self {
        let head = Head {
            title: site.name.clone(),
            description: site.description.clone(),
            language: site.language.clone(),
            canonical: Some(site.home.clone()),
            activity: Some(activity),
            creator: Some(site.handle.clone()),
            image: None,
            indexable: site.indexable,
            kind: PageKind::Website,
        };
        Self {
            site,
            head,
            heading: None,
            articles,
            paging,
            moved: None,
        }
    }

    /// The same, of a publication that moved.
    pub fn moved_to(self, moved: Option<NamedLink>) -> Self {
        Self { moved, ..self }
    }

    /// Any other list, such as "Tagged History" or "Older articles", at its own address.
    pub fn titled(
        site: &'a Site,
        heading: String,
        canonical: Link,
        articles: Vec<Summary>,
        paging: Paging,
    ) -> Self {
        let head = Head {
            title: heading.clone(),
            description: String::new(),
            language: site.language.clone(),
            canonical: Some(canonical),
            activity: None,
            creator: None,
            image: None,
            indexable: site.indexable,
            kind: PageKind::Website,
        };
        Self {
            site,
            head,
            heading: Some(heading),
            articles,
            paging,
            moved: None,
        }
    }
}
