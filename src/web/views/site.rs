//! The parts of every page: the publication, links, images and the head.

use super::{Link, Timestamp};
use crate::i18n::Locale;
use serde::Serialize;

/// The publication, as every page shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Site {
    /// Plain text.
    pub name: String,
    /// One or two sentences of plain text. May be empty.
    pub description: String,
    /// BCP 47 tag of the language of name and description.
    pub language: String,
    /// The language of the interface.
    pub locale: Locale,
    /// Its handle, such as `@blog@example.org`.
    pub handle: String,
    /// The page on which readers follow it from their own server.
    pub follow: Link,
    /// The home page.
    pub home: Link,
    /// The Atom feed.
    pub feed: Link,
    /// The source code of this node (AGPL-3.0, section 13).
    pub source_code: Link,
    /// Profiles of the publication on other sites, which the home page links with `rel="me"`.
    pub me: Vec<Link>,
    /// The picture in the masthead.
    pub logo: Option<Image>,
    /// The picture above the home page.
    pub cover: Option<Image>,
    /// Whether search engines may list its pages.
    pub indexable: bool,
    /// The type of articles in schema.org's vocabulary.
    pub article_type: &'static str,
    /// The picture of link previews of the site.
    pub card: Image,
    /// Further links for header and footer, such as one for donations.
    pub links: Vec<NamedLink>,
    /// Its accounts on other sites.
    pub accounts: Vec<NamedLink>,
    /// Pages on which readers can donate.
    pub donate: Vec<NamedLink>,
    /// Whether the pages become files for another web server, which processes no forms and knows no other server.
    pub is_static: bool,
}

impl Site {
    /// Returns the language of the interface for what is about a post: the post's own (BCP 47), or that of the site if the
    /// interface is not translated into it.
    pub(crate) fn locale_for(&self, language: &str) -> Locale {
        Locale::known(language).unwrap_or(self.locale)
    }
}

/// A link with its text.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NamedLink {
    /// Plain text.
    pub label: String,
    pub url: Link,
}

/// An image on this site. Pages load none from other servers.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Image {
    /// Its absolute address, as OpenGraph demands.
    pub url: Link,
    /// Alternative text. Empty for a decoration.
    pub alt: String,
    /// Width and height in pixels, if known, so that the page does not jump while it loads.
    pub size: Option<(u32, u32)>,
}

/// The metadata of a page, for browsers, search engines and link previews.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Head {
    /// The title, without the name of the site.
    pub title: String,
    /// One or two sentences of plain text. May be empty.
    pub description: String,
    /// BCP 47 tag of the page's language.
    pub language: String,
    /// The canonical address of the page, absolute.
    pub canonical: Option<Link>,
    /// The ActivityPub document of the same resource (ActivityPub, section 3.2).
    pub activity: Option<Link>,
    /// The handle of the author for link previews (Mastodon's `fediverse:creator`).
    pub creator: Option<String>,
    /// The image of link previews.
    pub image: Option<Image>,
    /// Whether search engines may list the page.
    pub indexable: bool,
    /// The OpenGraph type, `og:type`.
    pub kind: PageKind,
}

/// The OpenGraph type of a page.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum PageKind {
    /// A list, a note, a form, an error.
    Website,
    /// An article.
    Article {
        /// The time of the first publication.
        published: Timestamp,
        /// The time of the last change since then.
        updated: Option<Timestamp>,
        /// The names of its tags, without `#`.
        tags: Vec<String>,
    },
    /// An author.
    Profile,
}

impl Head {
    /// Returns the head of a page of the interface that search engines must not list.
    pub(super) fn unlisted(locale: Locale, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            description: String::new(),
            language: locale.tag().to_owned(),
            canonical: None,
            activity: None,
            creator: None,
            image: None,
            indexable: false,
            kind: PageKind::Website,
        }
    }
}
