//! The first pass of the sanitizer: writes balanced HTML of known elements and bounded depth.
//!
//! It does what a list of allowed elements can't do: a table becomes lines, an image a link, an unknown block a
//! paragraph. It also keeps the cost of the second pass linear.

mod closing;
mod players;
mod whitespace;

use url::Url;

use super::{
    elements::{
        ATTRIBUTES, BLOCKS, CELLS, FEDIVERSE, PAGE_ONLY, REMOVED_FROM_REMOTE, REMOVED_WITH_CONTENT,
        TABLE_PARTS, VOID,
    },
    escape::push_attribute,
    tokens::{self, Skip, Tag, Token},
};
use crate::content::text;
use players::Player;

/// The maximum depth of elements. Of deeper ones only the text is kept.
const MAX_DEPTH: usize = 48;

/// The elements that are kept.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Vocabulary {
    /// [`FEDIVERSE`]. Tables become lines, images become links, and links are absolute `http` or `https` URLs.
    Fediverse,
    /// [`FEDIVERSE`] and [`PAGE_ONLY`]. The second pass checks links. Of other elements the text is kept, except for
    /// [`REMOVED_WITH_CONTENT`].
    Page,
}

/// The first pass, for one kind of input and output.
pub(super) struct Normalizer<'a> {
    pub vocabulary: Vocabulary,
    /// The base of relative links. Without it they are dropped.
    pub base: Option<&'a Url>,
    /// Whether the text is remote and must pass [`text::Filter`].
    pub is_remote: bool,
}

impl Normalizer<'_> {
    pub(super) fn apply(&self, html: &str) -> String {
        let mut writer = Writer::new(self, html.len());
        match self.vocabulary {
            Vocabulary::Fediverse => tokens::read(html, |token| writer.token(token)),
            Vocabulary::Page => tokens::read_own(html, |token| writer.token(token)),
        }
        writer.end_player(false);
        writer.close_down_to(0);
        writer.end_block();
        writer.out
    }
}

/// Resolves `href` against `base` to an `http` or `https` URL with a host. Returns `None` for a mere fragment, since other
/// servers do not keep its target.
pub(super) fn absolute_url(href: &str, base: Option<&Url>) -> Option<Url> {
    let href = href.trim();
    if href.starts_with('#') {
        return None;
    }
    let url = match (Url::parse(href), base) {
        (Ok(url), _) => url,
        (Err(url::ParseError::RelativeUrlWithoutBase), Some(base)) => base.join(href).ok()?,
        _ => return None,
    };
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// An open element: its name in the input, and its name in the output if it is written.
struct Open {
    name: String,
    written: Option<&'static str>,
}

struct Writer<'a> {
    normalizer: &'a Normalizer<'a>,
    out: String,
    open: Vec<Open>,
    skip: Option<Skip>,
    /// The element for audio or video whose end is not read yet.
    player: Option<Player>,
    /// Whether the next text starts a new paragraph, because a block that is not kept began or ended.
    paragraph_due: bool,
    /// The number of cells of the current table row so far.
    cells: usize,
    /// Whether the input is in a table, outside a cell.
    between_cells: bool,
    /// Whether the current line or block is still empty.
    at_start: bool,
    filter: text::Filter,
    /// The length of the output after the last start tag of a `pre`.
    start_of_pre: Option<usize>,
}

impl<'a> Writer<'a> {
    fn new(normalizer: &'a Normalizer<'a>, capacity: usize) -> Self {
        Self {
            normalizer,
            out: String::with_capacity(capacity),
            open: Vec::new(),
            skip: None,
            player: None,
            paragraph_due: false,
            cells: 0,
            between_cells: false,
            at_start: true,
            filter: text::Filter::default(),
            start_of_pre: None,
        }
    }

    fn token(&mut self, token: Token) {
        match self.normalizer.vocabulary {
            Vocabulary::Page if self.skip.is_none() => self.page_token(token),
            _ => self.plain_token(token),
        }
    }

    fn plain_token(&mut self, token: Token) {
        if let Some(skip) = &mut self.skip {
            if skip.ends_with(&token) {
                self.skip = None;
            }
            return;
        }
        match token {
            Token::Start(tag) => self.start(tag),
            Token::End(name) => self.end(&name),
            Token::Text(text) => self.text(&text),
        }
    }

    fn start(&mut self, tag: Tag) {
        let is_fediverse = self.normalizer.vocabulary == Vocabulary::Fediverse;
        let removed = match self.normalizer.vocabulary {
            Vocabulary::Fediverse => REMOVED_FROM_REMOTE,
            Vocabulary::Page => REMOVED_WITH_CONTENT,
        };
        if self.links_player(&tag.name) {
            self.player_link(&tag);
            return;
        }
        if removed.contains(&tag.name.as_str())
            || (is_fediverse && tag.has_class("footnote-backref"))
        {
            if !tag.self_closing {
                self.skip = Some(Skip::new(tag.name));
            }
            return;
        }
        self.close_implied(&tag.name);
        match tag.name.as_str() {
            "a" if is_fediverse => self.link(&tag),
            "img" if is_fediverse => self.image(&tag),
            "td" | "th" if is_fediverse => self.cell(&tag.name),
            name => match self.known(name) {
                Some(known) => self.element(known, &tag),
                None => self.unknown_block(name),
            },
        }
    }

    /// Returns the name of an element, if the vocabulary has it.
    fn known(&self, name: &str) -> Option<&'static str> {
        let page_only = if self.normalizer.vocabulary == Vocabulary::Page {
            PAGE_ONLY
        } else {
            &[]
        };
        FEDIVERSE
            .iter()
            .chain(page_only)
            .find(|known| **known == name)
            .copied()
    }

    /// Writes a start tag, unless it is too deep.
    fn element(&mut self, name: &'static str, tag: &Tag) {
        if BLOCKS.contains(&name) {
            self.paragraph_due = false;
            self.end_block();
        } else {
            self.start_due_paragraph();
        }
        if name == "br" {
            self.end_block();
        }
        let is_void = VOID.contains(&name);
        if !is_void && self.open.len() >= MAX_DEPTH {
            return;
        }
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in &tag.attributes {
            self.attribute(attribute, value);
        }
        self.out.push('>');
        if name == "pre" {
            self.start_of_pre = Some(self.out.len());
        }
        if !is_void {
            self.open.push(Open {
                name: tag.name.clone(),
                written: Some(name),
            });
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        if !ATTRIBUTES.contains(&name) {
            return;
        }
        let is_url = matches!(name, "href" | "cite" | "src");
        if is_url && self.normalizer.vocabulary == Vocabulary::Fediverse {
            if let Some(url) = absolute_url(value, self.normalizer.base) {
                push_attribute(&mut self.out, name, url.as_str());
            }
        } else if self.normalizer.is_remote {
            push_attribute(&mut self.out, name, &text::Filter::default().clean(value));
        } else {
            push_attribute(&mut self.out, name, value);
        }
    }

    /// Writes the start tag of a link, unless its address is unusable.
    fn link(&mut self, tag: &Tag) {
        if tag
            .get("href")
            .is_some_and(|href| absolute_url(href, self.normalizer.base).is_some())
        {
            self.element("a", tag);
        } else if self.open.len() < MAX_DEPTH {
            self.open.push(Open {
                name: "a".into(),
                written: None,
            });
        }
    }

    /// Writes an image or player as a link, or as its name within another link.
    fn image(&mut self, tag: &Tag) {
        let alt = tag.name_of_media().map(str::trim).unwrap_or_default();
        let url = tag
            .get("src")
            .and_then(|src| absolute_url(src, self.normalizer.base));
        let is_in_link = self.open.iter().any(|open| open.written == Some("a"));
        match url {
            Some(url) if !is_in_link => {
                self.start_due_paragraph();
                self.out.push_str("<a");
                push_attribute(&mut self.out, "href", url.as_str());
                self.out.push('>');
                self.text(if alt.is_empty() { file_name(&url) } else { alt });
                self.out.push_str("</a>");
            }
            // A link must have a text.
            Some(url) if alt.is_empty() => self.text(file_name(&url)),
            _ => self.text(alt),
        }
    }

    /// Starts a cell of a table row, which becomes a line: `a | b`, with headers in bold.
    fn cell(&mut self, name: &str) {
        self.between_cells = false;
        if self.cells > 0 {
            self.text(" | ");
        }
        self.cells += 1;
        if name == "th" {
            let strong = Tag {
                name: name.to_owned(),
                attributes: Vec::new(),
                self_closing: false,
            };
            self.element("strong", &strong);
        }
    }

    /// Handles the start or end of an element that is not kept. An inline element leaves no trace.
    fn unknown_block(&mut self, name: &str) {
        if !BLOCKS.contains(&name) {
            return;
        }
        if TABLE_PARTS.contains(&name) {
            self.close_nearest(CELLS, &["table"]);
        }
        self.close_paragraph();
        self.end_block();
        self.paragraph_due = true;
        if name == "tr" {
            self.cells = 0;
        }
        self.between_cells = TABLE_PARTS.contains(&name);
    }

    fn end(&mut self, name: &str) {
        let position = self.open.iter().rposition(|open| open.name == name);
        match position {
            Some(position) => self.close_down_to(position),
            None if self.known(name).is_none() => self.unknown_block(name),
            None => {}
        }
        if self.normalizer.vocabulary == Vocabulary::Fediverse {
            match name {
                "td" | "th" => self.between_cells = true,
                "table" => self.between_cells = false,
                _ => {}
            }
        }
    }
}

/// Returns the last part of a URL's path that is not empty, or else the whole URL.
fn file_name(url: &Url) -> &str {
    url.path()
        .rsplit('/')
        .find(|part| !part.is_empty())
        .unwrap_or(url.as_str())
}
