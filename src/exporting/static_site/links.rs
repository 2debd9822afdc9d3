//! The links of a page: found, and changed in place. All other characters of the page stay as they are.

use std::{borrow::Cow, ops::Range};

/// The end of an address in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// It stays as it is.
    Keep,
    To(String),
    /// It leads nowhere: the link or picture ends.
    Remove,
}

/// The attribute of an element that has an address.
#[derive(Debug)]
struct Attribute {
    name: String,
    /// The position of the attribute, with the space before it.
    whole: Range<usize>,
    value: Range<usize>,
}

/// Changes the addresses of a page. `change` gets each one unescaped.
pub(super) fn rewrite(html: &str, mut change: impl FnMut(&str) -> Change) -> String {
    let (mut out, mut written) = (String::with_capacity(html.len()), 0);
    let mut position = 0;
    while let Some(start) = html[position..].find('<').map(|at| position + at) {
        let rest = &html[start..];
        if rest.starts_with("<!--") {
            position = rest.find("-->").map_or(html.len(), |end| start + end + 3);
            continue;
        }
        if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            position = start + 1;
            continue;
        }
        let (element, attributes, end) = read_tag(html, start);
        position = match element.as_str() {
            "script" | "style" => {
                let close = format!("</{element}");
                html[end..].find(&close).map_or(html.len(), |at| end + at)
            }
            _ => end,
        };
        if let Some(tag) = changed_tag(html, &element, &attributes, start..end, &mut change) {
            out.push_str(&html[written..start]);
            out.push_str(&tag);
            written = end;
        }
    }
    out.push_str(&html[written..]);
    out
}

/// Returns a start tag with other addresses; `None` if it stays as it is.
fn changed_tag(
    html: &str,
    element: &str,
    attributes: &[Attribute],
    tag: Range<usize>,
    change: &mut impl FnMut(&str) -> Change,
) -> Option<String> {
    let value = |name: &str| {
        let found = attributes.iter().find(|attribute| attribute.name == name)?;
        Some(&html[found.value.clone()])
    };
    let (mut out, mut written, mut is_changed) = (String::new(), tag.start, false);
    for attribute in attributes {
        let text = unescape(&html[attribute.value.clone()]);
        let new = match (element, attribute.name.as_str()) {
            ("source" | "img", "srcset") => set(&text, change),
            ("meta", "content") if is_address(&text) => change(&text),
            ("data", "value") if is_address(&text) => change(&text),
            (_, "href" | "src" | "poster" | "cite") => change(&text),
            _ => Change::Keep,
        };
        match new {
            Change::Keep => {}
            Change::To(address) => {
                out.push_str(&html[written..attribute.value.start]);
                out.push_str(&escape(&address));
                (written, is_changed) = (attribute.value.end, true);
            }
            Change::Remove => match element {
                // A reader would see this of a picture that can't be loaded.
                "img" => return Some(value("alt").unwrap_or_default().to_owned()),
                "link" | "source" | "meta" => return Some(String::new()),
                _ => {
                    out.push_str(&html[written..attribute.whole.start]);
                    (written, is_changed) = (attribute.whole.end, true);
                }
            },
        }
    }
    out.push_str(&html[written..tag.end]);
    is_changed.then_some(out)
}

/// Changes the addresses of a `srcset`.
fn set(text: &str, change: &mut impl FnMut(&str) -> Change) -> Change {
    let mut candidates = Vec::new();
    let mut is_changed = false;
    for candidate in text.split(", ") {
        let (address, size) = candidate.trim().split_once(' ').unwrap_or((candidate, ""));
        match change(address) {
            Change::Keep => candidates.push(candidate.to_owned()),
            Change::To(new) => {
                candidates.push(format!("{new} {size}").trim_end().to_owned());
                is_changed = true;
            }
            Change::Remove => is_changed = true,
        }
    }
    match (is_changed, candidates.is_empty()) {
        (false, _) => Change::Keep,
        (true, true) => Change::Remove,
        (true, false) => Change::To(candidates.join(", ")),
    }
}

fn is_address(text: &str) -> bool {
    let is_rooted =
        text.starts_with("https://") || text.starts_with("http://") || text.starts_with('/');
    is_rooted && !text.contains(char::is_whitespace)
}

/// Reads a start tag. Returns its name, its attributes, and the position after it.
fn read_tag(html: &str, start: usize) -> (String, Vec<Attribute>, usize) {
    let bytes = html.as_bytes();
    let is_end = |at: usize| matches!(bytes.get(at), None | Some(b'>'));
    let is_space = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_whitespace);
    let mut at = start + 1;
    while !is_end(at) && !is_space(at) && bytes[at] != b'/' {
        at += 1;
    }
    let element = html[start + 1..at].to_ascii_lowercase();
    let mut attributes = Vec::new();
    while !is_end(at) {
        let space = at;
        while is_space(at) || bytes.get(at) == Some(&b'/') {
            at += 1;
        }
        if is_end(at) {
            break;
        }
        let name = at;
        at += 1;
        while !is_end(at) && !is_space(at) && !matches!(bytes[at], b'=' | b'/') {
            at += 1;
        }
        let name = html[name..at].to_ascii_lowercase();
        if bytes.get(at) != Some(&b'=') {
            continue;
        }
        at += 1;
        let (value, end) = match bytes.get(at) {
            Some(&quote @ (b'"' | b'\'')) => {
                let value = at + 1;
                let found = bytes[value..].iter().position(|byte| *byte == quote);
                let close = found.map_or(bytes.len(), |found| value + found);
                (value..close, (close + 1).min(bytes.len()))
            }
            _ => {
                let value = at;
                while !is_end(at) && !is_space(at) {
                    at += 1;
                }
                (value..at, at)
            }
        };
        at = end;
        attributes.push(Attribute {
            name,
            whole: space..end,
            value,
        });
    }
    (element, attributes, (at + 1).min(bytes.len()))
}

/// Replaces the escapes that the node writes.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut text = text.to_owned();
    for (escape, character) in [
        ("&#x2f;", "/"),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#34;", "\""),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        text = text.replace(escape, character);
    }
    Cow::Owned(text)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(html: &str) -> String {
        rewrite(html, |address| match address {
            "/a" => Change::To("/a/".into()),
            "/b?x=1&y=2" => Change::To("/b/_x-1/".into()),
            "/gone" => Change::Remove,
            _ => Change::Keep,
        })
    }

    #[test]
    fn links_change_and_nothing_else() {
        for (html, expected) in [
            ("<a href=\"/a\">x</a>", "<a href=\"/a/\">x</a>"),
            ("<a class=x href='/a'>", "<a class=x href='/a/'>"),
            (
                "<a href=\"/b?x=1&amp;y=2\" rel=next>",
                "<a href=\"/b/_x-1/\" rel=next>",
            ),
            (
                "<code>&lt;a href=\"/a\"&gt;</code> 1 < 2",
                "<code>&lt;a href=\"/a\"&gt;</code> 1 < 2",
            ),
            (
                "<script>x = '<a href=\"/a\">'</script><a href=/a>",
                "<script>x = '<a href=\"/a\">'</script><a href=/a/>",
            ),
            ("<!-- <a href=\"/a\"> -->", "<!-- <a href=\"/a\"> -->"),
            (
                "<a class=\"reply\" href=\"/gone\">x</a>",
                "<a class=\"reply\">x</a>",
            ),
            ("1<img src=\"/gone\" alt=\":cat:\">2", "1:cat:2"),
            ("<link rel=x href=\"/gone\">!", "!"),
            (
                "<img srcset=\"/a 480w, /gone 960w\" src=\"/c\">",
                "<img srcset=\"/a/ 480w\" src=\"/c\">",
            ),
            ("<a href=\"/a", "<a href=\"/a/"),
            ("<", "<"),
        ] {
            assert_eq!(changed(html), expected);
        }
    }
}
