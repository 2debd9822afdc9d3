//! Replaces the names of files in a text by addresses, and nothing else.

use super::references;
use crate::content::{
    FileRole,
    html::{self, FILE_ATTRIBUTES},
    markdown::options,
};
use comrak::{Arena, Node, nodes::NodeValue, parse_document};
use regex::Regex;
use std::{collections::HashMap, ops::Range, sync::LazyLock};

/// Matches the text before the address of a link or picture, and before that of a reference's definition.
static INLINE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\]\([ \t]*\n?[ \t>]*"));
static DEFINITION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?m)^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*\[(?:[^\[\]\\]|\\.)+\]:[ \t]*\n?[ \t>]*")
});
/// Matches the name and the attributes of an HTML tag that may refer to a file.
static TAG: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?i)<(img|video|audio|source|a)((?:[\s/](?:[^>"']|"[^"]*"|'[^']*')*)?)>"#)
});
/// Matches an attribute: its name, and its value if it has one.
static ATTRIBUTE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+))?"#));

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

/// Replaces file names by addresses: see [`crate::content::markdown::replace_pictures`].
pub(in crate::content::markdown) fn replace(
    markdown: &str,
    addresses: &HashMap<String, String>,
) -> Option<String> {
    if addresses.is_empty() {
        return Some(markdown.to_owned());
    }
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options(true));
    let code = code_in(root, markdown);
    let mut found: Vec<(Range<usize>, &str)> = inline_addresses(markdown)
        .chain(html_addresses(markdown))
        .filter(|(range, _)| !code.iter().any(|code| code.contains(&range.start)))
        .filter_map(|(range, name)| Some((range, addresses.get(&name)?.as_str())))
        .collect();
    found.sort_by_key(|(range, _)| range.start);
    let mut replaced = markdown.to_owned();
    for (range, address) in found.into_iter().rev() {
        let quoted = markdown[range.clone()].starts_with(['"', '\'']);
        let written = if quoted {
            format!("\"{address}\"")
        } else {
            address.to_owned()
        };
        replaced.replace_range(range, &written);
    }
    // Parses the text again to check that nothing else has changed.
    let after = parse_document(&arena, &replaced, &options(true));
    (parts(root, addresses) == parts(after, &HashMap::new())).then_some(replaced)
}

/// Returns the addresses of links, pictures and definitions in a text, each with its position.
fn inline_addresses(markdown: &str) -> impl Iterator<Item = (Range<usize>, String)> {
    let begins = INLINE
        .find_iter(markdown)
        .chain(DEFINITION.find_iter(markdown));
    begins.filter_map(|begin| {
        let range = begin.end()..begin.end() + length_of_address(&markdown[begin.end()..]);
        let name = address_of(&markdown[range.clone()])?;
        Some((range, name))
    })
}

/// Returns the length of the address at the beginning of `text` (CommonMark 6.3, "link destination").
fn length_of_address(text: &str) -> usize {
    let is_bracketed = text.starts_with('<');
    let mut open = 0;
    let mut escaped = false;
    for (index, c) in text.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match c {
            '\\' => escaped = true,
            '>' if is_bracketed => return index + 1,
            _ if is_bracketed => {}
            '(' => open += 1,
            ')' if open == 0 => return index,
            ')' => open -= 1,
            c if c.is_ascii_whitespace() || c.is_ascii_control() => return index,
            _ => {}
        }
    }
    text.len()
}

/// Returns an address as Markdown reads it.
fn address_of(written: &str) -> Option<String> {
    let arena = Arena::new();
    let root = parse_document(&arena, &format!("![]({written})"), &options(true));
    let mut nodes = root.descendants();
    nodes.find_map(|node| match &node.data.borrow().value {
        NodeValue::Image(image) => Some(image.url.clone()),
        _ => None,
    })
}

/// Returns the addresses in HTML tags, each with its position.
fn html_addresses(markdown: &str) -> impl Iterator<Item = (Range<usize>, String)> {
    TAG.captures_iter(markdown).flat_map(|tag| {
        let element = tag[1].to_lowercase();
        let (start, attributes) = tag
            .get(2)
            .map_or((0, ""), |part| (part.start(), part.as_str()));
        let address = |attribute: regex::Captures<'_>| {
            let name = attribute[1].to_lowercase();
            let refers = |known: &(&str, &str, FileRole)| known.0 == element && known.1 == name;
            let value = attribute
                .get(2)
                .filter(|_| FILE_ATTRIBUTES.iter().any(refers))?;
            let written = format!("<img src={}>", value.as_str());
            let address = html::file_references(&written).pop()?.address;
            Some((start + value.start()..start + value.end(), address))
        };
        ATTRIBUTE
            .captures_iter(attributes)
            .filter_map(address)
            .collect::<Vec<_>>()
    })
}

/// Returns the positions of code, in which there are no addresses.
fn code_in(root: Node<'_>, markdown: &str) -> Vec<Range<usize>> {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(markdown.match_indices('\n').map(|(index, _)| index + 1))
        .collect();
    let start_of = |line: usize| starts.get(line.saturating_sub(1)).copied();
    let end = markdown.len();
    let range = |node: Node<'_>| {
        let data = node.data.borrow();
        let position = data.sourcepos;
        match &data.value {
            NodeValue::CodeBlock(_) => {
                Some(start_of(position.start.line)?..start_of(position.end.line + 1).unwrap_or(end))
            }
            NodeValue::Code(_) => {
                let from = start_of(position.start.line)? + position.start.column.saturating_sub(1);
                Some(from..start_of(position.end.line)? + position.end.column)
            }
            _ => None,
        }
    };
    root.descendants().filter_map(range).collect()
}

/// Returns all content of a text, with the addresses replaced.
fn parts(root: Node<'_>, addresses: &HashMap<String, String>) -> Vec<String> {
    let replaced = |name: &String| addresses.get(name).unwrap_or(name).clone();
    let part = |node: Node<'_>| match &node.data.borrow().value {
        NodeValue::Image(link) | NodeValue::Link(link) => {
            vec![replaced(&link.url), link.title.clone()]
        }
        NodeValue::HtmlInline(_) | NodeValue::HtmlBlock(_) => references(node)
            .iter()
            .map(|reference| replaced(&reference.address))
            .collect(),
        NodeValue::Text(text) => vec![text.to_string()],
        NodeValue::Code(code) => vec![code.literal.clone()],
        NodeValue::CodeBlock(block) => vec![block.literal.clone()],
        _ => Vec::new(),
    };
    root.descendants().flat_map(part).collect()
}
