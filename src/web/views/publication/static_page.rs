//! A static page, such as About.

use super::head_of;
use crate::{
    content::Html,
    web::{
        templates::Page,
        views::{Head, Image, Link, Picture, Site, Timestamp},
    },
};
use serde::Serialize;

/// A static page.
#[derive(Debug, Serialize)]
pub(crate) struct StaticPage {
    pub title: String,
    /// BCP 47 tag of its language.
    pub language: String,
    /// The summary or the beginning, in plain text, for link previews.
    pub excerpt: String,
    /// The picture above the text.
    pub image: Option<Picture>,
    /// The picture for link previews.
    pub preview: Option<Image>,
    pub content: Html,
    /// The time of the last change.
    pub changed: Timestamp,
    /// The absolute address of the page.
    pub permalink: Link,
}

/// The page of a static page.
#[derive(Debug, Serialize)]
pub(crate) struct StaticPageView<'a> {
    site: &'a Site,
    head: Head,
    page: StaticPage,
}

impl Page for StaticPageView<'_> {
    const TEMPLATE: &'static str = "page.html";
}

impl<'a> StaticPageView<'a> {
    pub(crate) fn new(site: &'a Site, page: StaticPage) -> Self {
        let head = Head {
            language: page.language.clone(),
            description: page.excerpt.clone(),
            image: page.preview.clone(),
            ..head_of(site, page.title.clone(), page.permalink.clone())
        };
        Self { site, head, page }
    }
}
