//! The page of who reacted to an article or a comment, and how.

use super::{Author, Head, Link, PageKind, Paging, Site, Timestamp, VERSION};
use crate::content::Html;
use askama::Template;

/// What somebody made of something.
#[derive(Debug, Clone)]
pub struct Reaction {
    /// Who.
    pub author: Author,
    /// The author's name, with the emoji in it.
    pub name: Html,
    /// As in "likes this".
    pub what: Html,
    /// The post that quotes it.
    pub url: Option<Link>,
    /// When.
    pub at: Timestamp,
}

/// The page of who reacted to an article, or to a comment below it.
#[derive(Debug, Template)]
#[template(path = "reactions.html")]
pub struct ReactionsPage<'a> {
    site: &'a Site,
    head: Head,
    /// The article's title.
    title: String,
    /// What they reacted to.
    back: Link,
    /// The comment's number, if it is about one.
    number: Option<i64>,
    reactions: Vec<Reaction>,
    paging: Paging,
}

impl<'a> ReactionsPage<'a> {
    /// The page of `reactions` to the article of this title, or to its comment `number`.
    pub fn new(
        site: &'a Site,
        title: String,
        number: Option<i64>,
        back: Link,
        reactions: Vec<Reaction>,
        paging: Paging,
    ) -> Self {
        let heading = match number {
            Some(number) => format!("Reactions to comment {number} on {title}"),
            None => format!("Reactions to {title}"),
        };
        Self {
            site,
            // Search engines must not find people by what they liked.
            head: Head::unlisted(&heading),
            title,
            back,
            number,
            reactions,
            paging,
        }
    }
}
