//! Turns the sanitized HTML of an article into what its page shows: pictures in several sizes, highlighted code, tables
//! that scroll, headings with anchors, typographic punctuation.
//!
//! Everything is added after the sanitizer, so that no text of an author can contain it, and after the HTML for other
//! servers was made, which stays plain.

mod code;
mod headings;
mod media;
mod players;
mod punctuation;
mod tables;
#[cfg(test)]
mod tests;

use super::{
    Html,
    escape::push_attribute,
    pieces::{self, Piece, StartTag},
};
use headings::Headings;
pub(crate) use media::{MediaFile, MediaFileKind, MediaFiles, MediaVariant, media_names};
use punctuation::Punctuation;
pub(crate) use punctuation::smart_text;
use tables::Tables;

/// The texts of decorated HTML, in the reader's language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Labels {
    /// The link from a footnote to its reference, whose number follows.
    pub back_to_reference: String,
    /// The name of a table, whose number follows.
    pub table: String,
    /// The link to a video on YouTube.
    pub watch_on_youtube: String,
    /// The link to a video on Vimeo.
    pub watch_on_vimeo: String,
}

/// The way in which a page shows a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decoration<'a> {
    /// BCP 47 tag of the text's language, which determines its quotation marks.
    pub language: &'a str,
    pub labels: &'a Labels,
    /// The media files that the text refers to. Others are shown as plain images.
    pub media: &'a MediaFiles,
    /// The level of the text's highest headings.
    pub top_heading: u8,
    /// Whether headings have anchors. Only one text of a page can have them.
    pub has_anchors: bool,
    /// Whether a picture at the beginning is loaded at once, because there is none above the text.
    pub has_eager_picture: bool,
}

impl Html {
    /// Returns the HTML as a page shows it. It can't be sanitized again.
    pub(crate) fn decorated(&self, decoration: &Decoration) -> Html {
        let mut writer = Writer::new(&self.0, decoration);
        writer.write();
        Html(writer.out)
    }

    /// Returns the HTML without marks at escaped punctuation.
    pub(in crate::content) fn without_escapes(&self) -> Html {
        Html(self.0.replace(ESCAPED, ""))
    }
}

/// The elements whose text stays as it is.
const VERBATIM: &[&str] = &["code", "pre", "kbd", "samp", "var"];

/// Elements within a line.
const INLINE: &[&str] = &[
    "a", "abbr", "audio", "b", "cite", "code", "del", "em", "i", "img", "ins", "kbd", "mark", "q",
    "s", "samp", "small", "span", "strong", "sub", "sup", "u", "var", "video",
];

struct Writer<'a> {
    decoration: &'a Decoration<'a>,
    /// The HTML that is not read yet.
    rest: &'a str,
    out: String,
    headings: Headings<'a>,
    tables: Tables,
    punctuation: Punctuation,
    /// The number of open elements whose text stays as it is.
    verbatim: usize,
    /// Whether the open link shows its address.
    is_in_address: bool,
    /// The number of open figures.
    figures: usize,
    /// The number of pictures so far.
    pictures: usize,
}

impl<'a> Writer<'a> {
    fn new(html: &'a str, decoration: &'a Decoration<'a>) -> Self {
        Self {
            decoration,
            rest: html,
            out: String::with_capacity(html.len() + html.len() / 4),
            headings: Headings::new(decoration.top_heading, decoration.language),
            tables: Tables::default(),
            punctuation: Punctuation::of(decoration.language),
            verbatim: 0,
            is_in_address: false,
            figures: 0,
            pictures: 0,
        }
    }

    fn write(&mut self) {
        while let Some(piece) = pieces::next(&mut self.rest) {
            match piece {
                Piece::Start(tag) => self.start(tag),
                Piece::End(name) => self.end(name),
                Piece::Text(text) => self.text(text),
            }
        }
    }

    fn start(&mut self, tag: StartTag<'a>) {
        if !INLINE.contains(&tag.name) {
            self.punctuation.start_block();
        }
        if VERBATIM.contains(&tag.name) {
            self.verbatim += 1;
        }
        match tag.name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.start_heading(tag),
            "table" | "thead" | "th" | "td" => self.start_table_part(tag),
            "pre" => self.start_code(tag),
            "p" => self.start_paragraph(tag),
            "img" => {
                let place = media::Place::in_text(self.figures > 0);
                self.picture(tag, place);
            }
            "audio" | "video" => self.start_player(tag),
            "a" => self.start_link(tag),
            "li" => self.start_item(tag),
            // A section would need a heading.
            "section" => {
                self.out.push_str("<div");
                self.out.push_str(tag.after_name());
            }
            "figure" => {
                self.figures += 1;
                self.out.push_str(tag.raw);
            }
            _ => self.out.push_str(tag.raw),
        }
    }

    fn end(&mut self, name: &str) {
        if !INLINE.contains(&name) {
            self.punctuation.start_block();
        }
        if VERBATIM.contains(&name) {
            self.verbatim = self.verbatim.saturating_sub(1);
        }
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.end_heading(),
            "table" | "thead" | "th" => self.end_table_part(name),
            "section" => self.out.push_str("</div>"),
            // The start tag wrote it.
            "audio" | "video" => {}
            _ => {
                match name {
                    "a" => self.is_in_address = false,
                    "figure" => self.figures = self.figures.saturating_sub(1),
                    _ => {}
                }
                self.end_tag(name);
            }
        }
    }

    fn end_tag(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn text(&mut self, text: &str) {
        if self.verbatim > 0 || self.is_in_address {
            self.punctuation.skip(text);
            self.out.extend(text.chars().filter(|&c| c != ESCAPED));
        } else {
            let labels = &self.decoration.labels;
            let shown = match text {
                "Watch the video on YouTube" if self.figures > 0 => &labels.watch_on_youtube,
                "Watch the video on Vimeo" if self.figures > 0 => &labels.watch_on_vimeo,
                _ => {
                    self.punctuation.write(text, self.rest, &mut self.out);
                    return;
                }
            };
            super::escape::push_text(&mut self.out, shown);
        }
    }

    /// Writes a link, and notes whether its text is its address.
    fn start_link(&mut self, tag: StartTag<'a>) {
        let end = self.rest.find("</a>").unwrap_or(self.rest.len());
        let text = pieces::text_of(&self.rest[..end]);
        let href = tag.get("href").unwrap_or_default();
        self.is_in_address = text.contains("://")
            || text.starts_with("www.")
            || href == text
            || href.strip_prefix("mailto:") == Some(&*text);
        let label = tag
            .get("aria-label")
            .filter(|_| tag.get("class").as_deref() == Some("footnote-backref"));
        match label {
            Some(label) => {
                let number = label.rsplit(' ').next().unwrap_or_default();
                let label = format!("{} {number}", self.decoration.labels.back_to_reference);
                let bare = tag.without("aria-label");
                self.out.push_str(bare.trim_end_matches('>'));
                push_attribute(&mut self.out, "aria-label", label.trim());
                self.out.push('>');
            }
            None => self.out.push_str(tag.raw),
        }
    }

    /// Writes the start tag of a list item, and marks that of a task.
    fn start_item(&mut self, tag: StartTag<'a>) {
        let text = self.rest.trim_start().trim_start_matches("<p>");
        if text.starts_with(['☐', '☑']) {
            self.out.push_str("<li class=\"task\"");
            self.out.push_str(tag.after_name());
        } else {
            self.out.push_str(tag.raw);
        }
    }
}

/// Marks a punctuation mark before it that the author escaped, so that it stays as it is. It is removed before a text is
/// shown. Authors can't write this noncharacter.
pub(in crate::content) const ESCAPED: char = '\u{FDD0}';
