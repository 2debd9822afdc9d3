//! The first pass over an HTML text: tokens in, balanced HTML of known elements and bounded depth out.
//!
//! It does what a list of allowed elements cannot: a table becomes lines, an image a link, an
//! unknown block a paragraph. It also keeps the cost of what follows linear in its input.

mod closing;
mod whitespace;

use url::Url;

use super::{
    elements::{
        ATTRIBUTES, BLOCKS, CELLS, FEDIVERSE, LOST_WITH_CONTENT, PAGE_ONLY, REMOVED, TABLE_PARTS,
        VOID,
    },
    escape::push_attribute,
    tokens::{self, Skip, Tag, Token},
};
use crate::content::text;

/// Elements nested deeper than this leave only their text.
const MAX_DEPTH: usize = 48;

/// Which elements are kept, and what becomes of the others.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Vocabulary {
    /// [`FEDIVERSE`]: tables become lines, images links; links are absolute `http` or `https`.
    Fediverse,
    /// [`PAGE_ONLY`] as well; links are left to the second pass. Other elements leave their text, except
    /// for [`LOST_WITH_CONTENT`].
    Page,
}

/// One way to shape HTML.
pub(super) struct Shape<'a> {
    pub vocabulary: Vocabulary,
    /// What relative links are resolved on; without it they are dropped.
    pub base: Option<&'a Url>,
    /// Whether the text is somebody else's and goes through [`text::Filter`].
    pub is_remote: bool,
}

impl Shape<'_> {
    pub fn apply(&self, html: &str) -> String {
        let mut shaper = Shaper::new(self, html.len());
        match self.vocabulary {
            Vocabulary::Fediverse => tokens::read(html, |token| shaper.token(token)),
            Vocabulary::Page => tokens::read_own(html, |token| shaper.token(token)),
        }
        shaper.close_down_to(0);
        shaper.end_block();
        shaper.out
    }
}

/// The `http` or `https` URL with a host that `href` means, seen from `base`. A mere fragment
/// means none, since it leads nowhere on another server.
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

/// An element that is open: its name in the input, and in the output if it has one there.
struct Open {
    name: String,
    written: Option<&'static str>,
}

struct Shaper<'a> {
    shape: &'a Shape<'a>,
    out: String,
    open: Vec<Open>,
    skip: Option<Skip>,
    /// A block that is not kept began or ended: the text that follows stands in a new paragraph.
    paragraph_due: bool,
    /// Cells of the current table row so far, and whether the input is in a table, outside a cell.
    cells: usize,
    between_cells: bool,
    /// Returns whether the current line or block is still empty.
    at_begin: bool,
    filter: text::Filter,
    /// The length of the output just behind the last start tag of a `pre`.
    begin_of_pre: Option<usize>,
}

impl<'a> Shaper<'a> {
    fn new(shape: &'a Shape<'a>, capacity: usize) -> Self {
        Self {
            shape,
            out: String::with_capacity(capacity),
            open: Vec::new(),
            skip: None,
            paragraph_due: false,
            cells: 0,
            between_cells: false,
            at_begin: true,
            filter: text::Filter::default(),
            begin_of_pre: None,
        }
    }

    fn token(&mut self, token: Token) {
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
        let is_fediverse = self.shape.vocabulary == Vocabulary::Fediverse;
        let removed = match self.shape.vocabulary {
            Vocabulary::Fediverse => REMOVED,
            Vocabulary::Page => LOST_WITH_CONTENT,
        };
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

    /// The name of an element of this vocabulary.
    fn known(&self, name: &str) -> Option<&'static str> {
        let page_only = if self.shape.vocabulary == Vocabulary::Page {
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

    /// Writes a start tag, unless it stands too deep.
    fn element(&mut self, name: &'static str, tag: &Tag) {
        if BLOCKS.contains(&name) {
            self.paragraph_due = false;
            self.end_block();
        } else {
            self.begin_due_paragraph();
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
            self.begin_of_pre = Some(self.out.len());
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
        if is_url && self.shape.vocabulary == Vocabulary::Fediverse {
            if let Some(url) = absolute_url(value, self.shape.base) {
                push_attribute(&mut self.out, name, url.as_str());
            }
        } else if self.shape.is_remote {
            push_attribute(&mut self.out, name, &text::Filter::default().clean(value));
        } else {
            push_attribute(&mut self.out, name, value);
        }
    }

    /// A link, or only its text if it leads nowhere.
    fn link(&mut self, tag: &Tag) {
        if tag
            .get("href")
            .is_some_and(|href| absolute_url(href, self.shape.base).is_some())
        {
            self.element("a", tag);
        } else if self.open.len() < MAX_DEPTH {
            self.open.push(Open {
                name: "a".into(),
                written: None,
            });
        }
    }

    /// An image as a link to it, or as its alternative text where no link can stand.
    fn image(&mut self, tag: &Tag) {
        let alt = tag.get("alt").map(str::trim).unwrap_or_default();
        let url = tag
            .get("src")
            .and_then(|src| absolute_url(src, self.shape.base));
        let is_in_link = self.open.iter().any(|open| open.written == Some("a"));
        match url {
            Some(url) if !is_in_link => {
                self.begin_due_paragraph();
                self.out.push_str("<a");
                push_attribute(&mut self.out, "href", url.as_str());
                self.out.push('>');
                self.text(if alt.is_empty() { file_name(&url) } else { alt });
                self.out.push_str("</a>");
            }
            // A link must show something.
            Some(url) if alt.is_empty() => self.text(file_name(&url)),
            _ => self.text(alt),
        }
    }

    /// A cell of a table row that becomes a line: `a | b`, headers in bold.
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

    /// The start or the end of an element that is not kept: of inline ones nothing remains.
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
        if self.shape.vocabulary == Vocabulary::Fediverse {
            match name {
                "td" | "th" => self.between_cells = true,
                "table" => self.between_cells = false,
                _ => {}
            }
        }
    }
}

/// The last part of a URL's path that is not empty, else the whole URL.
fn file_name(url: &Url) -> &str {
    url.path()
        .rsplit('/')
        .find(|part| !part.is_empty())
        .unwrap_or(url.as_str())
}
