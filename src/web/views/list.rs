//! Pages that list articles and notes.

use super::{
    Author, FeedLink, Head, Link, Metadata, PageKind, Paging, Picture, Site, Tag, Timestamp,
};
use crate::web::templates::Page;
use serde::Serialize;

/// An entry in a list: an article or a note.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Summary {
    /// The title, or the beginning of a note, in plain text.
    pub title: String,
    pub url: Link,
    pub author: Author,
    /// The time of the first publication.
    pub published: Timestamp,
    /// BCP 47 tag of its language.
    pub language: String,
    /// The content warning, or else the excerpt, in plain text. Empty if the title is the whole text.
    pub excerpt: String,
    /// The picture above its text, or else the first in it. `None` behind a content warning.
    pub picture: Option<Picture>,
    pub tags: Vec<Tag>,
    /// The number of comments; `None` for a note, whose replies are not counted.
    pub comments: Option<u64>,
}

/// A page that lists posts: older articles, the posts with a tag.
#[derive(Debug, Serialize)]
pub(crate) struct ListPage<'a> {
    site: &'a Site,
    head: Head,
    heading: String,
    articles: Vec<Summary>,
    paging: Paging,
    metadata: Metadata,
}

impl Page for ListPage<'_> {
    const TEMPLATE: &'static str = "list.html";
}

impl<'a> ListPage<'a> {
    /// Creates a list, such as "Tagged History" or "Older articles".
    pub(crate) fn titled(
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
            heading,
            articles,
            paging,
            metadata: Metadata::default(),
        }
    }

    /// Adds the feed of the same posts, whose address is given without the ending of a format.
    pub(crate) fn with_feed(mut self, address: Link) -> Self {
        self.metadata.feeds.push(FeedLink {
            title: Some(self.heading.clone()),
            address,
        });
        self
    }
}
