//! The page of an article with its comments.

use super::{
    Author, CommentForm, Head, Image, Link, NamedLink, PageKind, Reactions, Site, Thread,
    Timestamp, VERSION,
};
use crate::content::Html;
use askama::Template;

/// A tag of an article.
#[derive(Debug, Clone)]
pub struct Tag {
    /// Its name, without `#`.
    pub name: String,
    /// The page that lists its articles, if there is one.
    pub url: Option<Link>,
}

/// One article in full.
#[derive(Debug, Clone)]
pub struct Article {
    /// Its title, plain text.
    pub title: String,
    /// Who wrote it.
    pub author: Author,
    /// When it was first published.
    pub published: Timestamp,
    /// When it was last changed since, if it was.
    pub updated: Option<Timestamp>,
    /// BCP 47 tag of its language.
    pub language: String,
    /// Its tags, in the order to show.
    pub tags: Vec<Tag>,
    /// One or two sentences of plain text for previews.
    pub excerpt: String,
    /// The picture above the text.
    pub image: Option<Image>,
    /// The first picture in the text, for previews of an article without a lead picture.
    pub first_picture: Option<Image>,
    /// If set, the text and the picture stay closed behind this warning until the reader opens them.
    pub content_warning: Option<String>,
    /// The text.
    pub content: Html,
    /// Its page, absolute: what people link to and search for from their own app.
    pub permalink: Link,
    /// Its ActivityPub id, unless it stays at home.
    pub activity: Option<Link>,
    /// Where readers answer it from their own server.
    pub reply: Option<Link>,
    /// Whether search engines may list it.
    pub indexable: bool,
    /// What others made of it.
    pub reactions: Reactions,
    /// Posts that quote it, the newest first.
    pub quotes: Vec<NamedLink>,
}

/// The conversation under an article.
#[derive(Debug, Clone)]
pub struct Discussion {
    /// The comments of this page, in threads.
    pub threads: Vec<Thread>,
    /// How many comments there are, on all pages.
    pub total: u64,
    /// Whether replies are still taken.
    pub open: bool,
    /// The pages before and after.
    pub paging: Paging,
    /// The page of the newest comments, if it is another one.
    pub newest: Option<Link>,
    /// The form for readers without an account, where they may comment.
    pub form: Option<CommentForm>,
}

/// Links to the neighbours of one page of a list.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    /// The page of later things.
    pub newer: Option<Link>,
    /// The page of earlier things.
    pub older: Option<Link>,
}

/// The page of one article with its comments.
#[derive(Debug, Template)]
#[template(path = "article.html")]
pub struct ArticlePage<'a> {
    site: &'a Site,
    head: Head,
    article: Article,
    discussion: Discussion,
}

impl<'a> ArticlePage<'a> {
    /// The page of `article`; its head is drawn from it.
    pub fn new(site: &'a Site, article: Article, discussion: Discussion) -> Self {
        let head = Head {
            title: article.title.clone(),
            // Previews must not reveal words or pictures behind a warning.
            description: match &article.content_warning {
                Some(warning) => warning.clone(),
                None => article.excerpt.clone(),
            },
            language: article.language.clone(),
            canonical: Some(article.permalink.clone()),
            activity: article.activity.clone(),
            creator: article.author.handle.clone().or(Some(site.handle.clone())),
            image: article
                .image
                .clone()
                .or(article.first_picture.clone())
                .filter(|_| article.content_warning.is_none()),
            indexable: article.indexable,
            kind: PageKind::Article {
                published: article.published,
                updated: article.updated,
                tags: article.tags.iter().map(|tag| tag.name.clone()).collect(),
            },
        };
        Self {
            site,
            head,
            article,
            discussion,
        }
    }
}
