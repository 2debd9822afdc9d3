//! Truncates long HTML.

use super::{Html, emoji::length_of_tag};

/// The maximum number of bytes for each allowed character, including those of tags.
const BYTES: usize = 4;
/// The maximum length of a character reference like `&amp;`, in bytes.
const MAX_REFERENCE: usize = 10;
/// Elements without an end tag.
const VOID: [&str; 3] = ["br", "hr", "img"];
/// Elements that can't contain text directly.
const LISTS: [&str; 4] = ["ul", "ol", "dl", "table"];

impl Html {
    /// Returns the first `max` characters of sanitized HTML with "…" at the end, or `None` if it has no more characters. A
    /// start tag counts as a character, since it can begin a line. HTML that is mostly tags is cut earlier.
    pub fn truncated(&self, max: usize) -> Option<Html> {
        if self.0.len() <= max {
            return None;
        }
        let mut beginning = Beginning::default();
        let (mut rest, mut count) = (self.0.as_str(), 0);
        while !rest.is_empty() {
            let (piece, is_counted) = first_piece(rest);
            count += usize::from(is_counted);
            if count > max || beginning.html.len() + piece.len() > max.saturating_mul(BYTES) {
                return Some(beginning.close());
            }
            beginning.push(piece);
            rest = &rest[piece.len()..];
        }
        None
    }
}

/// Returns the tag, character reference or character that a text begins with, and whether it counts.
fn first_piece(rest: &str) -> (&str, bool) {
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let length = match rest.as_bytes().first() {
        Some(b'<') => return (&rest[..length_of_tag(rest)], !rest.starts_with("</")),
        Some(b'&') => {
            let end = rest
                .bytes()
                .take(MAX_REFERENCE)
                .position(|byte| byte == b';');
            end.map_or(first, |end| end + 1)
        }
        _ => first,
    };
    (&rest[..length], true)
}

/// The beginning of a text, with the names of the elements that are open at its end.
#[derive(Default)]
struct Beginning<'a> {
    html: String,
    open: Vec<&'a str>,
}

impl<'a> Beginning<'a> {
    fn push(&mut self, piece: &'a str) {
        self.html.push_str(piece);
        if let Some(name) = piece.strip_prefix("</") {
            let name = name_at_start(name);
            if let Some(position) = self.open.iter().rposition(|open| *open == name) {
                self.open.truncate(position);
            }
        } else if let Some(tag) = piece.strip_prefix('<') {
            let name = name_at_start(tag);
            if !name.is_empty() && !VOID.contains(&name) && !tag.ends_with("/>") {
                self.open.push(name);
            }
        }
    }

    fn close(mut self) -> Html {
        if self.open.last().is_none_or(|name| !LISTS.contains(name)) {
            self.html.push('…');
        }
        for name in self.open.iter().rev() {
            self.html.push_str("</");
            self.html.push_str(name);
            self.html.push('>');
        }
        Html(self.html)
    }
}

/// Returns the element's name at the beginning of a tag without its `<` or `</`.
fn name_at_start(tag: &str) -> &str {
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric());
    &tag[..end.unwrap_or(tag.len())]
}

#[cfg(test)]
mod tests {
    use super::Html;

    fn cut(html: &str, max: usize) -> Option<String> {
        Html::unverified(html.to_owned())
            .truncated(max)
            .map(Html::into_string)
    }

    #[test]
    fn a_truncated_text_is_balanced() {
        for (html, max, shown) in [
            ("<p>abc</p>", 4, None),
            ("abc", 3, None),
            ("", 0, None),
            ("<p>abcdef</p>", 4, Some("<p>abc…</p>")),
            ("<p>a&amp;b&lt;c</p>", 4, Some("<p>a&amp;b…</p>")),
            ("<p>a</p><p>b</p>", 2, Some("<p>a</p>…")),
            (
                "<ul><li>ab</li><li>c</li></ul>",
                4,
                Some("<ul><li>ab</li></ul>"),
            ),
            (
                "<p><a href=\"https://a.example/?a>b\" rel=\"x\">abc</a>d</p>",
                20,
                None,
            ),
            ("a<br>b<br>c<br>d", 4, Some("a<br>b<br>…")),
            ("<b><i>abcd</b>efgh</i>", 5, Some("<b><i>abc…</i></b>")),
        ] {
            assert_eq!(cut(html, max).as_deref(), shown, "{html}");
        }
        let japanese = "あ".repeat(100);
        assert_eq!(cut(&japanese, 100), None);
        assert_eq!(cut(&japanese, 99), Some("あ".repeat(99) + "…"));
    }

    #[test]
    fn tags_count_by_their_bytes_too() {
        let link = format!("<a href=\"https://a.example/{}\">x</a>", "y".repeat(200));
        let shown = cut(&link.repeat(100), 1000).unwrap();
        assert!(shown.len() < 4100, "{}", shown.len());
        assert!(shown.ends_with("</a>…"), "{shown}");
        let breaks = cut(&"<br>".repeat(100_000), 10_000).unwrap();
        assert_eq!(breaks.matches("<br>").count(), 10_000);
    }

    #[test]
    fn a_truncated_text_is_harmless() {
        let html = Html::from_remote(
            &"<p>a <b>bold &amp; <a href=\"https://a.example/\">link</a></b></p>".repeat(40),
        );
        for max in 1..400 {
            let Some(shown) = html.truncated(max) else {
                continue;
            };
            let again = Html::from_remote(shown.as_str());
            assert_eq!(again.to_text(), shown.to_text(), "{max}");
            assert!(shown.to_text().chars().count() <= max + 200);
        }
    }
}
