//! The running texts of a parsed document, which can have mentions and hashtags.

use crate::content::html;
use comrak::{
    Arena, Node,
    nodes::{AstNode, NodeValue},
};

/// Marks a `#` that the author escaped, so that it begins no hashtag. It is removed before a text is shown.
const ESCAPED_HASH: char = '\u{FFFE}';

/// The characters whose escapes are marked: hashtags, and punctuation that pages would replace.
const MARKED: [char; 5] = ['#', '"', '\'', '-', '.'];

/// Returns whether the author may have escaped a character that is marked.
pub(in crate::content::markdown) fn has_escapes(markdown: &str) -> bool {
    markdown
        .match_indices('\\')
        .any(|(at, _)| markdown[at + 1..].starts_with(MARKED))
}

/// Joins escaped characters with the text around them, and marks those of [`MARKED`].
pub(in crate::content::markdown) fn join_escapes<'a>(root: Node<'a>) {
    let is_escape = |node: &Node<'a>| matches!(node.data.borrow().value, NodeValue::Escaped);
    let escapes: Vec<Node<'a>> = root.descendants().filter(is_escape).collect();
    for node in escapes {
        let mut text = String::new();
        if let Some(before) = node.previous_sibling()
            && let Some(begin) = text_of(before)
        {
            text.push_str(&begin);
            before.detach();
        }
        while let Some(child) = node.first_child() {
            text.push_str(&text_of(child).unwrap_or_default());
            child.detach();
        }
        match text.chars().next_back() {
            Some('#') => text.push(ESCAPED_HASH),
            Some(c) if MARKED.contains(&c) => text.push(html::ESCAPED),
            _ => {}
        }
        if let Some(after) = node.next_sibling()
            && let Some(rest) = text_of(after)
        {
            text.push_str(&rest);
            after.detach();
        }
        node.data.borrow_mut().value = NodeValue::Text(text.into());
    }
}

/// Restores the text of handles: Markdown takes `user@example.org` in `@user@example.org` for an email address and links
/// it.
pub(super) fn unlink_handles<'a>(arena: &'a Arena<'a>, root: Node<'a>) {
    let links: Vec<Node<'a>> = root
        .descendants()
        .filter(|node| is_email_link_after_at(node))
        .collect();
    for link in links {
        let address = match &link.data.borrow().value {
            NodeValue::Link(link) => link.url.trim_start_matches("mailto:").to_owned(),
            _ => continue,
        };
        let Some(before) = link.previous_sibling() else {
            continue;
        };
        let mut text = text_of(before).unwrap_or_default() + &address;
        if let Some(after) = link.next_sibling()
            && let Some(rest) = text_of(after)
        {
            text.push_str(&rest);
            after.detach();
        }
        before.insert_after(arena.alloc(AstNode::from(NodeValue::Text(text.into()))));
        before.detach();
        link.detach();
    }
}

fn text_of(node: Node<'_>) -> Option<String> {
    match &node.data.borrow().value {
        NodeValue::Text(text) => Some(text.to_string()),
        _ => None,
    }
}

fn is_email_link_after_at(node: Node<'_>) -> bool {
    let url = match &node.data.borrow().value {
        NodeValue::Link(link) => link.url.clone(),
        _ => return false,
    };
    let shown = node.first_child().and_then(text_of);
    let before = node.previous_sibling().and_then(text_of);
    url.strip_prefix("mailto:")
        .is_some_and(|address| shown.as_deref() == Some(address))
        && before.is_some_and(|before| before.ends_with('@'))
}

/// Returns the texts outside links, images, and raw HTML links and code.
pub(super) fn running_texts<'a>(root: Node<'a>) -> Vec<Node<'a>> {
    let mut texts = Vec::new();
    let mut raw = 0i32;
    for node in root.descendants() {
        match &node.data.borrow().value {
            NodeValue::HtmlInline(html) => raw = (raw + nesting_of(html)).max(0),
            NodeValue::Text(_) if raw == 0 && !is_in_link(node) => texts.push(node),
            // Raw HTML ends at the latest with its paragraph.
            value if value.block() => raw = 0,
            _ => {}
        }
    }
    texts
}

/// Returns the change of depth at a raw HTML tag: 1 for the start of a link or code, -1 for its end, else 0.
fn nesting_of(html: &str) -> i32 {
    let html = html.to_ascii_lowercase();
    let is = |start: &str| {
        let rest = html.strip_prefix(start);
        rest.is_some_and(|rest| rest.starts_with(['>', ' ', '\t', '\n', '/']))
    };
    let elements = ["a", "code", "pre", "kbd", "samp"];
    if elements.iter().any(|name| is(&format!("<{name}"))) {
        1
    } else if elements.iter().any(|name| is(&format!("</{name}"))) {
        -1
    } else {
        0
    }
}

fn is_in_link(node: Node<'_>) -> bool {
    node.ancestors().any(|above| {
        matches!(
            above.data.borrow().value,
            NodeValue::Link(_) | NodeValue::Image(_)
        )
    })
}
