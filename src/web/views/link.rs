//! Addresses in links.

use serde::Serialize;
use std::fmt;

/// An address that is safe in `href` and `src`: `http`, `https`, `mailto`, or a path on this site.
///
/// Escaping alone does not make a link safe, because `javascript:` survives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Link(String);

impl Link {
    /// Returns the link, or `None` if the address has another scheme, is relative to the path of the page, or contains
    /// blanks or control characters. Browsers drop those, so that `/\t/host` would become `//host`.
    pub(crate) fn parse(address: &str) -> Option<Self> {
        let clean = !address.chars().any(|c| c.is_control() || c.is_whitespace());
        (clean && (is_web(address) || is_local(address))).then(|| Self(address.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_web(address: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|scheme| {
        let start = address.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && address.len() > scheme.len()
    })
}

/// Returns whether an address is `/path`, `?query` or `#fragment`, but neither `//host` nor `/\host`, which leave the
/// site.
fn is_local(address: &str) -> bool {
    match address.as_bytes() {
        [b'/', second, ..] => !matches!(second, b'/' | b'\\'),
        [first, ..] => matches!(first, b'/' | b'?' | b'#'),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_and_local_addresses_are_links() {
        for good in [
            "https://example.org/",
            "HTTP://example.org",
            "mailto:a@example.org",
            "/",
            "/x",
            "?page=2",
            "#comment-1",
        ] {
            assert_eq!(
                Link::parse(good).map(|l| l.to_string()).as_deref(),
                Some(good)
            );
        }
    }

    #[test]
    fn addresses_that_run_scripts_or_leave_the_site_are_not_links() {
        for bad in [
            "",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//host",
            "/\\host",
            "/\t/host",
            " https://example.org",
            "https://",
            "relative",
            "java\nscript:x",
            "https://a b",
            "ħttps://x",
        ] {
            assert_eq!(Link::parse(bad), None, "{bad:?}");
        }
    }
}
