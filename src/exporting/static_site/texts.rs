//! The addresses in feeds, sitemaps and style sheets. Only those of parts change: `feed.atom?before=...` is a file of its
//! own.

use super::{
    links::{Change, unescape},
    targets::Target,
};
use crate::node::urls::Urls;
use url::Url;

/// Changes the addresses of a feed or sitemap that lead to this site. `origin` has no slash at its end.
pub(super) fn rewrite(text: &str, origin: &str, mut change: impl FnMut(&str) -> Change) -> String {
    let (mut out, mut written, mut position) = (String::with_capacity(text.len()), 0, 0);
    while let Some(start) = text[position..].find(origin).map(|at| position + at) {
        let after = start + origin.len();
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '\\' | ')');
        let end = text[after..].find(ends).map_or(text.len(), |at| after + at);
        // Text in a feed is escaped twice: an address ends at what ends an attribute in it.
        let address = &text[start..end];
        let address = ["&quot;", "&#34;", "&lt;", "&gt;"]
            .iter()
            .filter_map(|escape| address.find(escape))
            .min()
            .map_or(address, |end| &address[..end]);
        position = start + address.len();
        if let Change::To(new) = change(&unescape(address)) {
            out.push_str(&text[written..start]);
            out.push_str(&new.replace('&', "&amp;"));
            written = start + address.len();
        }
    }
    out.push_str(&text[written..]);
    out
}

/// Returns the files of the site that a style sheet names. `base` is its own address.
pub(super) fn of_style_sheet(css: &str, base: &Url, urls: &Urls) -> Vec<Target> {
    let mut found = Vec::new();
    for part in css.split("url(").skip(1) {
        let address = part.split(')').next().unwrap_or_default();
        let address = address.trim().trim_matches(['"', '\'']);
        if let Ok(url) = base.join(address)
            && let Some(target) = Target::of(&url, urls)
        {
            found.push(target);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_feed_change_and_texts_stay() {
        let feed = "<link href=\"https://a.example/feed.atom?before=1-2\"/>&lt;a href=&quot;https://a.example/x&quot;&gt;\
                    https://a.example.net/ https://a.example";
        let mut seen = Vec::new();
        let out = rewrite(feed, "https://a.example", |address| {
            seen.push(address.to_owned());
            match address.contains('?') {
                true => Change::To("https://a.example/feed_before-1-2.atom".into()),
                false => Change::Keep,
            }
        });
        assert_eq!(
            out,
            feed.replace("feed.atom?before=1-2", "feed_before-1-2.atom")
        );
        assert_eq!(
            seen,
            [
                "https://a.example/feed.atom?before=1-2",
                "https://a.example/x",
                "https://a.example.net/",
                "https://a.example"
            ]
        );
    }
}
