//! The parts of every page: the publication, links, images and the head.

use super::{Link, Timestamp};

/// What every page says about the publication.
#[derive(Debug, Clone)]
pub struct Site {
    /// The publication's name, plain text.
    pub name: String,
    /// What it is about, in a sentence or two of plain text. May be empty.
    pub description: String,
    /// BCP 47 tag of the language that the name and description are written in.
    pub language: String,
    /// The publication's handle, such as `@blog@example.org`.
    pub handle: String,
    /// Where readers follow it from their own server.
    pub follow: Link,
    /// The home page.
    pub home: Link,
    /// The Atom feed.
    pub feed: Link,
    /// Where this node's source code is offered (AGPL-3.0, section 13).
    pub source_code: Link,
    /// The same publication elsewhere, which the home page names with `rel="me"`.
    pub me: Vec<Link>,
    /// Whether search engines may list its pages.
    pub indexable: bool,
    /// Further links for header and footer, such as one for donations.
    pub links: Vec<NamedLink>,
}

/// A link with its text.
#[derive(Debug, Clone)]
pub struct NamedLink {
    /// The text, plain.
    pub label: String,
    /// Where it goes.
    pub url: Link,
}

/// An image of our own, since pages load none from other servers.
#[derive(Debug, Clone)]
pub struct Image {
    /// Where it is served. Absolute, because OpenGraph asks for that.
    pub url: Link,
    /// What it shows, for those who do not see it. Empty for a decoration.
    pub alt: String,
    /// Width and height in pixels, if known; they keep the page from jumping while it loads.
    pub size: Option<(u32, u32)>,
}

/// The invisible part of a page: what browsers, search engines and link previews read.
#[derive(Debug, Clone)]
pub struct Head {
    /// The page's own title, without the site's name.
    pub title: String,
    /// One or two sentences of plain text. May be empty.
    pub description: String,
    /// BCP 47 tag of the page's language.
    pub language: String,
    /// The page's one true address, absolute.
    pub canonical: Option<Link>,
    /// The ActivityPub document of the same thing (ActivityPub, section 3.2).
    pub activity: Option<Link>,
    /// Handle of whom link previews name as the author (Mastodon's `fediverse:creator`).
    pub creator: Option<String>,
    /// The picture of link previews.
    pub image: Option<Image>,
    /// Whether search engines may list the page.
    pub indexable: bool,
    /// What kind of thing the page is (OpenGraph `og:type`).
    pub kind: PageKind,
}

/// What a page is, in the words of OpenGraph.
#[derive(Debug, Clone)]
pub enum PageKind {
    /// A list of articles, an error.
    Website,
    /// One article, with its dates and tags.
    Article {
        /// When it was first published.
        published: Timestamp,
        /// When it was last changed since.
        updated: Option<Timestamp>,
        /// The names of its tags.
        tags: Vec<String>,
    },
    /// A person.
    Profile,
}

impl Head {
    /// Returns the head of an English page that search engines leave out.
    pub(super) fn unlisted(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            description: String::new(),
            language: "en".to_owned(),
            canonical: None,
            activity: None,
            creator: None,
            image: None,
            indexable: false,
            kind: PageKind::Website,
        }
    }
}
