//! HTML that is safe to show. Every way from a text to an `Html` leads through the sanitizer.
//!
//! The sanitizer has two passes: `normalize` reads the tokens of the input and writes balanced HTML of known elements and
//! bounded depth; `policy` (ammonia) parses that as a browser does and keeps the elements, attributes and URL schemes of
//! its lists. Each of the two alone makes remote HTML harmless.

mod absolute;
mod conversion;
mod decorate;
mod elements;
mod emoji;
mod escape;
mod files;
mod json_ld;
mod links;
mod mentions;
mod neutralize;
mod normalize;
mod pieces;
mod policy;
mod resanitize;
#[cfg(test)]
mod tests;
mod to_text;
mod tokens;
mod truncate;

use std::fmt;

use minijinja::value::{Value, serializing_for_value};
use serde::{Serialize, Serializer};
use url::Url;

use super::text;
pub(crate) use conversion::{with_shorter_values, without_long_values};
pub(in crate::content) use decorate::ESCAPED;
pub(crate) use decorate::{
    Decoration, Labels, MediaFile, MediaFileKind, MediaFiles, MediaVariant, media_names, smart_text,
};
pub(super) use elements::{PLAYERS, REMOVED_WITH_CONTENT, is_allowed_on_pages};
pub(crate) use escape::escape;
pub use files::FileRole;
pub(super) use files::{ATTRIBUTES as FILE_ATTRIBUTES, FileReference, file_references};
pub(crate) use json_ld::JsonLd;
pub(crate) use links::Link;
pub(crate) use mentions::Mention;
pub(crate) use neutralize::neutralize_markup;
use normalize::{Normalizer, Vocabulary};
pub(crate) use tokens::{Tag, Token, read as read_tokens};

/// The maximum size of remote HTML, in bytes. The rest is cut off.
pub(crate) const MAX_REMOTE_BYTES: usize = 100 * 1024;

/// Sanitized HTML for the body of a page. It runs nothing, and it is balanced, so that it does not affect the page
/// around it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Html(String);

/// Serializes as a string, which templates do not escape.
impl Serialize for Html {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializing_for_value() {
            Value::from_safe_string(self.0.clone()).serialize(serializer)
        } else {
            serializer.serialize_str(&self.0)
        }
    }
}

impl Html {
    /// Sanitizes the HTML of a remote comment or profile for the site's pages.
    ///
    /// Keeps the elements, attributes and classes that Mastodon keeps. Links are
    /// absolute, `http` or `https`, and get `rel="nofollow ugc noopener"`. An image becomes a link to it. Scripts, frames,
    /// forms, SVG and the like are removed with their content; of other elements the text remains, in paragraphs for
    /// blocks. At most [`MAX_REMOTE_BYTES`] are read. Nesting, bidirectional controls, invisible characters and combining
    /// marks are bounded.
    pub fn from_remote(html: &str) -> Self {
        let html = &html[..html.floor_char_boundary(MAX_REMOTE_BYTES)];
        Self(sanitize_remote(html))
    }

    /// Converts remote plain text: its lines stay lines, and blank lines separate paragraphs.
    pub fn from_remote_text(text: &str) -> Self {
        let text = text[..text.floor_char_boundary(MAX_REMOTE_BYTES)].replace("\r\n", "\n");
        let mut html = String::with_capacity(text.len());
        let mut is_in_paragraph = false;
        for line in text.split(['\n', '\r']).map(str::trim_end) {
            if line.is_empty() {
                is_in_paragraph = false;
                continue;
            }
            html.push_str(if is_in_paragraph { "<br>" } else { "<p>" });
            escape::push_text(&mut html, line);
            is_in_paragraph = true;
        }
        Self::from_remote(&html)
    }

    /// Sanitizes HTML of the site's authors, mostly rendered Markdown, for the site's pages.
    ///
    /// Allows more than [`Html::from_remote`]: tables, footnotes, figures, images, relative and `mailto:` links, and the
    /// classes of our style sheet; but nothing that runs, no frames and no forms. Audio and video with an address become
    /// players, without what is in them. A forbidden tag is removed and its text stays. Scripts and style sheets are removed with their content.
    pub fn from_own(html: &str) -> Self {
        let normalizer = Normalizer {
            vocabulary: Vocabulary::Page,
            base: None,
            is_remote: false,
        };
        Self(policy::clean_own(&normalizer.apply(html)))
    }

    /// Sanitizes the HTML of a stored comment again before it is shown: another program or an older sanitizer may have
    /// written it. For a text that was checked before, this costs one hash.
    pub fn from_stored(html: String) -> Self {
        Self(resanitize::clean(html))
    }

    /// Wraps stored HTML to read its text or links. It is not sanitized and must never be shown.
    pub fn unverified(html: String) -> Self {
        Self(html)
    }

    /// Converts the HTML to elements that other servers keep: tables become lines of text, figures and other blocks
    /// paragraphs, images and players links; footnotes lose their local links; relative links are resolved against `base`. Only
    /// preformatted text keeps its newlines, since some servers show each newline as a line break.
    pub fn to_federated(&self, base: &Url) -> Self {
        let normalizer = Normalizer {
            vocabulary: Vocabulary::Fediverse,
            base: Some(base),
            is_remote: false,
        };
        Self(policy::clean_federated(&normalizer.apply(&self.0)))
    }

    /// Resolves all addresses against `base`, for a feed, whose readers do not know the address of the page. `self` must be
    /// the HTML of a page.
    pub fn to_absolute(&self, base: &Url) -> Self {
        Self(policy::clean_absolute(&self.0, base))
    }

    /// Returns the text, with a blank line between blocks and the alternative texts of images. It is not HTML and must be
    /// escaped in a page.
    pub fn to_text(&self) -> String {
        to_text::text(&self.0)
    }

    /// Returns the beginning of the running text, without headings, figures, tables, code blocks and footnotes, in one
    /// line of at most `max` characters. A longer text is cut between words and ends in "…". Alternative texts of images
    /// are left out, and mentions include the host.
    pub fn excerpt(&self, max: usize) -> String {
        text::truncate_at_word(&to_text::running_text(&self.0), max)
    }

    /// Returns the `http` and `https` URLs of the images, resolved against `base`, with their alternative texts, which may
    /// be empty.
    pub fn images(&self, base: &Url) -> Vec<(Url, String)> {
        let mut images = Vec::new();
        tokens::read(&self.0, |token| {
            if let tokens::Token::Start(tag) = token
                && tag.name == "img"
            {
                let src = tag.get("src");
                let url = src.and_then(|src| normalize::absolute_url(src, Some(base)));
                let alt = tag.get("alt").unwrap_or_default();
                images.extend(url.map(|url| (url, alt.to_owned())));
            }
        });
        images
    }

    /// Returns the links in their order.
    pub fn links(&self) -> Vec<Link> {
        links::links(&self.0)
    }

    /// Returns whether there is no visible text: nothing but blanks, line breaks and invisible characters.
    pub fn is_blank(&self) -> bool {
        let start = self.0.strip_prefix("<p>").unwrap_or(&self.0);
        // Most texts begin like this, and need not be parsed.
        let is_plain = start.starts_with(|c: char| c.is_ascii_alphanumeric());
        !is_plain && text::is_blank(&self.to_text())
    }

    /// Returns whether the HTML is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the HTML for a page or a document. It must not be escaped.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the HTML for storage.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Sanitizes remote HTML to the elements that comments may have.
fn sanitize_remote(html: &str) -> String {
    let normalizer = Normalizer {
        vocabulary: Vocabulary::Fediverse,
        base: None,
        is_remote: true,
    };
    policy::clean_remote(&normalizer.apply(html))
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
