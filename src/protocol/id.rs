//! Compares ids as URLs (RFC 3986 6.2.2), whatever their spelling.

use std::borrow::Cow;
use url::{Position, Url};

/// Returns the canonical form of an id. Two ids with the same canonical form differ only in the case of scheme and
/// host, Unicode or Punycode, the default port or a trailing dot, an empty path, unnecessary escapes, and the case of
/// hexadecimal digits. Everything else is kept: `%2F`, the query, the fragment, a slash at the end. An id that is not an
/// http(s) URL is its own canonical form.
pub fn canonical_id(id: &str) -> Cow<'_, str> {
    let Some(url) = Url::parse(id).ok().filter(is_http) else {
        return Cow::Borrowed(id);
    };
    let Some(host) = url.host_str().and_then(without_last_dot) else {
        return Cow::Borrowed(id);
    };
    let start = &url[..Position::BeforeHost];
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    let rest = normalize_percent_encoding(&url[Position::BeforePath..]);
    let canonical = format!("{start}{host}{port}{rest}");
    if canonical == id {
        Cow::Borrowed(id)
    } else {
        Cow::Owned(canonical)
    }
}

/// Removes the dot at the end of an absolute name (RFC 1034 3.1). Returns `None` for a name that ends in an empty label:
/// without its dots it would be another name, an address or empty, and then the path would become the host.
fn without_last_dot(host: &str) -> Option<&str> {
    let name = host.strip_suffix('.').unwrap_or(host);
    (!name.is_empty() && !name.ends_with('.')).then_some(name)
}

/// Returns whether two ids have the same canonical form.
pub(crate) fn same_id(a: &str, b: &str) -> bool {
    a == b || canonical_id(a) == canonical_id(b)
}

/// Returns whether a text is an http(s) URL.
pub(crate) fn is_http_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| is_http(&url))
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Normalizes percent-encoding: decodes unreserved characters (RFC 3986 2.3), and writes the digits of all other escapes
/// in upper case. A digit that would complete an escape after a stray `%` stays encoded.
pub(crate) fn normalize_percent_encoding(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('%');
    out.push_str(parts.next().unwrap_or_default());
    // The position of the last stray `%`.
    let mut stray = None;
    for part in parts {
        let completes = |byte: u8| {
            byte.is_ascii_hexdigit() && stray.is_some_and(|position| out.len() - position <= 2)
        };
        match part.get(..2).and_then(escaped_byte) {
            Some(byte) if is_unreserved(byte) && !completes(byte) => {
                out.push(char::from(byte));
                out.push_str(&part[2..]);
            }
            Some(byte) => out.push_str(&format!("%{byte:02X}{}", &part[2..])),
            None => {
                stray = Some(out.len());
                out.push('%');
                out.push_str(part);
            }
        }
    }
    Cow::Owned(out)
}

fn escaped_byte(digits: &str) -> Option<u8> {
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u8::from_str_radix(digits, 16).ok())?
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_id_has_one_canonical_form() {
        for (spelling, canonical) in [
            ("HTTPS://Example.ORG/users/A", "https://example.org/users/A"),
            ("https://example.org:443/a", "https://example.org/a"),
            ("http://example.org:80/a", "http://example.org/a"),
            ("https://example.org./a", "https://example.org/a"),
            ("https://example.org", "https://example.org/"),
            ("https://example.org?a=1", "https://example.org/?a=1"),
            (
                "https://bücher.example/a",
                "https://xn--bcher-kva.example/a",
            ),
            (
                "https://XN--Bcher-KVA.example/a",
                "https://xn--bcher-kva.example/a",
            ),
            (
                "https://example.org/%75sers/%7Eme",
                "https://example.org/users/~me",
            ),
            (
                "https://example.org/a%2db%2Ec%5f",
                "https://example.org/a-b.c_",
            ),
            (
                "https://example.org/%e3%81%82",
                "https://example.org/%E3%81%82",
            ),
            ("https://example.org/あ", "https://example.org/%E3%81%82"),
            ("https://example.org/a/../b/./c", "https://example.org/b/c"),
            (
                "https://example.org/?u=%61%2f#%6bey",
                "https://example.org/?u=a%2F#key",
            ),
        ] {
            assert_eq!(canonical_id(spelling), canonical, "{spelling}");
            assert_eq!(canonical_id(canonical), canonical, "{canonical}");
            assert!(same_id(spelling, canonical));
        }
    }

    #[test]
    fn other_differences_are_kept() {
        for id in [
            "https://example.org/a%2Fb",
            "https://example.org/a%252Fb",
            "https://example.org/a%zz%",
            // Decoding a second time would find other escapes.
            "https://example.org/%%6368",
            "https://example.org/%6%33",
            "https://example.org/%%36%2F8",
            // Names that end in an empty label.
            "https://./example.org/a",
            "https:./example.org",
            "https://.../a",
            "https://9../a",
            "https://example.org../a",
            "https://example.org/a/",
            "https://example.org/a?b=1",
            "https://example.org/a?b=1#c",
            "https://example.org:8443/a",
            "https://example.org/A",
            "did:key:z6Mk%41",
            "tag:example.org,2026:1",
            "nonsense %41",
            "",
        ] {
            assert_eq!(canonical_id(id), id);
        }
        for (a, b) in [
            ("https://example.org/a", "https://example.org/a/"),
            ("https://example.org/a", "https://example.org/A"),
            ("https://example.org/a", "http://example.org/a"),
            ("https://example.org/a%2Fb", "https://example.org/a/b"),
            ("https://example.org/a%3Fb", "https://example.org/a?b"),
            ("https://example.org/a#x", "https://example.org/a#y"),
            ("https://example.org/a#", "https://example.org/a"),
        ] {
            assert!(!same_id(a, b), "{a} {b}");
        }
    }
}
