//! Pictures in several sizes.

use super::Image;
use crate::content::html::MediaFile;
use serde::Serialize;

/// A picture in several sizes, which `parts/picture.html` shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Picture {
    /// The address of the picture in the format that every browser reads.
    pub src: String,
    /// Alternative text. Empty for a decoration.
    pub alt: String,
    /// Width and height in pixels, if known, so that the page does not jump while it loads.
    pub size: Option<(u32, u32)>,
    /// Its other widths in the same format, as in `srcset`.
    pub srcset: Option<String>,
    /// A smaller format in several widths.
    pub source: Option<PictureSource>,
}

/// A picture in a format that not every browser reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PictureSource {
    pub content_type: String,
    /// Its widths, as in `srcset`.
    pub srcset: String,
}

impl Picture {
    /// Returns a picture with all sizes of a file.
    pub(crate) fn of_file(file: &MediaFile, alt: String) -> Self {
        Self {
            src: file.address.clone(),
            alt,
            size: file.size,
            srcset: file.srcset(),
            source: file.source().map(|(content_type, srcset)| PictureSource {
                content_type: content_type.to_owned(),
                srcset,
            }),
        }
    }
}

impl From<Image> for Picture {
    fn from(image: Image) -> Self {
        Self {
            src: image.url.to_string(),
            alt: image.alt,
            size: image.size,
            ..Self::default()
        }
    }
}
