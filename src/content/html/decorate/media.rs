//! Pictures in several sizes.

use super::{
    Writer,
    pieces::{self, StartTag},
    push_attribute,
};
use crate::content::html::escape::push_content;
use std::collections::{HashMap, HashSet};

/// The length of HTML at the beginning of a text within which a picture is loaded at once.
const BEGINNING: usize = 1500;

/// The kind of a media file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaFileKind {
    Picture,
    /// A picture that moves. Its variants do not.
    Animation,
    Audio,
    Video,
}

/// A media file of this site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MediaFile {
    /// The path at which it is served.
    pub address: String,
    pub kind: MediaFileKind,
    /// Width and height in pixels.
    pub size: Option<(u32, u32)>,
    pub content_type: String,
    /// The same picture in other sizes and formats.
    pub variants: Vec<MediaVariant>,
}

/// A picture in another size or format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MediaVariant {
    pub address: String,
    pub width: u32,
    pub content_type: String,
}

impl MediaFile {
    pub(super) fn is_recording(&self) -> bool {
        matches!(self.kind, MediaFileKind::Audio | MediaFileKind::Video)
    }

    /// Returns the widths of the picture in another format than its own, as `srcset` lists them, with the format's
    /// content type. Returns `None` for a picture without variants and for one that moves.
    pub(crate) fn source(&self) -> Option<(&str, String)> {
        let others = |variant: &&MediaVariant| variant.content_type != self.content_type;
        let first = self.variants.iter().find(others)?;
        let list = self
            .variants
            .iter()
            .filter(|variant| variant.content_type == first.content_type);
        (self.kind == MediaFileKind::Picture)
            .then(|| (first.content_type.as_str(), srcset(list.map(entry))))
    }

    /// Returns the widths of the picture in its own format, as `srcset` lists them, if there are several.
    pub(crate) fn srcset(&self) -> Option<String> {
        let (width, _) = self.size?;
        let own: Vec<_> = self
            .variants
            .iter()
            .filter(|variant| variant.content_type == self.content_type && variant.width != width)
            .map(entry)
            .collect();
        let has_several = self.kind == MediaFileKind::Picture && !own.is_empty();
        has_several.then(|| srcset(own.into_iter().chain([(width, self.address.as_str())])))
    }
}

fn entry(variant: &MediaVariant) -> (u32, &str) {
    (variant.width, &variant.address)
}

fn srcset<'a>(entries: impl Iterator<Item = (u32, &'a str)>) -> String {
    let mut entries: Vec<_> = entries.collect();
    entries.sort_unstable();
    entries.dedup_by_key(|(width, _)| *width);
    let list = entries
        .iter()
        .map(|(width, address)| format!("{address} {width}w"));
    list.collect::<Vec<_>>().join(", ")
}

/// Media files by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MediaFiles {
    /// The site's origin, as in `https://example.org`.
    origin: String,
    files: HashMap<String, MediaFile>,
}

impl MediaFiles {
    /// Collects files that are served at `/media/{name}` of a site.
    pub(crate) fn new(origin: &str, files: impl IntoIterator<Item = (String, MediaFile)>) -> Self {
        Self {
            origin: origin.trim_end_matches('/').to_owned(),
            files: files.into_iter().collect(),
        }
    }

    /// Returns whether an absolute address is on this site.
    pub(super) fn is_here(&self, address: &str) -> bool {
        let path = address.strip_prefix(self.origin.as_str());
        !self.origin.is_empty() && path.is_some_and(|path| path.starts_with('/'))
    }

    /// Returns the file at an address, as a text or a column has it.
    pub(crate) fn get(&self, address: &str) -> Option<&MediaFile> {
        let path = match address.strip_prefix(self.origin.as_str()) {
            Some(path) if !self.origin.is_empty() => path,
            _ => address,
        };
        self.files.get(path.strip_prefix("/media/")?)
    }
}

/// The place of a picture, which determines its size on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Within a line, or in a figure of the author's.
    Line,
    /// In a figure of its own.
    Figure,
    /// In a row of this many pictures.
    Row(usize),
}

impl Place {
    pub(super) fn in_text(is_in_figure: bool) -> Self {
        if is_in_figure {
            Self::Figure
        } else {
            Self::Line
        }
    }

    /// Returns the `sizes` of a picture. The column of the text is 40rem wide (`--measure` in the style sheet), or else
    /// the window without its margins.
    fn sizes(self) -> &'static str {
        match self {
            Self::Line | Self::Figure | Self::Row(0 | 1) => {
                "(min-width: 44rem) 40rem, calc(100vw - 2rem)"
            }
            Self::Row(2) => "(min-width: 44rem) 20rem, 50vw",
            Self::Row(_) => "(min-width: 44rem) 13.5rem, 50vw",
        }
    }
}

/// A picture that stands alone in its paragraph, in a link or not; or a player that does.
pub(super) struct Lone<'a> {
    link: Option<StartTag<'a>>,
    pub(super) image: StartTag<'a>,
}

impl<'a> Writer<'a> {
    /// Writes a paragraph. One that has only pictures becomes a figure, or a row of figures.
    pub(super) fn start_paragraph(&mut self, tag: StartTag<'a>) {
        let lone = lone_pictures(self.rest).filter(|_| self.figures == 0);
        let Some((pictures, rest)) = lone.filter(|(lone, _)| self.are_known(lone)) else {
            self.out.push_str(tag.raw);
            return;
        };
        self.rest = rest;
        let place = match pictures.len() {
            1 => Place::Figure,
            several => Place::Row(several),
        };
        if pictures.len() > 1 {
            self.out.push_str("<div class=\"gallery\">");
        }
        for lone in &pictures {
            self.figure(lone, place);
        }
        if pictures.len() > 1 {
            self.out.push_str("</div>");
        }
    }

    fn figure(&mut self, lone: &Lone<'a>, place: Place) {
        self.out.push_str("<figure>");
        if let Some(link) = &lone.link {
            self.out.push_str(link.raw);
        }
        let caption = lone.image.get("title").unwrap_or_default();
        let bare = lone.image.without("title");
        let bare = StartTag {
            raw: &bare,
            name: lone.image.name,
        };
        self.image(&bare, place);
        if lone.link.is_some() {
            self.end_tag("a");
        }
        if !caption.trim().is_empty() {
            self.out.push_str("<figcaption>");
            let mut text = String::new();
            push_content(&mut text, caption.trim());
            self.punctuation.start_block();
            self.punctuation.write(&text, "", &mut self.out);
            self.out.push_str("</figcaption>");
        }
        self.out.push_str("</figure>");
    }

    pub(super) fn picture(&mut self, tag: StartTag<'a>, place: Place) {
        self.image(&tag, place);
    }

    fn image(&mut self, tag: &StartTag, place: Place) {
        let Some(src) = tag.get("src") else {
            let alt = tag.get("alt").unwrap_or_default();
            push_content(&mut self.out, &alt);
            return;
        };
        let is_first = self.pictures == 0 && self.out.len() < BEGINNING;
        let is_eager = is_first && self.decoration.has_eager_picture;
        self.pictures += 1;
        match self.decoration.media.get(&src) {
            Some(file) => match file.kind {
                MediaFileKind::Audio | MediaFileKind::Video => self.player(tag, file),
                _ => picture_element(&mut self.out, tag, file, place, is_eager),
            },
            None => {
                let mut raw = tag.raw.to_owned();
                if is_eager {
                    raw = raw.replace(" loading=\"lazy\"", "");
                }
                if tag.get("alt").is_none() {
                    raw = raw.replacen("<img", "<img alt=\"\"", 1);
                }
                self.out.push_str(raw.trim_end_matches('>'));
                self.out.push_str(" decoding=\"async\">");
            }
        }
    }
}

fn picture_element(
    out: &mut String,
    tag: &StartTag,
    file: &MediaFile,
    place: Place,
    is_eager: bool,
) {
    let source = file.source();
    if let Some((content_type, list)) = &source {
        out.push_str("<picture><source");
        push_attribute(out, "type", content_type);
        push_attribute(out, "srcset", list);
        push_attribute(out, "sizes", place.sizes());
        out.push('>');
    }
    out.push_str("<img");
    push_attribute(out, "src", &file.address);
    if let Some(list) = file.srcset() {
        push_attribute(out, "srcset", &list);
        push_attribute(out, "sizes", place.sizes());
    }
    push_attribute(out, "alt", &tag.get("alt").unwrap_or_default());
    if let Some(title) = tag.get("title") {
        push_attribute(out, "title", &title);
    }
    if let Some((width, height)) = shown_size(tag, file.size) {
        out.push_str(&format!(" width=\"{width}\" height=\"{height}\""));
    }
    out.push_str(if is_eager {
        " fetchpriority=\"high\" decoding=\"async\">"
    } else {
        " loading=\"lazy\" decoding=\"async\">"
    });
    if source.is_some() {
        out.push_str("</picture>");
    }
}

/// Returns the size at which a picture is shown: its own, or one of the author's width.
pub(super) fn shown_size(tag: &StartTag, size: Option<(u32, u32)>) -> Option<(u32, u32)> {
    let (width, height) = size?;
    let number = |name: &str| tag.get(name)?.parse::<u32>().ok().filter(|n| *n > 0);
    let scaled = |to: u32, of: u32, by: u32| {
        let scaled = u64::from(to) * u64::from(of) / u64::from(by.max(1));
        u32::try_from(scaled.max(1)).unwrap_or(of)
    };
    Some(match (number("width"), number("height")) {
        (Some(width), Some(height)) => (width, height),
        (Some(own), None) => (own, scaled(own, height, width)),
        (None, Some(own)) => (scaled(own, width, height), own),
        (None, None) => (width, height),
    })
}

/// Returns the pictures of a paragraph, after its start tag, that has nothing else, with the HTML after the paragraph.
fn lone_pictures(html: &str) -> Option<(Vec<Lone<'_>>, &str)> {
    let mut pictures = Vec::new();
    let mut rest = html;
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("</p>") {
            return (!pictures.is_empty()).then_some((pictures, after));
        }
        if pieces::next_start(&mut rest, "br").is_some() {
            continue;
        }
        let link = pieces::next_start(&mut rest, "a");
        let mut names = ["img", "video", "audio"].iter();
        let image = names.find_map(|name| pieces::next_start(&mut rest, name))?;
        if image.name != "img" {
            let end = ["</video>", "</audio>"].iter();
            rest = end.clone().find_map(|end| rest.strip_prefix(end))?;
        }
        image.get("src")?;
        if link.is_some() {
            rest = rest.strip_prefix("</a>")?;
        }
        pictures.push(Lone { link, image });
    }
}

/// Returns the names of the files of `/media/` that a text mentions, each once, in their order.
pub(crate) fn media_names(text: &str) -> Vec<String> {
    /// The maximum number of files of one text.
    const MAX: usize = 500;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let mut known = HashSet::new();
    text.split("/media/")
        .skip(1)
        .map(|rest| &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())])
        .map(|name| name.trim_end_matches('.'))
        .filter(|name| !name.is_empty() && known.insert(*name))
        .take(MAX)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::media_names;

    #[test]
    fn files_are_found_in_texts() {
        assert_eq!(
            media_names(
                "![](/media/a-1.jpg) https://example.org/media/b.png. /media/ <img src='/media/a-1.jpg'> /media/../x"
            ),
            ["a-1.jpg", "b.png"]
        );
    }
}
