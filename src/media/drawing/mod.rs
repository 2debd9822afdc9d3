//! Draws pictures from SVG: the icons of the site, and cards for link previews.
//!
//! The SVG is our own. Texts in it are escaped, and nothing outside of it is loaded.

pub(crate) mod card;
pub(crate) mod icons;
mod lines;

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{ImageHrefResolver, Options, Tree, fontdb::Database},
};
use std::sync::{Arc, LazyLock};

const SERIF: &[u8] = include_bytes!("fonts/noto-serif-bold.ttf");
const ARABIC: &[u8] = include_bytes!("fonts/noto-naskh-arabic-bold.ttf");
/// The name of the first font.
const FAMILY: &str = "Noto Serif";

/// The reason for which a picture was not drawn.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DrawingError {
    #[error("the drawing is no SVG: {0}")]
    Svg(resvg::usvg::Error),
    #[error("the picture has no size, or can't be encoded")]
    Picture,
    #[error(transparent)]
    Image(#[from] image::ImageError),
}

/// Our fonts, and those of the system for other scripts.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(SERIF.to_vec());
    fonts.load_font_data(ARABIC.to_vec());
    fonts.load_system_fonts();
    fonts.set_serif_family(FAMILY);
    Arc::new(fonts)
});

/// Parses an SVG.
fn parse(svg: &str) -> Result<Tree, DrawingError> {
    let options = Options {
        fontdb: FONTS.clone(),
        font_family: FAMILY.to_owned(),
        // Only embedded pictures: no reference leads to a file.
        image_href_resolver: ImageHrefResolver {
            resolve_data: ImageHrefResolver::default_data_resolver(),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    };
    Tree::from_str(svg, &options).map_err(DrawingError::Svg)
}

/// Draws an SVG in this size in pixels, as a PNG.
fn draw(svg: &str, width: u32, height: u32) -> Result<Vec<u8>, DrawingError> {
    let tree = parse(svg)?;
    let mut picture = Pixmap::new(width, height).ok_or(DrawingError::Picture)?;
    let size = tree.size();
    let scale = Transform::from_scale(width as f32 / size.width(), height as f32 / size.height());
    resvg::render(&tree, scale, &mut picture.as_mut());
    picture.encode_png().map_err(|_| DrawingError::Picture)
}
