//! JSON-LD in a page.

use super::Html;
use serde::{Serialize, Serializer};

/// A JSON-LD document for a `<script type="application/ld+json">` element. No text in it can end the element.
#[derive(Debug, Clone)]
pub(crate) struct JsonLd(String);

impl JsonLd {
    /// Writes a document. In a script element, only `<` is special; U+2028 and U+2029 are for old parsers.
    pub(crate) fn new(document: &serde_json::Value) -> Self {
        let text = document.to_string();
        let escaped = text
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026")
            .replace('\u{2028}', "\\u2028")
            .replace('\u{2029}', "\\u2029");
        Self(escaped)
    }
}

impl Serialize for JsonLd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Html(self.0.clone()).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_script_element() {
        let hostile = serde_json::json!({"a": "</script><!--<script>&amp;\u{2028}\"\\"});
        let written = JsonLd::new(&hostile);
        assert!(
            !written.0.contains(['<', '>', '&', '\u{2028}']),
            "{}",
            written.0
        );
        let read: serde_json::Value = serde_json::from_str(&written.0).unwrap();
        assert_eq!(read, hostile);
    }
}
