//! Rewrites parts of foreign HTML that only the other software's style sheets and scripts make readable.

use crate::content::html::{self, Tag, Token};
use std::collections::HashMap;

/// The maximum size of the HTML of a text, in bytes. The rest is cut off.
const MAX_BYTES: usize = 8 << 20;

/// Elements without an end tag.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// The tokens of a text, with the ends of its elements.
pub(super) struct Tokens {
    tokens: Vec<Token>,
    /// For each start tag the index after its element. An element that is not closed has no content.
    ends: Vec<usize>,
}

impl Tokens {
    pub(super) fn read(text: &str) -> Tokens {
        let text = &text[..text.floor_char_boundary(MAX_BYTES)];
        let text = html::with_shorter_values(text);
        let mut tokens = Vec::new();
        html::read_tokens(&text, |token| tokens.push(token));
        let ends = ends_of(&tokens);
        Tokens { tokens, ends }
    }

    /// Returns whether there is any text.
    pub(super) fn has_text(&self) -> bool {
        let is_text = |token: &Token| matches!(token, Token::Text(text) if !text.trim().is_empty());
        self.tokens.iter().any(is_text)
    }

    /// Writes the text with some elements replaced. `replace` gets each start tag with its element, and returns what to
    /// write instead of the element.
    pub(super) fn rewritten(
        &self,
        replace: impl Fn(&Tag, Element<'_>) -> Option<String>,
    ) -> String {
        let mut out = String::new();
        let mut at = 0;
        while let Some(token) = self.tokens.get(at) {
            if let Token::Start(tag) = token
                && let Some(replacement) = replace(tag, self.element(at))
            {
                out.push_str(&replacement);
                at = self.ends[at];
            } else {
                push(&mut out, token);
                at += 1;
            }
        }
        out
    }

    fn element(&self, start: usize) -> Element<'_> {
        Element {
            all: self,
            start,
            end: self.ends[start],
        }
    }
}

/// Returns for each token the index after its element.
fn ends_of(tokens: &[Token]) -> Vec<usize> {
    let mut ends: Vec<usize> = (1..=tokens.len()).collect();
    let mut open: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Start(tag) if VOID.contains(&tag.name.as_str()) => {}
            Token::Start(tag) => open.entry(tag.name.as_str()).or_default().push(at),
            Token::End(name) => {
                if let Some(start) = open.get_mut(name.as_str()).and_then(Vec::pop) {
                    ends[start] = at + 1;
                }
            }
            Token::Text(_) => {}
        }
    }
    ends
}

/// An element: the tokens from its start tag to its end tag.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    all: &'a Tokens,
    start: usize,
    end: usize,
}

impl<'a> Element<'a> {
    /// Returns the first element within this one for whose start tag `is_it` holds.
    pub(super) fn find(self, is_it: impl Fn(&Tag) -> bool) -> Option<(&'a Tag, Element<'a>)> {
        self.find_all(is_it).next()
    }

    /// Returns all elements within this one for whose start tag `is_it` holds.
    pub(super) fn find_all(
        self,
        is_it: impl Fn(&Tag) -> bool,
    ) -> impl Iterator<Item = (&'a Tag, Element<'a>)> {
        (self.start + 1..self.end).filter_map(move |at| match &self.all.tokens[at] {
            Token::Start(tag) if is_it(tag) => Some((tag, self.all.element(at))),
            _ => None,
        })
    }

    /// Returns the text of the element that has a class, if there is one.
    pub(super) fn text_of(self, class: &str) -> String {
        self.find(|tag| tag.has_class(class))
            .map_or_else(String::new, |(_, element)| element.text())
    }

    /// Returns the HTML in the element that has a class, if there is one.
    pub(super) fn html_of(self, class: &str) -> String {
        self.find(|tag| tag.has_class(class))
            .map_or_else(String::new, |(_, element)| element.inner_html())
    }

    /// Returns the text in the element on one line.
    pub(super) fn text(self) -> String {
        let mut text = String::new();
        for token in &self.all.tokens[self.start..self.end] {
            if let Token::Text(part) = token {
                text.push_str(part);
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Returns the HTML in the element.
    pub(super) fn inner_html(self) -> String {
        let mut out = String::new();
        // Without the end tag, if there is one.
        for token in &self.all.tokens[self.start + 1..(self.end - 1).max(self.start + 1)] {
            push(&mut out, token);
        }
        out
    }
}

fn push(out: &mut String, token: &Token) {
    match token {
        Token::Text(text) => out.push_str(&html::escape(text)),
        Token::End(name) => {
            out.push_str("</");
            out.push_str(name);
            out.push('>');
        }
        Token::Start(tag) => {
            out.push('<');
            out.push_str(&tag.name);
            for (name, value) in &tag.attributes {
                out.push(' ');
                out.push_str(name);
                out.push_str("=\"");
                out.push_str(&html::escape(value));
                out.push('"');
            }
            out.push('>');
        }
    }
}
