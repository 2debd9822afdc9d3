//! The tokens of an HTML text: html5ever's tokenizer with what we need of it.

use std::cell::{Cell, RefCell};

use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag as RawTag, TagKind, Token as RawToken, TokenSink, TokenSinkResult,
        Tokenizer, TokenizerOpts,
        states::RawKind::{Rawtext, Rcdata, ScriptData},
    },
};

use super::elements::LOST_WITH_CONTENT;

/// How much is fed at once, in bytes.
const CHUNK: usize = 4 * 1024;

/// The longest tag or comment that is read, in bytes. The tokenizer compares each attribute of a
/// tag with all before it, so one tag of 100 KB would cost it half a billion comparisons.
const MAX_TOKEN: usize = 32 * 1024;

/// A start tag with its attributes, names in lower case, values unescaped.
pub(super) struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub self_closing: bool,
}

impl Tag {
    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the `class` attribute names `class`.
    pub fn has_class(&self, class: &str) -> bool {
        self.get("class")
            .is_some_and(|classes| classes.split_ascii_whitespace().any(|c| c == class))
    }
}

/// Comments, doctypes and errors are left out. A text ends only at a tag, however the input was cut into chunks.
pub(super) enum Token {
    Start(Tag),
    End(String),
    Text(String),
}

/// Reads the tokens of `html` in order. Reading ends early at a tag or comment of more than
/// [`MAX_TOKEN`] bytes.
pub(super) fn read(html: &str, on_token: impl FnMut(Token)) {
    read_by(content_model, html, on_token);
}

/// Does the same for our own authors' text, which may mention `<title>` and `<textarea>`: only scripts and style
/// sheets are raw text.
pub(super) fn read_own(html: &str, on_token: impl FnMut(Token)) {
    let model = |name: &str| match LOST_WITH_CONTENT.contains(&name) {
        true => content_model(name),
        false => TokenSinkResult::Continue,
    };
    read_by(model, html, on_token);
}

fn read_by(
    content_model: impl Fn(&str) -> TokenSinkResult<()>,
    html: &str,
    on_token: impl FnMut(Token),
) {
    let sink = Sink {
        content_model,
        on_token: RefCell::new(on_token),
        text: RefCell::default(),
        has_moved: Cell::new(false),
    };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    let mut rest = html;
    let mut standing_still = 0;
    while !rest.is_empty() && standing_still <= MAX_TOKEN {
        let (chunk, after) = rest.split_at(rest.ceil_char_boundary(CHUNK));
        rest = after;
        input.push_back(StrTendril::from_slice(chunk));
        // The sink never asks to stop for a script, so this reads the whole chunk.
        let _ = tokenizer.feed(&input);
        standing_still = if tokenizer.sink.has_moved.take() {
            0
        } else {
            standing_still + chunk.len()
        };
    }
    tokenizer.end();
    tokenizer.sink.end_text();
}

struct Sink<M, F> {
    content_model: M,
    on_token: RefCell<F>,
    /// The text since the last tag: the tokenizer cuts it at escapes, newlines and chunks.
    text: RefCell<String>,
    has_moved: Cell<bool>,
}

impl<M: Fn(&str) -> TokenSinkResult<()>, F: FnMut(Token)> TokenSink for Sink<M, F> {
    type Handle = ();

    fn process_token(&self, token: RawToken, _line: u64) -> TokenSinkResult<()> {
        if !matches!(token, RawToken::ParseError(_)) {
            self.has_moved.set(true);
        }
        match token {
            RawToken::CharacterTokens(text) => self.text.borrow_mut().push_str(&text),
            RawToken::TagToken(tag) => {
                self.end_text();
                return self.tag(tag);
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl<M: Fn(&str) -> TokenSinkResult<()>, F: FnMut(Token)> Sink<M, F> {
    fn end_text(&self) {
        let text = self.text.take();
        if !text.is_empty() {
            (self.on_token.borrow_mut())(Token::Text(text));
        }
    }

    fn tag(&self, tag: RawTag) -> TokenSinkResult<()> {
        let name = tag.name.to_string();
        if tag.kind == TagKind::EndTag {
            (self.on_token.borrow_mut())(Token::End(name));
            return TokenSinkResult::Continue;
        }
        let what_follows = (self.content_model)(&name);
        let attributes = tag
            .attrs
            .iter()
            .map(|a| (a.name.local.to_string(), a.value.to_string()))
            .collect();
        (self.on_token.borrow_mut())(Token::Start(Tag {
            name,
            attributes,
            self_closing: tag.self_closing,
        }));
        what_follows
    }
}

/// How the content of an element is read (HTML Standard, 13.2.6.4).
fn content_model(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(Rawtext),
        "textarea" | "title" => TokenSinkResult::RawData(Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

/// An element that is passed over with all in it.
pub(super) struct Skip {
    name: String,
    open: usize,
}

impl Skip {
    /// Begins after the start tag of an element called `name`.
    pub fn new(name: String) -> Self {
        Self { name, open: 1 }
    }

    /// Whether the element has ended with `token`, which is its own in any case.
    pub fn ends_with(&mut self, token: &Token) -> bool {
        match token {
            Token::Start(tag) if tag.name == self.name && !tag.self_closing => self.open += 1,
            Token::End(name) if *name == self.name => self.open -= 1,
            _ => {}
        }
        self.open == 0
    }
}
