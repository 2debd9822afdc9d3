//! Reads the tokens of HTML, with html5ever's tokenizer.

use std::cell::{Cell, RefCell};

use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag as RawTag, TagKind, Token as RawToken, TokenSink, TokenSinkResult,
        Tokenizer, TokenizerOpts,
        states::RawKind::{Rawtext, Rcdata, ScriptData},
    },
};

use super::elements::REMOVED_WITH_CONTENT;

/// The size of the chunks that the tokenizer gets, in bytes.
const CHUNK: usize = 4 * 1024;

/// The maximum length of a tag or comment, in bytes. The tokenizer compares each attribute of a tag with all before it,
/// so that one tag of 100 KB would cost half a billion comparisons.
const MAX_TOKEN: usize = 32 * 1024;

/// A start tag. Its names are in lower case, its values unescaped.
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) self_closing: bool,
}

impl Tag {
    /// Returns the value of an attribute.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the alternative text of an image, or the name of a player.
    pub(super) fn name_of_media(&self) -> Option<&str> {
        match self.name.as_str() {
            "img" => self.get("alt"),
            _ => self.get("aria-label").or_else(|| self.get("title")),
        }
    }

    /// Returns whether the `class` attribute contains `class`.
    pub(crate) fn has_class(&self, class: &str) -> bool {
        self.get("class")
            .is_some_and(|classes| classes.split_ascii_whitespace().any(|c| c == class))
    }
}

/// A token. Comments, doctypes and errors are left out. A text ends only at a tag, whatever the chunks of the input.
pub(crate) enum Token {
    Start(Tag),
    End(String),
    Text(String),
}

/// Reads the tokens of `html` in their order. Stops at a tag or comment of more than [`MAX_TOKEN`] bytes.
pub(crate) fn read(html: &str, on_token: impl FnMut(Token)) {
    read_by(content_model, html, on_token);
}

/// Does the same for the HTML of the site's authors, who may mention `<title>` and `<textarea>`: only scripts and style
/// sheets are raw text.
pub(super) fn read_own(html: &str, on_token: impl FnMut(Token)) {
    let model = |name: &str| {
        if REMOVED_WITH_CONTENT.contains(&name) {
            content_model(name)
        } else {
            TokenSinkResult::Continue
        }
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
        has_progressed: Cell::new(false),
    };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    let mut rest = html;
    let mut without_progress = 0;
    while !rest.is_empty() && without_progress <= MAX_TOKEN {
        let (chunk, after) = rest.split_at(rest.ceil_char_boundary(CHUNK));
        rest = after;
        input.push_back(StrTendril::from_slice(chunk));
        // The sink never stops for a script, so this reads the whole chunk.
        let _ = tokenizer.feed(&input);
        without_progress = if tokenizer.sink.has_progressed.take() {
            0
        } else {
            without_progress + chunk.len()
        };
    }
    tokenizer.end();
    tokenizer.sink.end_text();
}

struct Sink<M, F> {
    content_model: M,
    on_token: RefCell<F>,
    /// The text since the last tag. The tokenizer splits it at escapes, newlines and chunks.
    text: RefCell<String>,
    has_progressed: Cell<bool>,
}

impl<M: Fn(&str) -> TokenSinkResult<()>, F: FnMut(Token)> TokenSink for Sink<M, F> {
    type Handle = ();

    fn process_token(&self, token: RawToken, _line: u64) -> TokenSinkResult<()> {
        if !matches!(token, RawToken::ParseError(_)) {
            self.has_progressed.set(true);
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
        let content_model = (self.content_model)(&name);
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
        content_model
    }
}

/// Returns how the content of an element is tokenized (HTML Standard, 13.2.6.4).
fn content_model(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(Rawtext),
        "textarea" | "title" => TokenSinkResult::RawData(Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

/// An element that is skipped with its content.
pub(super) struct Skip {
    name: String,
    open: usize,
}

impl Skip {
    /// Starts after the start tag of an element called `name`.
    pub(super) fn new(name: String) -> Self {
        Self { name, open: 1 }
    }

    /// Returns whether `token` ends the element. The token belongs to the element in any case.
    pub(super) fn ends_with(&mut self, token: &Token) -> bool {
        match token {
            Token::Start(tag) if tag.name == self.name && !tag.self_closing => self.open += 1,
            Token::End(name) if *name == self.name => self.open -= 1,
            _ => {}
        }
        self.open == 0
    }
}
