//! Addresses in comments, which WordPress makes links of.

use super::markup::{Token, tokens};
use regex::Regex;
use std::sync::LazyLock;

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\bhttps?://[^\s<>"'\[\]]+[^\s<>"'\[\].,;:!?)]"#).expect("the pattern is valid")
});

/// Makes links of the addresses that stand in the text, but not in a link.
pub(super) fn with_links(html: &str) -> String {
    if !html.contains("://") {
        return html.to_owned();
    }
    let mut out = String::with_capacity(html.len() + 64);
    let mut depth = 0;
    for token in tokens(html) {
        match token {
            Token::Text(text) if depth == 0 => {
                out.push_str(&ADDRESS.replace_all(text, r#"<a href="$0">$0</a>"#));
                continue;
            }
            Token::Start(tag) if tag.is_one_of(&["a", "pre", "code"]) => depth += 1,
            Token::End(tag) if tag.is_one_of(&["a", "pre", "code"]) => depth = (depth - 1).max(0),
            _ => {}
        }
        out.push_str(token.raw());
    }
    out
}
