//! The page of who reacted to an article or a comment, and how.

use super::{Author, Head, Link, Moment, PageKind, Paging, Site, VERSION};
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
    pub at: Moment,
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
        let head = Head {
            title: match number {
                Some(number) => format!("Reactions to comment {number} on {title}"),
                None => format!("Reactions to {title}"),
            },
            description: String::new(),
            language: "en".to_owned(),
            canonical: None,
            activity: None,
            creator: None,
            image: None,
            // People are not to be found by what they liked.
            indexable: false,
            kind: PageKind::Website,
        };
        Self {
            site,
            head,
            title,
            back,
            number,
            reactions,
            paging,
        }
    }
}
