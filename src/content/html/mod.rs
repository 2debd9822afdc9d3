//! HTML that is safe to show: the only way from a text to an `Html` leads through the sanitizer.
//!
//! Two passes: `shape` reads the tokens of the input and writes a balanced, bounded HTML of known
//! elements; `policy` (ammonia) parses that as a browser does and keeps what its lists of elements,
//! attributes and URL schemes name. What others wrote is disarmed by each of them alone.

mod cut;
mod elements;
mod emoji;
mod escape;
mod guard;
mod links;
mod plain;
mod policy;
mod shape;
mod stored;
#[cfg(test)]
mod tests;
mod tokens;

use std::fmt;

use serde::Serialize;
use url::Url;

use super::text;
pub(super) use elements::{LOST_WITH_CONTENT, is_own};
pub use escape::escape;
pub use guard::neutralize_markup;
pub use links::Link;
use shape::{Shape, Vocabulary};

/// The most bytes of a remote HTML that are read. What follows is cut off.
pub const MAX_REMOTE_BYTES: usize = 100 * 1024;

/// Sanitized HTML, a fragment for the body of a page. Nothing in it runs, and it is balanced, so
/// that it cannot change what stands around it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Html(String);

impl Html {
    /// HTML of somebody else's comment or profile, for the site's pages.
    ///
    /// Keeps the elements, attributes and classes that Mastodon keeps (federation.md, "What a
    /// follower sees"). Links are absolute, `http` or `https`, and get
    /// `rel="nofollow ugc noopener"`; an image becomes a link to it; scripts, frames, forms, SVG
    /// and the like go with their content, all else leaves its text, blocks as paragraphs. At most
    /// [`MAX_REMOTE_BYTES`] are read, nesting is bounded, and so are bidirectional controls,
    /// invisible characters and combining marks.
    pub fn from_remote(html: &str) -> Self {
        let html = &html[..html.floor_char_boundary(MAX_REMOTE_BYTES)];
        Self(sanitized(html))
    }

    /// Renders plain text from another server: its lines stay lines, and blank lines separate paragraphs.
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

    /// HTML that the site's own authors wrote, mostly as Markdown, for the site's pages.
    ///
    /// Allows more than [`Html::from_remote`] (tables, footnotes, figures, images, relative and
    /// `mailto:` links, the classes that our style sheet knows), but nothing that runs, no frames
    /// and no forms. A forbidden tag is removed, but its text stays; scripts and style sheets lose their content.
    pub fn from_own(html: &str) -> Self {
        let shape = Shape {
            vocabulary: Vocabulary::Page,
            base: None,
            is_remote: false,
        };
        Self(policy::clean_own(&shape.apply(html)))
    }

    /// The HTML of a comment from the database, to be shown. It is sanitized once more: other programs write the
    /// database too, and it may have been stored by an older sanitizer. This costs a hash for texts seen before.
    pub fn from_stored(html: String) -> Self {
        Self(stored::clean(html))
    }

    /// HTML from the database whose text or links are read. It is not sanitized: it must never be shown.
    pub fn unverified(html: String) -> Self {
        Self(html)
    }

    /// The same content in the elements that survive on other servers: tables as lines of text,
    /// figures and other blocks as paragraphs, images as links to them, footnotes without local
    /// links, and every link absolute, relative ones resolved on `base`. Newlines stand only in
    /// preformatted text, since some servers show each as one.
    pub fn to_federated(&self, base: &Url) -> Self {
        let shape = Shape {
            vocabulary: Vocabulary::Fediverse,
            base: Some(base),
            is_remote: false,
        };
        Self(policy::clean_federated(&shape.apply(&self.0)))
    }

    /// The text alone: blocks as paragraphs with a blank line between, images as their
    /// alternative text. It is no HTML: escape it before it goes into a page.
    pub fn to_text(&self) -> String {
        plain::text(&self.0)
    }

    /// The beginning of the running text (no headings, figures, tables, code blocks, footnotes) in
    /// one line of at most `max` characters, cut between words and ended by "…" if there is more. It has
    /// no alternative texts of images, and names people with their host.
    pub fn excerpt(&self, max: usize) -> String {
        text::truncate_at_word(&plain::running_text(&self.0), max)
    }

    /// The images that have an `http` or `https` address, resolved on `base`, with their alternative
    /// texts (maybe empty).
    pub fn images(&self, base: &Url) -> Vec<(Url, String)> {
        let mut images = Vec::new();
        tokens::read(&self.0, |token| {
            if let tokens::Token::Start(tag) = token
                && tag.name == "img"
            {
                let src = tag.get("src");
                let url = src.and_then(|src| shape::absolute_url(src, Some(base)));
                let alt = tag.get("alt").unwrap_or_default();
                images.extend(url.map(|url| (url, alt.to_owned())));
            }
        });
        images
    }

    /// The links in it, in order.
    pub fn links(&self) -> Vec<Link> {
        links::links(&self.0)
    }

    /// Returns whether a reader would see no text: nothing, or only blanks, line breaks and invisible characters.
    pub fn is_blank(&self) -> bool {
        text::is_blank(&self.to_text())
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The HTML, to be written into a page or document as it is.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML, to be stored.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Returns somebody else's HTML in the elements that comments may have.
fn sanitized(html: &str) -> String {
    let shape = Shape {
        vocabulary: Vocabulary::Fediverse,
        base: None,
        is_remote: true,
    };
    policy::clean_remote(&shape.apply(html))
}

/// Returns the addresses of the images in unsanitized HTML.
pub(super) fn image_sources(html: &str) -> Vec<String> {
    let mut sources = Vec::new();
    tokens::read_own(html, |token| {
        if let tokens::Token::Start(tag) = token
            && tag.name == "img"
        {
            sources.extend(tag.get("src").map(|source| source.trim().to_owned()));
        }
    });
    sources
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
