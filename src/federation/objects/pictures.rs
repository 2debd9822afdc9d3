//! The pictures of a post in its documents.
//!
//! A server may drop a whole post because of an attachment that is no picture, or wait for hours for a host that does
//! not respond (Misskey). So only imported files are attached.

use super::articles::image;
use crate::{
    content::{Rendered, html::media_names},
    media,
    node::urls::{Urls, same_origin},
    protocol::Image,
    store::{Article, Conn, Media, MediaKind, StoreError},
};
use std::{collections::HashMap, path::Path};
use url::Url;

/// The maximum number of attached pictures; Mastodon shows four.
const MAX_ATTACHED: usize = 16;

/// The rows of the media files that posts refer to, by their names.
#[derive(Debug, Clone, Default)]
pub struct MediaRows(HashMap<String, Media>);

impl MediaRows {
    /// Reads the rows of all files that these texts and addresses mention, with one query.
    pub async fn of(conn: &mut Conn, texts: &[Option<&str>]) -> Result<MediaRows, StoreError> {
        let texts = texts.iter().copied().flatten();
        let mut names: Vec<String> = texts.flat_map(media_names).collect();
        names.sort_unstable();
        names.dedup();
        let rows = conn.media_by_names(&names).await?;
        Ok(MediaRows(
            rows.into_iter()
                .map(|row| (row.name.clone(), row))
                .collect(),
        ))
    }

    /// Reads the rows of the files of some articles.
    pub async fn of_articles(
        conn: &mut Conn,
        articles: &[Article],
    ) -> Result<MediaRows, StoreError> {
        let mut texts = Vec::new();
        for article in articles {
            texts.extend([
                Some(article.markdown.as_str()),
                article.image_url.as_deref(),
            ]);
        }
        Self::of(conn, &texts).await
    }

    /// Returns the row of the file at an address.
    pub fn at(&self, url: &Url, urls: &Urls) -> Option<&Media> {
        let name = url.path().strip_prefix("/media/")?;
        self.0.get(name).filter(|_| same_origin(url, urls.base()))
    }

    /// Returns all rows.
    pub fn rows(&self) -> impl Iterator<Item = &Media> {
        self.0.values()
    }
}

/// A picture of an article.
pub struct ArticlePicture {
    pub image: Image,
    /// Whether it is a file on this node.
    pub is_local: bool,
    /// Its row, if it has one.
    pub media: Option<Media>,
}

/// Returns the available pictures, audio and video files of an article, the lead picture first, each once. `base` is its
/// permalink, `data` the data folder.
pub fn of_article(
    article: &Article,
    rendered: &Rendered,
    rows: &MediaRows,
    urls: &Urls,
    base: &Url,
    data: &Path,
) -> Vec<ArticlePicture> {
    let lead = article.image_url.as_deref();
    let lead = lead.and_then(|url| base.join(url).ok());
    let lead = lead.map(|url| (url, article.image_alt.clone().unwrap_or_default()));
    let mut pictures: Vec<ArticlePicture> = Vec::new();
    for (url, alt) in lead.into_iter().chain(rendered.images.iter().cloned()) {
        let mut picture = ArticlePicture::at(&url, Some(alt), rows, urls);
        picture.is_local = picture.is_local || is_file(&url, urls, data);
        let is_elsewhere =
            matches!(url.scheme(), "http" | "https") && !same_origin(&url, urls.base());
        let is_known = pictures.iter().any(|known| known.image.url == url.as_str());
        if (picture.is_local || is_elsewhere) && !is_known {
            pictures.push(picture);
        }
    }
    pictures
}

impl ArticlePicture {
    /// Returns the picture at an address, whether it is available or not.
    pub fn at(url: &Url, alt: Option<String>, rows: &MediaRows, urls: &Urls) -> Self {
        let media = rows.at(url, urls);
        Self {
            image: described(url.as_str(), alt, media),
            is_local: media.is_some(),
            media: media.cloned(),
        }
    }

    /// Returns whether it is neither audio nor video.
    pub fn is_picture(&self) -> bool {
        let kind = self.media.as_ref().map(|media| media.kind);
        !matches!(kind, Some(MediaKind::Audio | MediaKind::Video))
    }
}

/// Returns the document of a media file with what is known about it.
pub fn described(url: &str, alt: Option<String>, media: Option<&Media>) -> Image {
    let plain = image(url, alt);
    let Some(media) = media else {
        return plain;
    };
    let size = media.size();
    Image {
        kind: match media.kind {
            MediaKind::Picture | MediaKind::Animation => "Image",
            MediaKind::Audio => "Audio",
            MediaKind::Video => "Video",
        },
        media_type: Some(media.content_type.clone()),
        width: size.map(|(width, _)| width),
        height: size.map(|(_, height)| height),
        blurhash: media.blurhash.clone(),
        focal_point: media.focus_x.zip(media.focus_y).map(|(x, y)| [x, y]),
        ..plain
    }
}

/// Returns the pictures to attach.
pub fn attached(pictures: &[ArticlePicture]) -> Vec<Image> {
    let here = pictures.iter().filter(|picture| picture.is_local);
    here.map(|picture| picture.image.clone())
        .take(MAX_ATTACHED)
        .collect()
}

/// Returns whether an address is that of a picture that an older version imported, without a row, and that still exists.
pub fn is_file(url: &Url, urls: &Urls, data: &Path) -> bool {
    let name = url.path().strip_prefix("/media/");
    let file = name.and_then(|name| media::file_path(name, data));
    same_origin(url, urls.base()) && file.is_some_and(|file| file.is_file())
}
