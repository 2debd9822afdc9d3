//! Makes Markdown portable: with absolute addresses, and with escaped plain text.

use super::{MentionLinks, Rendered, render, render_with_links};
use crate::content::Html;
use regex::{Captures, Regex};
use std::sync::LazyLock;
use url::Url;

/// Matches an address in a link, in a link definition, or in a `src` or `href` of raw HTML.
static ADDRESSES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?xm) (?: \]\(\s* | ^[\x20>]*\[[^\]\^\n][^\]\n]*\]:\s* | \b(?:src|href)\s*=\s* )
        (?: <(?<angled>[^<>\n]+)> | "(?<double>[^"]+)" | '(?<single>[^']+)'
          | (?<bare> [^\s<>"'()]+ (?: \([^\s()]*\) [^\s<>"'()]* )* ) )"#,
    )
    .ok()
});

/// Makes the addresses in `markdown` absolute, so that it renders anywhere as `rendered`, which is its rendering at `base`.
/// Returns `None` if that would change anything else.
pub fn portable_source(
    markdown: &str,
    base: &Url,
    links: &MentionLinks,
    rendered: &Rendered,
) -> Option<String> {
    let source = absolute(markdown, base);
    // The rendering differs if an address is still relative, or if something that is not an address was changed.
    let elsewhere = Url::parse("https://elsewhere.invalid/a/b/c").ok()?;
    let rendered_elsewhere = render_with_links(&source, &elsewhere, links);
    (rendered_elsewhere.federated == rendered.federated).then_some(source)
}

/// Returns whether the Markdown of a comment means the same everywhere as its strict rendering here.
pub fn renders_the_same(markdown: &str, rendered: &Html) -> bool {
    let Ok(elsewhere) = Url::parse("https://elsewhere.invalid/") else {
        return false;
    };
    let is_absolute = absolute(markdown, &elsewhere) == markdown;
    is_absolute && render(markdown, &elsewhere).federated.to_text() == rendered.to_text()
}

fn absolute(markdown: &str, base: &Url) -> String {
    let Some(addresses) = ADDRESSES.as_ref() else {
        return markdown.to_owned();
    };
    let replaced = addresses.replace_all(markdown, |found: &Captures| {
        let all = &found[0];
        let forms = ["angled", "double", "single", "bare"];
        let address = forms.into_iter().find_map(|form| found.name(form));
        let url = address.and_then(|address| relative(address.as_str()));
        match (
            url.and_then(|url| base.join(url).ok()),
            address,
            found.get(0),
        ) {
            (Some(url), Some(address), Some(whole)) => {
                let start = address.start() - whole.start();
                let after = &all[start + address.len()..];
                format!("{}{url}{after}", &all[..start])
            }
            _ => all.to_owned(),
        }
    });
    replaced.into_owned()
}

/// Returns an address if it depends on its base. A mere fragment does not: it refers to the same text.
fn relative(address: &str) -> Option<&str> {
    let is_relative = Url::parse(address) == Err(url::ParseError::RelativeUrlWithoutBase);
    (is_relative && !address.starts_with('#')).then_some(address)
}

/// Escapes plain text for use within a line of Markdown.
pub fn escape_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            c if c.is_ascii_punctuation() => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(markdown: &str) -> Option<String> {
        let base = Url::parse("https://example.org/2026/11/post").unwrap();
        let links = MentionLinks::default();
        portable_source(
            markdown,
            &base,
            &links,
            &render_with_links(markdown, &base, &links),
        )
    }

    #[test]
    fn relative_addresses_become_absolute_and_nothing_else_changes() {
        for (markdown, expected) in [
            ("Some *text*, `code`.\n", "Some *text*, `code`.\n"),
            (
                "[a](/about) and [b](b.html \"B\")",
                "[a](https://example.org/about) and [b](https://example.org/2026/11/b.html \"B\")",
            ),
            (
                "![A cat](cat.png)",
                "![A cat](https://example.org/2026/11/cat.png)",
            ),
            (
                "[![A](a.png)](/x)",
                "[![A](https://example.org/2026/11/a.png)](https://example.org/x)",
            ),
            (
                "![A](<my cat.png>)",
                "![A](<https://example.org/2026/11/my%20cat.png>)",
            ),
            ("[w](/a_(b)?c=1#d)", "[w](https://example.org/a_(b)?c=1#d)"),
            (
                "[a][1]\n\n[1]: /about \"About\"\n",
                "[a][1]\n\n[1]: https://example.org/about \"About\"\n",
            ),
            (
                "<img src=\"a.png\" alt=\"A\"> <a href='/x'>x</a>",
                "<img src=\"https://example.org/2026/11/a.png\" alt=\"A\"> <a href='https://example.org/x'>x</a>",
            ),
            (
                "[a](https://a.example/x) <https://b.example/> [m](mailto:a@b.example)",
                "[a](https://a.example/x) <https://b.example/> [m](mailto:a@b.example)",
            ),
            (
                "One[^1] and [there](#below).\n\n[^1]: /not/an/address",
                "One[^1] and [there](#below).\n\n[^1]: /not/an/address",
            ),
        ] {
            assert_eq!(source(markdown).as_deref(), Some(expected), "{markdown}");
        }
    }

    #[test]
    fn markdown_with_other_relative_addresses_is_not_portable() {
        for markdown in ["`[a](/about)` makes [a](/about)", "[a](a\\_b)"] {
            assert_eq!(source(markdown), None, "{markdown}");
        }
    }

    #[test]
    fn a_comment_renders_the_same_without_html_and_relative_links() {
        for (markdown, expected) in [
            ("# Hi\n\nA *word* and [a link](https://a.example/).", true),
            ("See [this](/about).", false),
            ("Loud <b>words</b>.", false),
            ("1 < 2", true),
        ] {
            let rendered = super::super::render_comment(markdown);
            assert_eq!(
                renders_the_same(markdown, &rendered),
                expected,
                "{markdown}"
            );
        }
    }

    #[test]
    fn an_escaped_text_shows_itself() {
        let text = "# 1. *A* [b](c) <d> & `e` \\ ~f~ @g@example.org #h";
        let base = Url::parse("https://example.org/").unwrap();
        let html = render_with_links(&escape_text(text), &base, &MentionLinks::default()).page;
        assert_eq!(html.to_text(), text);
        assert_eq!(html.links(), []);
    }
}
