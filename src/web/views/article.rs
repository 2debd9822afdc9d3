//! The page of an article with its comments.

use super::{
    Author, CommentForm, FeedLink, Head, Image, Link, Metadata, NamedLink, Neighbours, PageKind,
    Picture, Reactions, Site, Thread, Timestamp, metadata::schema_org,
};
use crate::content::Html;
use crate::i18n::Locale;
use crate::web::templates::Page;
use serde::Serialize;

/// A tag.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Tag {
    /// Its name, without `#`.
    pub name: String,
    /// The page that lists its posts, if there is one.
    pub url: Option<Link>,
}

/// An article with its text.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Article {
    /// Plain text.
    pub title: String,
    pub author: Author,
    /// The time of the first publication.
    pub published: Timestamp,
    /// The time of the last change since then.
    pub updated: Option<Timestamp>,
    /// BCP 47 tag of its language.
    pub language: String,
    /// In the order to show.
    pub tags: Vec<Tag>,
    /// One or two sentences of plain text for link previews.
    pub excerpt: String,
    /// The picture above the text.
    pub image: Option<Picture>,
    /// The picture of link previews: the one above the text, or else the first in it.
    pub preview: Option<Image>,
    /// The picture with its title, for link previews of an article without pictures.
    pub card: Image,
    /// A warning that hides the text and the picture until the reader opens them.
    pub content_warning: Option<String>,
    pub content: Html,
    /// The absolute address of its page, which readers search for in their own app.
    pub permalink: Link,
    /// Its ActivityPub id, if it is federated.
    pub activity: Option<Link>,
    /// The page on which readers reply from their own server.
    pub remote_reply: Option<Link>,
    /// Whether search engines may list its page.
    pub indexable: bool,
    pub reactions: Reactions,
    /// Posts that quote it, the newest first.
    pub quotes: Vec<NamedLink>,
}

/// The conversation under an article.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Discussion {
    /// The comments of this page, in threads.
    pub threads: Vec<Thread>,
    /// The number of comments on all pages.
    pub total: u64,
    /// Whether new comments are accepted.
    pub open: bool,
    pub paging: Paging,
    /// The page with the newest comments, if it is not this one.
    pub newest: Option<Link>,
    /// The form for readers without an account, if they can comment.
    pub form: Option<CommentForm>,
}

/// Links from one page of a list to the next ones.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Paging {
    /// The page with newer entries.
    pub newer: Option<Link>,
    /// The page with older entries.
    pub older: Option<Link>,
}

/// The page of an article with its comments.
#[derive(Debug, Serialize)]
pub(crate) struct ArticlePage<'a> {
    site: &'a Site,
    head: Head,
    /// The language of the interface.
    locale: Locale,
    article: Article,
    discussion: Discussion,
    metadata: Metadata,
    /// Whether readers can't see it yet.
    is_draft: bool,
    neighbours: Neighbours,
}

impl Page for ArticlePage<'_> {
    const TEMPLATE: &'static str = "article.html";
}

impl<'a> ArticlePage<'a> {
    /// Creates the page of an article.
    pub(crate) fn new(site: &'a Site, article: Article, discussion: Discussion) -> Self {
        let head = Head {
            title: article.title.clone(),
            // Link previews must not reveal a text or picture behind a warning.
            description: match &article.content_warning {
                Some(warning) => warning.clone(),
                None => article.excerpt.clone(),
            },
            language: article.language.clone(),
            canonical: Some(article.permalink.clone()),
            activity: article.activity.clone(),
            creator: article.author.handle.clone().or(Some(site.handle.clone())),
            image: article
                .preview
                .clone()
                .filter(|_| article.content_warning.is_none())
                .or(Some(article.card.clone())),
            indexable: article.indexable,
            kind: PageKind::Article {
                published: article.published,
                updated: article.updated,
                tags: article.tags.iter().map(|tag| tag.name.clone()).collect(),
            },
        };
        let comments = Link::parse(&format!("{}/comments", article.permalink));
        let metadata = Metadata {
            feeds: comments.into_iter().map(FeedLink::of_comments).collect(),
            embed: Some(article.permalink.clone()),
            author: article.author.url.clone(),
            json_ld: Some(schema_org::article(site, &article, &discussion)),
        };
        Self {
            site,
            head,
            locale: site.locale_for(&article.language),
            article,
            discussion,
            metadata,
            is_draft: false,
            neighbours: Neighbours::default(),
        }
    }

    /// Adds the articles to read next.
    pub(crate) fn with_neighbours(self, neighbours: Neighbours) -> Self {
        Self { neighbours, ..self }
    }

    /// Turns the page into that of a draft: nobody comments on it, and no program learns its address.
    pub(crate) fn into_draft(mut self) -> Self {
        self.is_draft = true;
        self.head.canonical = None;
        self.head.activity = None;
        self.head.indexable = false;
        self.metadata = Metadata {
            feeds: Vec::new(),
            embed: None,
            author: None,
            json_ld: None,
        };
        self
    }
}
