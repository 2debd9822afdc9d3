//! Custom emoji: replaces `:name:` in a text by a picture.

use super::{Html, escape};
use std::cell::Cell;

/// The maximum number of pictures in one text. The HTML of each is many times longer than its name.
const MAX_PICTURES: usize = 300;

impl Html {
    /// Replaces each `:name:` in the text for which `picture` returns an address on this site. A name has only letters,
    /// digits, `_`, `-` and `+`. Tags are not changed, and neither are names after the first [`MAX_PICTURES`].
    pub fn with_emoji(&self, picture: impl Fn(&str) -> Option<String>) -> Html {
        let mut shown = String::with_capacity(self.0.len());
        let mut rest = self.0.as_str();
        let left = Cell::new(MAX_PICTURES);
        let picture = |name: &str| {
            let address = (left.get() > 0).then(|| picture(name))??;
            left.set(left.get() - 1);
            Some(address)
        };
        while let Some(start) = rest.find(['<', ':']) {
            shown.push_str(&rest[..start]);
            rest = &rest[start..];
            let taken = match rest.as_bytes()[0] {
                b'<' => copy_tag(rest, &mut shown),
                _ => replace(rest, picture, &mut shown),
            };
            rest = &rest[taken..];
        }
        shown.push_str(rest);
        Html(shown)
    }

    /// Converts plain text, without paragraphs.
    pub fn from_text(text: &str) -> Html {
        let mut html = String::with_capacity(text.len());
        escape::push_text(&mut html, text);
        Html(html)
    }
}

/// Copies the tag at the beginning of `rest`. Returns its length.
fn copy_tag(rest: &str, shown: &mut String) -> usize {
    let length = length_of_tag(rest);
    shown.push_str(&rest[..length]);
    length
}

/// Returns the length of the tag at the beginning of `rest`. A `>` in a quoted value does not end the tag.
pub(super) fn length_of_tag(rest: &str) -> usize {
    let mut quote = None;
    let end = rest.bytes().position(|byte| match (quote, byte) {
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(open), byte) if byte == open => {
            quote = None;
            false
        }
        (None, b'>') => true,
        _ => false,
    });
    end.map_or(rest.len(), |end| end + 1)
}

/// Writes the picture for the `:name:` at the beginning of `rest`, or else the colon. Returns the length of what was read.
fn replace(rest: &str, picture: impl Fn(&str) -> Option<String>, shown: &mut String) -> usize {
    let named = rest[1..].split_once(':').map(|(name, _)| name);
    let named = named.filter(|name| is_name(name));
    match named.and_then(|name| Some((name, picture(name)?))) {
        Some((name, address)) => {
            shown.push_str("<img class=\"emoji\"");
            escape::push_attribute(shown, "src", &address);
            shown.push_str(&format!(
                " alt=\":{name}:\" title=\":{name}:\" loading=\"lazy\">"
            ));
            name.len() + 2
        }
        None => {
            shown.push(':');
            1
        }
    }
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> String {
        let picture = |name: &str| (name == "cat").then(|| "/p/1?v=2&w".to_owned());
        Html(html.to_owned()).with_emoji(picture).into_string()
    }

    const CAT: &str = "<img class=\"emoji\" src=\"/p/1?v=2&amp;w\" alt=\":cat:\" title=\":cat:\" loading=\"lazy\">";

    #[test]
    fn names_in_the_text_become_pictures() {
        assert_eq!(shown("<p>A :cat:!</p>"), format!("<p>A {CAT}!</p>"));
        assert_eq!(shown(":cat::cat:"), format!("{CAT}{CAT}"));
        assert_eq!(shown("12:30:cat:"), format!("12:30{CAT}"));
        assert_eq!(shown(":dog: :: :cat"), ":dog: :: :cat");
    }

    #[test]
    fn tags_stay_as_they_are() {
        let link = "<a href=\"https://a.example/:cat:?a>b\" title='\"&gt;:cat:'>x</a>";
        assert_eq!(shown(link), link);
        assert_eq!(shown("<a title=\":cat:"), "<a title=\":cat:");
        assert_eq!(
            Html::from_text("<b>:cat:")
                .with_emoji(|_| Some("/x".into()))
                .as_str()
                .matches("<img")
                .count(),
            1
        );
        assert!(Html::from_text("<b>").as_str().starts_with("&lt;b"));
    }
}
