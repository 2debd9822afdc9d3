//! The texts of the site's authors as pages show them, with their pictures.

use crate::{
    content::{
        Html, Rendered,
        html::{Decoration, Labels, MediaFile, MediaFileKind, MediaFiles, MediaVariant},
    },
    federation::objects::pictures::{ArticlePicture, MediaRows},
    i18n::Locale,
    node::urls::Urls,
    store::{Media, MediaKind, Variant},
    web::{
        app::App,
        views::{Image, Link, Picture},
    },
};

/// The width that previews of links need to be large, in pixels.
const PREVIEW_WIDTH: u32 = 1200;
/// The maximum size of a picture in previews of links, in bytes: Mastodon loads no more.
const PREVIEW_BYTES: i64 = 2_000_000;

/// The place of a text on its page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextPlace<'a> {
    /// BCP 47 tag of the text's language.
    pub language: &'a str,
    /// The language of what the program adds.
    pub locale: Locale,
    /// The level of the text's highest headings.
    pub top_heading: u8,
    /// Whether it is the main text of the page, whose headings have anchors.
    pub is_main: bool,
    /// Whether no picture in the text is needed at once: one is shown above the text, or a warning hides the text.
    pub follows_picture: bool,
}

impl<'l> TextPlace<'l> {
    /// Returns the place of a text in a feed, which has the texts of many pages.
    pub(crate) fn in_feed(language: &'l str, locale: Locale) -> Self {
        Self {
            language,
            locale,
            top_heading: 2,
            is_main: false,
            follows_picture: true,
        }
    }

    fn decoration<'a>(&'a self, files: &'a MediaFiles, labels: &'a Labels) -> Decoration<'a> {
        Decoration {
            language: self.language,
            labels,
            media: files,
            top_heading: self.top_heading,
            has_anchors: self.is_main,
            has_eager_picture: self.is_main && !self.follows_picture,
        }
    }
}

/// Returns a text as its page shows it.
pub(crate) fn decorated(rendered: &Rendered, files: &MediaFiles, place: TextPlace) -> Html {
    rendered.decorated(&place.decoration(files, &labels(place.locale)))
}

/// Does the same with sanitized HTML.
pub(crate) fn decorated_html(html: &Html, files: &MediaFiles, place: TextPlace) -> Html {
    html.decorated(&place.decoration(files, &labels(place.locale)))
}

/// Returns the language of what the program adds to a text: the text's own, or else the site's.
pub(crate) fn locale_of(app: &App, language: &str) -> Locale {
    Locale::known(language).unwrap_or(app.site.locale)
}

fn labels(locale: Locale) -> Labels {
    Labels {
        back_to_reference: locale.text("text-back-to-reference").into_owned(),
        table: locale.text("text-table").into_owned(),
        watch_on_youtube: locale.text("text-watch-on-youtube").into_owned(),
        watch_on_vimeo: locale.text("text-watch-on-vimeo").into_owned(),
    }
}

/// Returns the files of these rows as a text shows them.
pub(crate) fn files_of(rows: &MediaRows, urls: &Urls) -> MediaFiles {
    let files = rows.rows().map(|row| (row.name.clone(), file_of(row)));
    MediaFiles::new(urls.base().as_str(), files)
}

fn file_of(row: &Media) -> MediaFile {
    MediaFile {
        address: row.address(),
        kind: match row.kind {
            MediaKind::Picture => MediaFileKind::Picture,
            MediaKind::Animation => MediaFileKind::Animation,
            MediaKind::Audio => MediaFileKind::Audio,
            MediaKind::Video => MediaFileKind::Video,
        },
        size: row.size(),
        content_type: row.content_type.clone(),
        variants: row
            .variants
            .0
            .iter()
            .map(|variant| MediaVariant {
                address: address_of(&variant.name),
                width: variant.width,
                content_type: variant.content_type.clone(),
            })
            .collect(),
    }
}

fn address_of(name: &str) -> String {
    format!("/media/{name}")
}

/// Returns a picture in all its sizes.
pub(crate) fn picture_of(picture: &ArticlePicture) -> Option<Picture> {
    let alt = picture.image.name.clone().unwrap_or_default();
    match &picture.media {
        Some(row) => Some(Picture::of_file(&file_of(row), alt)),
        None => Some(plain(picture)?.into()),
    }
}

/// Returns a picture for previews of links, in a format and size that other servers load.
pub(crate) fn preview_of(picture: &ArticlePicture, urls: &Urls) -> Option<Image> {
    let Some(row) = &picture.media else {
        return plain(picture);
    };
    let own = Variant {
        name: row.name.clone(),
        width: row.size().map_or(0, |(width, _)| width),
        height: row.size().map_or(0, |(_, height)| height),
        content_type: row.content_type.clone(),
        bytes: row.bytes,
    };
    let best = std::iter::once(&own)
        .chain(&row.variants.0)
        .min_by_key(|variant| {
            (
                variant.bytes > PREVIEW_BYTES,
                variant.width < PREVIEW_WIDTH.min(own.width),
                // Fewer services read WebP.
                variant.content_type == "image/webp",
                variant.bytes,
            )
        })?;
    Some(Image {
        url: Link::parse(&urls.at(&address_of(&best.name)))?,
        alt: picture.image.name.clone().unwrap_or_default(),
        size: (best.width > 0).then_some((best.width, best.height)),
    })
}

/// Returns a picture of which only the address is known.
fn plain(picture: &ArticlePicture) -> Option<Image> {
    Some(Image {
        url: Link::parse(&picture.image.url)?,
        alt: picture.image.name.clone().unwrap_or_default(),
        size: None,
    })
}
