//! The link card of a page, as Mastodon reads it from the page's OpenGraph properties.

use serde::Serialize;

/// A link card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Card {
    pub host: String,
    pub title: String,
    pub description: String,
    /// The address of the picture.
    pub image: Option<String>,
    /// The handle of the author (`fediverse:creator`).
    pub creator: Option<String>,
}

impl Card {
    /// Reads the card from a page of this site.
    pub(super) fn of(page: &str, host: &str) -> Card {
        Card {
            host: host.to_owned(),
            title: meta(page, "property", "og:title").unwrap_or_default(),
            description: meta(page, "property", "og:description").unwrap_or_default(),
            image: meta(page, "property", "og:image"),
            creator: meta(page, "name", "fediverse:creator"),
        }
    }
}

/// Returns the content of a `<meta>` element of our own templates.
fn meta(page: &str, attribute: &str, name: &str) -> Option<String> {
    let start = format!("<meta {attribute}=\"{name}\" content=\"");
    let (_, rest) = page.split_once(&start)?;
    let (content, _) = rest.split_once('"')?;
    let unescaped = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ]
    .iter()
    .fold(content.to_owned(), |text, (escape, c)| {
        text.replace(escape, c)
    });
    Some(unescaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_is_read_from_the_head() {
        let page = "<meta property=\"og:title\" content=\"A &#38; &#34;b&#34;\">\n<meta property=\"og:image\" \
                    content=\"https://example.org/media/1.jpg\">";
        let card = Card::of(page, "example.org");
        assert_eq!(card.title, "A & \"b\"");
        assert_eq!(
            card.image.as_deref(),
            Some("https://example.org/media/1.jpg")
        );
        assert_eq!((card.description.as_str(), card.creator), ("", None));
    }
}
