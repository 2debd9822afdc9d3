//! The pictures of an article as its documents name them.
//!
//! A server may drop a whole post for an attachment that does not answer with a picture, or wait for hours for
//! a host that does not answer (Misskey). So only pictures that were taken in are attached.

use super::{
    posts::image,
    urls::{Urls, same_origin},
};
use crate::{content::Rendered, media, protocol::Image, store::Article};
use std::path::Path;
use url::Url;

/// Attached pictures, at the most; Mastodon shows four.
const MAX_ATTACHED: usize = 16;

/// A picture of an article.
pub struct Pictured {
    pub image: Image,
    /// Whether it is a file of this node's.
    pub is_here: bool,
}

/// The pictures of an article that can be there, the lead picture first, each once. `base` is its permalink,
/// `data` the data folder.
pub fn of_article(
    article: &Article,
    rendered: &Rendered,
    urls: &Urls,
    base: &Url,
    data: &Path,
) -> Vec<Pictured> {
    let lead = article.image_url.as_deref();
    let lead = lead.and_then(|url| base.join(url).ok());
    let lead = lead.map(|url| (url, article.image_alt.clone().unwrap_or_default()));
    let mut pictures: Vec<Pictured> = Vec::new();
    for (url, alt) in lead.into_iter().chain(rendered.images.iter().cloned()) {
        let is_here = is_here(&url, urls, data);
        let is_elsewhere =
            matches!(url.scheme(), "http" | "https") && !same_origin(&url, urls.base());
        let is_known = pictures.iter().any(|known| known.image.url == url.as_str());
        if (is_here || is_elsewhere) && !is_known {
            let image = image(url.as_str(), Some(alt));
            pictures.push(Pictured { image, is_here });
        }
    }
    pictures
}

/// What of them is attached.
pub fn attached(pictures: &[Pictured]) -> Vec<Image> {
    let here = pictures.iter().filter(|picture| picture.is_here);
    here.map(|picture| picture.image.clone())
        .take(MAX_ATTACHED)
        .collect()
}

/// Whether an address is that of a picture that this node took in and still has.
pub fn is_here(url: &Url, urls: &Urls, data: &Path) -> bool {
    let name = url.path().strip_prefix("/media/");
    let file = name.and_then(|name| media::path_of(name, data));
    same_origin(url, urls.base()) && file.is_some_and(|file| file.is_file())
}
