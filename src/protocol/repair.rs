//! Repairs JSON documents with invalid Unicode.
//!
//! Some servers cut texts within characters. The invalid part becomes U+FFFD, so that the rest of the document, an actor's
//! key for example, stays usable. Only fetched documents are repaired, since the signature of a body covers its bytes.

use std::borrow::Cow;

/// The JSON escape of U+FFFD. All escapes have this length.
const REPLACEMENT: &[u8; 6] = b"\\ufffd";

/// Replaces bytes that are not UTF-8, and unpaired surrogates, by U+FFFD.
pub(crate) fn repair_unicode(document: &[u8]) -> Cow<'_, [u8]> {
    let utf8 = match String::from_utf8_lossy(document) {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    };
    if has_surrogates(&utf8) {
        Cow::Owned(replace_unpaired_surrogates(&utf8))
    } else {
        utf8
    }
}

fn has_surrogates(document: &[u8]) -> bool {
    document
        .windows(3)
        .any(|bytes| matches!(bytes, b"\\ud" | b"\\uD"))
}

/// Replaces the escapes of unpaired surrogates.
fn replace_unpaired_surrogates(document: &[u8]) -> Vec<u8> {
    let mut repaired = Vec::with_capacity(document.len());
    let mut rest = document;
    while let [first, ..] = rest {
        let (written, length): (&[u8], usize) = match (escape(rest), rest.get(6..).and_then(escape))
        {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (&rest[..12], 12),
            (Some(0xD800..=0xDFFF), _) => (REPLACEMENT, 6),
            // A backslash escapes the next character, even another backslash.
            _ if *first == b'\\' && rest.len() > 1 => (&rest[..2], 2),
            _ => (&rest[..1], 1),
        };
        repaired.extend_from_slice(written);
        rest = &rest[length..];
    }
    repaired
}

/// Parses the four-digit escape at the beginning of a text.
fn escape(text: &[u8]) -> Option<u32> {
    let mut digits = text.strip_prefix(b"\\u")?.get(..4)?.iter();
    digits.try_fold(0, |number, digit| {
        Some(number * 16 + char::from(*digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn invalid_unicode_is_replaced() {
        for (document, name) in [
            (&b"{\"name\": \"a\xffb\"}"[..], "a\u{fffd}b"),
            (b"{\"name\": \"cut \xe2\x82\"}", "cut \u{fffd}"),
            (b"{\"name\": \"\xed\xa0\x80\"}", "\u{fffd}\u{fffd}\u{fffd}"),
            (br#"{"name": "a\ud83db"}"#, "a\u{fffd}b"),
            (br#"{"name": "a\uDE00"}"#, "a\u{fffd}"),
            (br#"{"name": "\ud83d\ud83d\ude00"}"#, "\u{fffd}😀"),
            (br#"{"name": "\ud83d\ude00"}"#, "😀"),
            (br#"{"name": "\\ud83d"}"#, "\\ud83d"),
            (br#"{"name": "\"\ud83d\""}"#, "\"\u{fffd}\""),
            ("{\"name\": \"Zoë\"}".as_bytes(), "Zoë"),
        ] {
            let value: Value = serde_json::from_slice(&repair_unicode(document)).unwrap();
            assert_eq!(value["name"], name);
        }
    }

    #[test]
    fn a_valid_document_is_not_changed() {
        assert!(matches!(
            repair_unicode(b"{\"a\": \"\\u00e4\"}"),
            Cow::Borrowed(_)
        ));
        assert_eq!(&*repair_unicode(b"\\"), b"\\");
        assert_eq!(&*repair_unicode(b"\\ud"), b"\\ud");
    }
}
