//! HTML as authors wrote it, cut into tags and text. Nothing is corrected: the importer sanitizes it afterwards.

use crate::content::Html;
use regex::Regex;
use std::sync::LazyLock;

/// A piece of HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Text(&'a str),
    Comment(&'a str),
    Start(Tag<'a>),
    End(Tag<'a>),
}

/// A tag as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    pub(super) raw: &'a str,
    name: &'a str,
}

/// Cuts HTML into pieces. Joined, they are the HTML again.
pub(super) fn tokens(html: &str) -> impl Iterator<Item = Token<'_>> {
    let last_comment_end = html.rfind("-->").unwrap_or_default();
    let mut at = 0;
    let mut found: Option<Token<'_>> = None;
    std::iter::from_fn(move || {
        if let Some(token) = found.take() {
            at += token.raw().len();
            return Some(token);
        }
        let mut from = at;
        while let Some(start) = html[from..].find('<').map(|start| from + start) {
            let may_be_comment = start < last_comment_end;
            let Some(token) = markup_at(&html[start..], may_be_comment) else {
                from = start + 1;
                continue;
            };
            if start == at {
                at += token.raw().len();
                return Some(token);
            }
            found = Some(token);
            let text = &html[at..start];
            at = start;
            return Some(Token::Text(text));
        }
        let rest = &html[at..];
        at = html.len();
        (!rest.is_empty()).then_some(Token::Text(rest))
    })
}

/// Returns the comment or the tag at the beginning of a text.
fn markup_at(text: &str, may_be_comment: bool) -> Option<Token<'_>> {
    if text.starts_with("<!--") {
        let end = may_be_comment.then(|| text.find("-->")).flatten()?;
        return Some(Token::Comment(&text[..end + "-->".len()]));
    }
    let is_end = text.starts_with("</");
    let name_start = if is_end { 2 } else { 1 };
    let rest = text.get(name_start..)?;
    if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let belongs_to_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-');
    let name = &rest[..rest.find(|c| !belongs_to_name(c))?];
    let mut at = name_start + name.len();
    if !text[at..].starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>')) {
        return None;
    }
    loop {
        at += text[at..].find(['<', '>', '"', '\''])?;
        match text.as_bytes()[at] {
            b'>' => break,
            b'<' => return None,
            quote => at += 2 + text[at + 1..].find(char::from(quote))?,
        }
    }
    let tag = Tag {
        raw: &text[..=at],
        name,
    };
    Some(if is_end {
        Token::End(tag)
    } else {
        Token::Start(tag)
    })
}

impl<'a> Token<'a> {
    pub(super) fn raw(self) -> &'a str {
        match self {
            Token::Text(raw) | Token::Comment(raw) => raw,
            Token::Start(tag) | Token::End(tag) => tag.raw,
        }
    }
}

impl<'a> Tag<'a> {
    pub(super) fn is(self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    pub(super) fn is_one_of(self, names: &[&str]) -> bool {
        names.iter().any(|name| self.is(name))
    }

    /// Returns whether the tag has no end tag.
    pub(super) fn is_void(self) -> bool {
        self.is_one_of(&[
            "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
            "source", "track", "wbr",
        ])
    }

    pub(super) fn name(self) -> String {
        self.name.to_ascii_lowercase()
    }

    /// Returns whether the tag has a class that begins with this.
    pub(super) fn has_class(self, beginning: &str) -> bool {
        self.attribute("class").is_some_and(|classes| {
            classes
                .split_ascii_whitespace()
                .any(|class| class.starts_with(beginning))
        })
    }

    /// Returns the value of an attribute, if it is in quotes or without blanks.
    pub(super) fn attribute(self, wanted: &str) -> Option<String> {
        let inner = self.raw.get(1 + self.name.len()..self.raw.len() - 1)?;
        let found = ATTRIBUTE
            .captures_iter(inner)
            .find(|found| found[1].eq_ignore_ascii_case(wanted))?;
        let value = (2..5).find_map(|group| found.get(group))?;
        Some(plain(value.as_str()))
    }
}

static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"([A-Za-z][A-Za-z0-9:_-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#;
    Regex::new(pattern).expect("the pattern is valid")
});

/// Returns the value of an attribute with the characters that its entities stand for.
fn plain(value: &str) -> String {
    if !value.contains('&') {
        return value.to_owned();
    }
    Html::unverified(value.replace('<', "&lt;"))
        .to_text()
        .trim()
        .to_owned()
}

/// Returns HTML as one line of text, without tags.
pub(in crate::importing::formats::wordpress) fn text_line(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return html.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let text = Html::from_own(html).to_text();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
