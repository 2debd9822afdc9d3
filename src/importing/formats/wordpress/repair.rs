//! Items that are not well-formed, as hand-made programs and old versions of WordPress write them.

use super::tree::{self, Element, Malformed};
use std::borrow::Cow;

/// The elements with texts of people, which may contain the sign that ends them.
const TEXTS: &[&str] = &["content:encoded", "excerpt:encoded", "title"];

/// Reads an item. `]]>` in its texts is read as text.
pub(super) fn read(text: &str) -> Result<Element, Malformed> {
    let mut repaired = Cow::Borrowed(text);
    for name in TEXTS {
        if let Some(whole) = with_whole_text(&repaired, name) {
            repaired = Cow::Owned(whole);
        }
    }
    tree::read(&repaired)
}

/// Lets the text of an element end only where the element ends. Returns `None` if it does already.
fn with_whole_text(text: &str, name: &str) -> Option<String> {
    let (start, end) = (format!("<{name}><![CDATA["), format!("]]></{name}>"));
    let from = text.find(&start)? + start.len();
    let inner = &text[from..from + text[from..].find(&end)?];
    // WordPress itself splits it.
    const SPLIT: &str = "]]]]><![CDATA[>";
    let is_whole = !inner.contains("]]>") || !inner.replace(SPLIT, "").contains("]]>");
    if is_whole || inner.contains(&end["]]>".len()..]) {
        return None;
    }
    let repaired = inner.replace(SPLIT, "]]>").replace("]]>", SPLIT);
    let rest = &text[from + inner.len()..];
    Some(format!("{}{repaired}{rest}", &text[..from]))
}

/// Returns the part of an item before another one that begins in it, and that other one. It follows the end of an item:
/// a text may also mention `<item>`.
pub(super) fn hidden_item(text: &str) -> (&str, Option<&str>) {
    const START: &str = "<item>";
    let mut from = START.len();
    while let Some(found) = text.get(from..).and_then(|rest| rest.find(START)) {
        let at = from + found;
        if text[..at].trim_end().ends_with("</item>") {
            return (&text[..at], Some(&text[at..]));
        }
        from = at + START.len();
    }
    (text, None)
}
