//! Checks that several fuzz targets share.

use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use pamphlet::entry_points::{Html, canonical_id};
use std::cell::RefCell;

/// Elements that run scripts, load resources, or change the page around them.
const FORBIDDEN: [&str; 24] = [
    "script",
    "style",
    "iframe",
    "frame",
    "frameset",
    "object",
    "embed",
    "applet",
    "svg",
    "math",
    "form",
    "input",
    "button",
    "select",
    "textarea",
    "base",
    "meta",
    "link",
    "template",
    "noscript",
    "video",
    "audio",
    "marquee",
    "plaintext",
];

/// The maximum number of bytes of HTML for each byte of text: one character can become an element with attributes.
const GROWTH: usize = 64;

/// Asserts that HTML runs no script and contains only harmless addresses.
pub fn assert_harmless(html: &Html) {
    for tag in tags_of(html.as_str()) {
        assert!(!FORBIDDEN.contains(&&*tag.name), "<{}> in {html}", tag.name);
        for attribute in &tag.attrs {
            let (name, value) = (&*attribute.name.local, &*attribute.value);
            let runs = name.starts_with("on")
                || [
                    "style",
                    "srcdoc",
                    "formaction",
                    "action",
                    "background",
                    "srcset",
                    "id",
                ]
                .contains(&name);
            assert!(
                !runs || is_footnote(name, value),
                "{name}={value} in {html}"
            );
            if ["href", "src", "cite"].contains(&name) {
                assert!(is_harmless_address(value), "{name}={value} in {html}");
            }
        }
    }
}

/// Returns whether an attribute is the anchor of a footnote in a local article.
fn is_footnote(name: &str, value: &str) -> bool {
    name == "id" && value.starts_with("fn")
}

/// Asserts that the length of a text's HTML is bounded.
pub fn assert_bounded(html: &Html, text: &str) {
    let most = (text.len() + 1) * GROWTH;
    assert!(
        html.as_str().len() <= most,
        "{} bytes of {}",
        html.as_str().len(),
        text.len()
    );
}

/// Asserts that canonicalizing an id twice changes nothing more.
pub fn assert_canonical(id: &str) {
    let canonical = canonical_id(id);
    assert_eq!(canonical_id(&canonical), canonical, "{id:?}");
}

/// Returns whether an address is relative or has a harmless scheme. Parses it as browsers do: they ignore control
/// characters and blanks around it, and newlines and tabs inside.
fn is_harmless_address(value: &str) -> bool {
    let text: String = value
        .chars()
        .filter(|c| !matches!(c, '\n' | '\r' | '\t'))
        .collect();
    let text = text.trim_matches(|c: char| c <= ' ').to_ascii_lowercase();
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    match scheme.filter(|scheme| !scheme.contains(['/', '?', '#'])) {
        Some(scheme) => ["http", "https", "mailto"].contains(&scheme),
        None => true,
    }
}

#[derive(Default)]
struct Tags(RefCell<Vec<Tag>>);

impl TokenSink for Tags {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(tag) = token
            && tag.kind == TagKind::StartTag
        {
            self.0.borrow_mut().push(tag);
        }
        TokenSinkResult::Continue
    }
}

/// Returns the start tags that a browser's tokenizer finds.
fn tags_of(html: &str) -> Vec<Tag> {
    let tokenizer = Tokenizer::new(Tags::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(html.into());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}
