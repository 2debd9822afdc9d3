//! The page of the reactions to an article or comment.

use super::{Author, Head, Link, Paging, Site, Timestamp};
use crate::content::Html;
use crate::i18n::Locale;
use crate::web::templates::Page;
use serde::Serialize;

/// A reaction.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Reaction {
    pub author: Author,
    /// The author's name with custom emoji.
    pub name: Html,
    /// The text, such as "likes this".
    pub text: Html,
    /// The post that quotes it.
    pub url: Option<Link>,
    pub at: Timestamp,
}

/// The page of the reactions to an article or comment.
#[derive(Debug, Serialize)]
pub(crate) struct ReactionsPage<'a> {
    site: &'a Site,
    head: Head,
    /// The language of the interface.
    locale: Locale,
    /// The article's title.
    title: String,
    /// The address of the article or comment.
    target: Link,
    /// The number of the comment; `None` for the article.
    number: Option<i64>,
    reactions: Vec<Reaction>,
    paging: Paging,
}

impl Page for ReactionsPage<'_> {
    const TEMPLATE: &'static str = "reactions.html";
}

impl<'a> ReactionsPage<'a> {
    /// Creates the page of the reactions to an article, or to its comment with this number.
    pub(crate) fn new(
        site: &'a Site,
        locale: Locale,
        title: String,
        number: Option<i64>,
        target: Link,
        reactions: Vec<Reaction>,
        paging: Paging,
    ) -> Self {
        let argument = ("title", title.as_str().into());
        let heading = match number {
            Some(number) => locale.text_with(
                "reactions-title-comment",
                &[("number", number.into()), argument],
            ),
            None => locale.text_with("reactions-title", &[argument]),
        };
        Self {
            site,
            // Search engines must not find people by what they liked.
            head: Head::unlisted(locale, heading),
            locale,
            title,
            target,
            number,
            reactions,
            paging,
        }
    }
}
