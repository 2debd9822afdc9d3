//! Cuts an export into its items and comments, of which each is read on its own: one that is broken or too large does not
//! break the others, and the memory for it is bounded.

use super::input::Text;
use std::{collections::VecDeque, io};

/// The maximum size of what stands before the first item: authors, categories and tags.
const MAX_HEAD: usize = 32 << 20;
/// The maximum size of an item without its comments.
pub(super) const MAX_ITEM: usize = 16 << 20;
/// The maximum size of a comment.
pub(super) const MAX_COMMENT: usize = 1 << 20;
/// The maximum size of a tag, a declaration or the like.
const MAX_TAG: usize = 64 << 10;
/// The beginning of a thing that is too large, kept for its name.
const BEGINNING: usize = 4 << 10;
/// The longest beginning by which a piece of markup is recognized.
const LOOK_AHEAD: usize = 64;

/// A part of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Everything before the first item.
    Head,
    /// A comment of the item that follows.
    Comment,
    /// An item without its comments.
    Item,
}

/// A part of an export, or the reason why it can't be read.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    /// The line at which it begins.
    pub(super) line: u64,
    /// Its XML; for a part that can't be read, the beginning of it.
    pub(super) text: String,
    pub(super) problem: Option<String>,
}

/// A part that has begun.
struct Open {
    kind: Kind,
    line: u64,
    text: String,
    is_too_large: bool,
}

impl Open {
    fn at(kind: Kind, line: u64) -> Open {
        Open {
            kind,
            line,
            text: String::new(),
            is_too_large: false,
        }
    }

    fn limit(&self) -> usize {
        match self.kind {
            Kind::Head => MAX_HEAD,
            Kind::Comment => MAX_COMMENT,
            Kind::Item => MAX_ITEM,
        }
    }

    fn push(&mut self, text: &str) {
        if self.is_too_large {
            return;
        }
        if self.text.len() + text.len() > self.limit() {
            self.is_too_large = true;
            let end = self.text.floor_char_boundary(BEGINNING);
            self.text = self.text[..end].to_owned();
        } else {
            self.text.push_str(text);
        }
    }

    fn piece(self, problem: Option<String>) -> Piece {
        let too_large = self.is_too_large.then(|| {
            let limit = self.limit() >> 20;
            format!("it is larger than {limit} MB, and is not read")
        });
        Piece {
            kind: self.kind,
            line: self.line,
            text: self.text,
            problem: too_large.or(problem),
        }
    }
}

/// Yields the parts of an export in their order.
pub(super) struct Splitter {
    input: Text,
    window: String,
    at: usize,
    line: u64,
    head: Option<Open>,
    item: Option<Open>,
    comment: Option<Open>,
    has_ended: bool,
    is_done: bool,
    ready: VecDeque<Piece>,
}

/// How a piece of markup ends.
enum Markup {
    /// It ends with these signs, and is text of the part.
    Kept(&'static str),
    /// It ends with these signs, and is left out.
    LeftOut(&'static str),
    /// `<!DOCTYPE ...>`, in which entities may be defined. None of them is read.
    Doctype,
    Tag,
}

impl Splitter {
    pub(super) fn new(input: Text) -> Splitter {
        Splitter {
            input,
            window: String::new(),
            at: 0,
            line: 1,
            head: Some(Open::at(Kind::Head, 1)),
            item: None,
            comment: None,
            has_ended: false,
            is_done: false,
            ready: VecDeque::new(),
        }
    }

    /// Returns what was read so far of the item to which the last comment belongs.
    pub(super) fn item_so_far(&self) -> &str {
        self.item.as_ref().map_or("", |item| &item.text)
    }

    /// Returns the next part.
    pub(super) fn next_piece(&mut self) -> io::Result<Option<Piece>> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Ok(Some(piece));
            }
            if self.is_done {
                return Ok(None);
            }
            self.step()?;
        }
    }

    /// Reads until the end of the next piece of markup.
    fn step(&mut self) -> io::Result<()> {
        if !self.pass_until("<", 0, true)? {
            self.end();
            return Ok(());
        }
        while self.window.len() - self.at < LOOK_AHEAD && self.more()? {}
        let rest = &self.window[self.at..];
        let markup = match rest {
            _ if rest.starts_with("<![CDATA[") => Markup::Kept("]]>"),
            _ if rest.starts_with("<!--") => Markup::LeftOut("-->"),
            _ if rest.starts_with("<?") => Markup::LeftOut("?>"),
            _ if rest.starts_with("<!") => Markup::Doctype,
            _ => Markup::Tag,
        };
        let is_whole = match markup {
            Markup::Kept(end) => {
                self.pass_until(end, "<![CDATA[".len(), true)? && self.pass(end.len(), true)
            }
            Markup::LeftOut(end) => self.pass_until(end, 2, false)? && self.pass(end.len(), false),
            Markup::Doctype => self.pass_doctype()?,
            Markup::Tag => self.tag()?,
        };
        if !is_whole {
            self.end();
        }
        Ok(())
    }

    /// Makes room in the window, and reads more into it. Returns `false` at the end.
    fn more(&mut self) -> io::Result<bool> {
        self.window.drain(..self.at);
        self.at = 0;
        self.input.read_more(&mut self.window)
    }

    /// Goes on by some bytes, which belong to the open part if they are `kept`.
    fn pass(&mut self, length: usize, kept: bool) -> bool {
        let text = &self.window[self.at..self.at + length];
        self.line += text.bytes().filter(|byte| *byte == b'\n').count() as u64;
        let open = self
            .comment
            .as_mut()
            .or(self.item.as_mut())
            .or(self.head.as_mut());
        if let Some(open) = open {
            if kept {
                open.push(text);
            } else {
                // Lines are counted in a part, too.
                open.push(&"\n".repeat(text.matches('\n').count()));
            }
        }
        self.at += length;
        true
    }

    /// Goes on until the beginning of these signs, which don't begin within the first `skipped` bytes. Returns `false` at
    /// the end.
    fn pass_until(&mut self, signs: &str, skipped: usize, kept: bool) -> io::Result<bool> {
        let mut skipped = skipped;
        loop {
            let from = self.window.floor_char_boundary(self.at + skipped);
            if let Some(found) = self.window[from..].find(signs) {
                self.pass(from + found - self.at, kept);
                return Ok(true);
            }
            // The signs may begin in the last bytes.
            let tail = self.window.len().saturating_sub(signs.len() - 1).max(from);
            let tail = self.window.floor_char_boundary(tail);
            self.pass(tail - self.at, kept);
            skipped = 0;
            if !self.more()? {
                self.pass(self.window.len() - self.at, kept);
                return Ok(false);
            }
        }
    }

    /// Leaves out a document type, with the entities that it defines.
    fn pass_doctype(&mut self) -> io::Result<bool> {
        let mut depth = 0;
        loop {
            let mut characters = self.window[self.at..].char_indices();
            let end = characters.find(|(_, c)| {
                match c {
                    '[' => depth += 1,
                    ']' => depth -= 1,
                    _ => {}
                }
                *c == '>' && depth <= 0
            });
            let length = end.map_or(self.window.len() - self.at, |(index, _)| index + 1);
            self.pass(length, false);
            if end.is_some() {
                return Ok(true);
            }
            if !self.more()? {
                return Ok(false);
            }
        }
    }

    /// Reads a tag.
    fn tag(&mut self) -> io::Result<bool> {
        let length = loop {
            match tag_end(&self.window[self.at..]) {
                TagEnd::At(length) => break length,
                TagEnd::Nowhere => return Ok(self.pass(1, true)),
                TagEnd::Later => {}
            }
            if !self.more()? {
                self.pass(self.window.len() - self.at, true);
                return Ok(false);
            }
        };
        let tag = &self.window[self.at..self.at + length];
        let name_end = tag[1..]
            .find(|c: char| c.is_whitespace() || c == '>')
            .map_or(length, |end| end + 1);
        let is_empty = tag.ends_with("/>");
        match &tag[1..name_end] {
            "item" if !is_empty => {
                self.give_up("it has no end: the next item begins in it");
                self.ready
                    .extend(self.head.take().map(|head| head.piece(None)));
                self.item = Some(Open::at(Kind::Item, self.line));
                self.pass(length, true);
            }
            "/item" => {
                self.give_up_comment();
                self.pass(length, true);
                self.ready
                    .extend(self.item.take().map(|item| item.piece(None)));
            }
            "wp:comment" if self.item.is_some() && !is_empty => {
                self.give_up_comment();
                self.comment = Some(Open::at(Kind::Comment, self.line));
                self.pass(length, true);
            }
            "/wp:comment" => {
                self.pass(length, true);
                if let Some(comment) = self.comment.take() {
                    let lines = self.line - comment.line;
                    self.ready.push_back(comment.piece(None));
                    if let Some(item) = &mut self.item {
                        item.push(&"\n".repeat(lines as usize));
                    }
                }
            }
            "/rss" => {
                self.has_ended = true;
                self.pass(length, true);
            }
            _ => {
                self.pass(length, true);
            }
        }
        Ok(true)
    }

    /// Gives up the open item, if there is one.
    fn give_up(&mut self, problem: &str) {
        self.give_up_comment();
        let item = self.item.take();
        self.ready
            .extend(item.map(|item| item.piece(Some(problem.to_owned()))));
    }

    fn give_up_comment(&mut self) {
        let comment = self.comment.take();
        self.ready
            .extend(comment.map(|comment| comment.piece(Some("it has no end".to_owned()))));
    }

    /// Ends everything at the end of the file.
    fn end(&mut self) {
        self.is_done = true;
        let was_whole = self.item.is_none();
        self.give_up("the file ends in the middle of it: it is cut off");
        self.ready
            .extend(self.head.take().map(|head| head.piece(None)));
        if was_whole && !self.has_ended {
            let end = Open::at(Kind::Item, self.line);
            let problem = "the file ends before </rss>: it is cut off".to_owned();
            self.ready.push_back(end.piece(Some(problem)));
        }
    }
}

/// The end of a tag at the beginning of a text.
enum TagEnd {
    At(usize),
    /// The text ends before the tag.
    Later,
    /// It is no tag.
    Nowhere,
}

/// Finds the end of the tag at the beginning of a text. No tag has a `<` in it, not even in a value.
fn tag_end(text: &str) -> TagEnd {
    let mut quote = None;
    for (index, byte) in text.bytes().enumerate().take(MAX_TAG) {
        match (quote, byte) {
            (_, b'<') if index > 0 => return TagEnd::Nowhere,
            (None, b'>') => return TagEnd::At(index + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    if text.len() < MAX_TAG {
        TagEnd::Later
    } else {
        TagEnd::Nowhere
    }
}
