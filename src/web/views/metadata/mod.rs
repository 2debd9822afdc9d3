//! The part of a page's head that only programs read: feeds, oEmbed and schema.org.

pub(super) mod schema_org;

use super::Link;
use crate::content::html::JsonLd;
use serde::Serialize;

/// Metadata of a page beyond [`Head`](super::Head), as `parts/metadata.html` writes it.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Metadata {
    /// The feeds of the same content, without that of the whole site.
    pub feeds: Vec<FeedLink>,
    /// The address of the article that other sites can embed.
    pub embed: Option<Link>,
    /// The page of the author.
    pub author: Option<Link>,
    /// The description by schema.org.
    pub json_ld: Option<JsonLd>,
}

/// A feed in all formats.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FeedLink {
    /// Plain text; `None` for the comments of the page.
    pub title: Option<String>,
    /// The address without the ending of a format.
    pub address: Link,
}

impl FeedLink {
    /// Returns the feed of the comments on a page.
    pub(super) fn of_comments(address: Link) -> Self {
        FeedLink {
            title: None,
            address,
        }
    }
}
