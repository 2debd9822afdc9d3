//! The pictures of an article in its documents.
//!
//! A server may drop a whole post because of an attachment that is no picture, or wait for hours for a host that does
//! not respond (Misskey). So only imported pictures are attached.

use super::articles::image;
use crate::{
    content::Rendered,
    media,
    node::urls::{Urls, same_origin},
    protocol::Image,
    store::Article,
};
use std::path::Path;
use url::Url;

/// The maximum number of attached pictures; Mastodon shows four.
const MAX_ATTACHED: usize = 16;

/// A picture of an article.
pub struct ArticlePicture {
    pub image: Image,
    /// Whether it is a file on this node.
    pub is_local: bool,
}

/// Returns the available pictures of an article, the lead picture first, each once. `base` is its permalink, `data`
/// the data folder.
pub fn of_article(
    article: &Article,
    rendered: &Rendered,
    urls: &Urls,
    base: &Url,
    data: &Path,
) -> Vec<ArticlePicture> {
    let lead = article.image_url.as_deref();
    let lead = lead.and_then(|url| base.join(url).ok());
    let lead = lead.map(|url| (url, article.image_alt.clone().unwrap_or_default()));
    let mut pictures: Vec<ArticlePicture> = Vec::new();
    for (url, alt) in lead.into_iter().chain(rendered.images.iter().cloned()) {
        let is_local = is_local(&url, urls, data);
        let is_elsewhere =
            matches!(url.scheme(), "http" | "https") && !same_origin(&url, urls.base());
        let is_known = pictures.iter().any(|known| known.image.url == url.as_str());
        if (is_local || is_elsewhere) && !is_known {
            let image = image(url.as_str(), Some(alt));
            pictures.push(ArticlePicture { image, is_local });
        }
    }
    pictures
}

/// Returns the pictures to attach.
pub fn attached(pictures: &[ArticlePicture]) -> Vec<Image> {
    let here = pictures.iter().filter(|picture| picture.is_local);
    here.map(|picture| picture.image.clone())
        .take(MAX_ATTACHED)
        .collect()
}

/// Returns whether an address is that of an imported picture that still exists.
pub fn is_local(url: &Url, urls: &Urls, data: &Path) -> bool {
    let name = url.path().strip_prefix("/media/");
    let file = name.and_then(|name| media::file_path(name, data));
    same_origin(url, urls.base()) && file.is_some_and(|file| file.is_file())
}
