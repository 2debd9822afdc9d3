//! Extracts the text of sanitized HTML.

use super::{
    elements::PLAYERS,
    tokens::{self, Skip, Tag, Token},
};

/// Returns the text, with a blank line between blocks.
pub(super) fn text(html: &str) -> String {
    let mut writer = Writer::default();
    tokens::read(html, |token| writer.token(token));
    writer.out
}

/// Returns the running text in one line: the text outside headings, figures, tables, code blocks and footnotes, or all
/// text if there is no other. Alternative texts of images are left out.
pub(super) fn running_text(html: &str) -> String {
    let mut text = text_for_excerpt(html, true);
    if text.trim().is_empty() {
        text = text_for_excerpt(html, false);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text_for_excerpt(html: &str, only_running: bool) -> String {
    let mut writer = Writer::default();
    let mut skip: Option<Skip> = None;
    let mut mention: Option<Mention> = None;
    tokens::read(html, |token| {
        if let Some(element) = &mut skip {
            if element.ends_with(&token) {
                skip = None;
            }
            return;
        }
        match token {
            Token::Start(tag) if only_running && is_outside_running_text(&tag) => {
                writer.tag(&tag.name);
                skip = Some(Skip::new(tag.name));
            }
            Token::Start(tag) if is_media(&tag) => {}
            Token::Start(tag) if tag.name == "a" => mention = Mention::from_link(&tag),
            Token::End(name) if name == "a" => {
                if let Some(mention) = mention.take() {
                    writer.text(mention.name());
                }
            }
            Token::Text(text) if mention.is_some() => {
                if let Some(mention) = &mut mention {
                    mention.text.push_str(&text);
                }
            }
            token => writer.token(token),
        }
    });
    if let Some(mention) = mention {
        writer.text(mention.name());
    }
    writer.out
}

/// A mention: the handle in its link's title, and the text of the link.
struct Mention {
    handle: String,
    text: String,
}

impl Mention {
    fn from_link(tag: &Tag) -> Option<Mention> {
        let handle = tag.get("title").filter(|title| title.starts_with('@'))?;
        tag.has_class("mention").then(|| Mention {
            handle: handle.to_owned(),
            text: String::new(),
        })
    }

    /// Returns the whole handle, if the text is its beginning. Otherwise the title could be anything.
    fn name(&self) -> &str {
        let is_handle = !self.text.is_empty() && self.handle.starts_with(&self.text);
        if is_handle { &self.handle } else { &self.text }
    }
}

fn is_media(tag: &Tag) -> bool {
    tag.name == "img" || PLAYERS.contains(&tag.name.as_str())
}

fn is_outside_running_text(tag: &Tag) -> bool {
    matches!(
        tag.name.as_str(),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "figure" | "table" | "pre"
    ) || tag.has_class("footnote-ref")
        || tag.has_class("footnotes")
}

#[derive(Default)]
struct Writer {
    out: String,
    /// The number of line breaks, and whether a blank, to write before the next text.
    lines_due: usize,
    blank_due: bool,
    open_pre: usize,
}

impl Writer {
    fn token(&mut self, token: Token) {
        match token {
            Token::Start(tag) => {
                self.tag(&tag.name);
                match tag.name.as_str() {
                    "pre" => self.open_pre += 1,
                    _ if is_media(&tag) => self.text(tag.name_of_media().unwrap_or_default()),
                    _ => {}
                }
            }
            Token::End(name) => {
                self.tag(&name);
                if name == "pre" {
                    self.open_pre = self.open_pre.saturating_sub(1);
                }
            }
            Token::Text(text) => self.text(&text),
        }
    }

    fn tag(&mut self, name: &str) {
        match name {
            "br" => self.lines_due += 1,
            "li" | "tr" | "dt" | "dd" | "figcaption" | "summary" => self.break_lines(1),
            "td" | "th" => self.blank_due = true,
            "p" | "pre" | "blockquote" | "ul" | "ol" | "dl" | "table" | "figure" | "section"
            | "div" | "hr" | "details" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.break_lines(2)
            }
            _ => {}
        }
    }

    fn break_lines(&mut self, lines: usize) {
        self.lines_due = self.lines_due.max(lines);
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' if self.open_pre > 0 => self.lines_due += 1,
                c if c.is_ascii_whitespace() && self.open_pre == 0 => self.blank_due = true,
                c => self.character(c),
            }
        }
    }

    fn character(&mut self, c: char) {
        let lines = std::mem::take(&mut self.lines_due);
        let blank = std::mem::take(&mut self.blank_due);
        if !self.out.is_empty() {
            if lines > 0 {
                self.out.extend(std::iter::repeat_n('\n', lines));
            } else if blank {
                self.out.push(' ');
            }
        }
        self.out.push(c);
    }
}
