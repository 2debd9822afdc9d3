//! Links to pages of this site that several handlers need.

use crate::{
    media::drawing::card::{self, Card},
    node::urls::Urls,
    web::views::{Image, Link},
};
use url::form_urlencoded::byte_serialize;

/// The path of the running program's source (AGPL-3.0, section 13).
pub(crate) const SOURCE_PATH: &str = "/source.tar";

/// Returns a link to an address that this site built itself.
pub(crate) fn own_link(address: &str) -> Link {
    let root = || Link::parse("/").expect("the root is a link");
    Link::parse(address).unwrap_or_else(root)
}

/// Returns the page on which a reader names their own server to follow an actor, or to reply to an article or comment,
/// with this id.
pub(crate) fn interact_url(id: &str) -> Link {
    let encoded: String = byte_serialize(id.as_bytes()).collect();
    own_link(&format!("/interact?uri={encoded}"))
}

/// Returns the picture of a card. The subject is an article's uid, or `site`.
pub(crate) fn card_of(urls: &Urls, subject: &str, card: &Card) -> Image {
    Image {
        url: own_link(&urls.at(&format!("/cards/{subject}/{}.png", card.name()))),
        alt: card.title.clone(),
        size: Some((card::WIDTH, card::HEIGHT)),
    }
}
