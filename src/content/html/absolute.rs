//! Makes the addresses in sanitized or decorated HTML absolute, for readers elsewhere, such as those of feeds.

use super::{
    Html,
    escape::push_attribute,
    pieces::{self, Piece, StartTag},
};
use std::borrow::Cow;
use url::Url;

impl Html {
    /// Returns the HTML with all addresses resolved against `base`.
    pub(crate) fn with_absolute_addresses(&self, base: &Url) -> Html {
        let mut rest = self.0.as_str();
        let mut out = String::with_capacity(rest.len());
        while let Some(piece) = pieces::next(&mut rest) {
            match piece {
                Piece::Start(tag) => out.push_str(&absolute(tag, base)),
                Piece::End(name) => out.extend(["</", name, ">"]),
                Piece::Text(text) => out.push_str(text),
            }
        }
        Html(out)
    }
}

fn absolute<'a>(tag: StartTag<'a>, base: &Url) -> Cow<'a, str> {
    let mut raw = Cow::Borrowed(tag.raw);
    for name in ["href", "src", "srcset", "poster"] {
        let Some(value) = tag.get(name) else {
            continue;
        };
        let resolve = |address: &str| base.join(address).map_or(address.to_owned(), String::from);
        let resolved = if name == "srcset" {
            let entries = value.split(", ").map(|entry| {
                let (address, width) = entry.split_once(' ').unwrap_or((entry, "1x"));
                format!("{} {width}", resolve(address))
            });
            entries.collect::<Vec<_>>().join(", ")
        } else {
            resolve(&value)
        };
        if resolved != value {
            let bare = StartTag {
                raw: &raw,
                name: tag.name,
            }
            .without(name);
            let mut changed = bare.trim_end_matches('>').to_owned();
            push_attribute(&mut changed, name, &resolved);
            changed.push('>');
            raw = changed.into();
        }
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_absolute() {
        let base = Url::parse("https://example.org/2026/11/post").unwrap();
        let html = "<p>a <a href=\"/x?a&amp;b\">b</a> <a href=\"#s-c\" id=\"y\">c</a> <a href=\"mailto:a@b.example\">d</a>\
                    <picture><source srcset=\"/media/a.webp 480w, /media/b.webp 960w\" sizes=\"1px\"><img src=\"a.png\" alt=\"\">";
        assert_eq!(
            Html::unverified(html.to_owned())
                .with_absolute_addresses(&base)
                .as_str(),
            "<p>a <a href=\"https://example.org/x?a&amp;b\">b</a> <a id=\"y\" href=\"https://example.org/2026/11/post#s-c\">c</a> \
             <a href=\"mailto:a@b.example\">d</a><picture><source sizes=\"1px\" srcset=\"https://example.org/media/a.webp 480w, \
             https://example.org/media/b.webp 960w\"><img alt=\"\" src=\"https://example.org/2026/11/a.png\">"
        );
    }
}
