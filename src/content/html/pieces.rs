//! Reads sanitized HTML piece by piece, without a parser: it is balanced, and its attributes are quoted and escaped.

use super::emoji::length_of_tag;
use std::borrow::Cow;

/// A tag or a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Start(StartTag<'a>),
    /// An end tag, with the name of its element.
    End(&'a str),
    Text(&'a str),
}

/// A start tag as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StartTag<'a> {
    /// The tag with its brackets.
    pub raw: &'a str,
    pub name: &'a str,
}

impl<'a> StartTag<'a> {
    /// Returns the part after the name: the attributes with a blank before each, and the closing bracket.
    pub(super) fn after_name(&self) -> &'a str {
        &self.raw[1 + self.name.len()..]
    }

    /// Returns the unescaped value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.value(name).map(|(_, value)| unescape(value))
    }

    /// Returns the tag without an attribute.
    pub(super) fn without(&self, name: &str) -> String {
        match self.value(name) {
            Some((start, value)) => {
                let end = start + name.len() + 4 + value.len();
                format!("{}{}", &self.raw[..start], &self.raw[end..])
            }
            None => self.raw.to_owned(),
        }
    }

    /// Returns the position of an attribute with the blank before it, and its escaped value. The pattern is found in no
    /// value, since quotation marks are escaped there.
    fn value(&self, name: &str) -> Option<(usize, &'a str)> {
        let pattern = format!(" {name}=\"");
        let start = self.raw.find(&pattern)?;
        let value = &self.raw[start + pattern.len()..];
        Some((start, &value[..value.find('"')?]))
    }
}

/// Removes the next piece from the beginning of `rest`.
pub(super) fn next<'a>(rest: &mut &'a str) -> Option<Piece<'a>> {
    if rest.is_empty() {
        return None;
    }
    let (length, is_tag) = if rest.starts_with('<') {
        (length_of_tag(rest), true)
    } else {
        (rest.find('<').unwrap_or(rest.len()), false)
    };
    let (raw, after) = rest.split_at(length);
    *rest = after;
    if !is_tag {
        return Some(Piece::Text(raw));
    }
    Some(match raw.strip_prefix("</") {
        Some(name) => Piece::End(name.trim_end_matches('>')),
        None => Piece::Start(StartTag {
            raw,
            name: name_of(raw),
        }),
    })
}

/// Removes the next piece if it is the start tag of such an element.
pub(super) fn next_start<'a>(rest: &mut &'a str, name: &str) -> Option<StartTag<'a>> {
    let mut after = *rest;
    match next(&mut after) {
        Some(Piece::Start(tag)) if tag.name == name => {
            *rest = after;
            Some(tag)
        }
        _ => None,
    }
}

fn name_of(raw: &str) -> &str {
    let name = &raw[1..];
    let end = name.find(|c: char| !c.is_ascii_alphanumeric());
    &name[..end.unwrap_or(name.len())]
}

/// Returns the text of HTML without its tags, on one line.
pub(super) fn text_of(html: &str) -> String {
    let mut rest = html;
    let mut text = String::new();
    while let Some(piece) = next(&mut rest) {
        if let Piece::Text(part) = piece {
            text.push_str(&unescape(part));
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Replaces the character references that the sanitizer writes.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return text.into();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_read_piece_by_piece() {
        let html = "a <b title=\"x > y\">c</b><br>&amp;";
        let mut rest = html;
        let pieces: Vec<Piece> = std::iter::from_fn(|| next(&mut rest)).collect();
        let tag = |raw, name| Piece::Start(StartTag { raw, name });
        assert_eq!(
            pieces,
            [
                Piece::Text("a "),
                tag("<b title=\"x > y\">", "b"),
                Piece::Text("c"),
                Piece::End("b"),
                tag("<br>", "br"),
                Piece::Text("&amp;"),
            ]
        );
        assert_eq!(text_of(html), "a c&");
    }

    #[test]
    fn attributes_are_read_and_removed() {
        let raw = "<img src=\"/a?b&amp;c\" alt=\" src=&quot;x&quot;\" title=\"\">";
        let tag = StartTag { raw, name: "img" };
        assert_eq!(tag.get("src").as_deref(), Some("/a?b&c"));
        assert_eq!(tag.get("alt").as_deref(), Some(" src=\"x\""));
        assert_eq!(tag.get("title").as_deref(), Some(""));
        assert_eq!(tag.get("lang"), None);
        assert_eq!(tag.without("alt"), "<img src=\"/a?b&amp;c\" title=\"\">");
        assert_eq!(tag.without("lang"), raw);
    }
}
