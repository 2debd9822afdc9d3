//! Finds the pictures that a text refers to by file names, and replaces the names by addresses.

use super::options;
use crate::content::html;
use comrak::{Arena, Node, nodes::NodeValue, parse_document};
use regex::Regex;
use std::{collections::HashMap, ops::Range, sync::LazyLock};
use url::Url;

/// The file name extensions of linked pictures.
const EXTENSIONS: [&str; 5] = [".jpg", ".jpeg", ".png", ".webp", ".gif"];

/// Matches the text before the address of a link or picture, and before that of a reference's definition.
static INLINE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\]\([ \t]*\n?[ \t>]*"));
static DEFINITION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?m)^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*\[(?:[^\[\]\\]|\\.)+\]:[ \t]*\n?[ \t>]*")
});
/// Matches an HTML image up to its address, and the address.
static IMAGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?i)<img(?:[^>"']|"[^"]*"|'[^']*')*?[\s"']src\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+)"#)
});

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

/// A picture that a text refers to by a file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The path as Markdown parses it. Escapes like `%20` are not decoded.
    pub name: String,
    /// The line of the text, from 1.
    pub line: usize,
    /// Whether the file must exist. It need not if the picture is only linked, or if its path begins with `/` and may be an
    /// address on the site.
    pub is_required: bool,
}

/// Returns the pictures that a text refers to by file names, each name once.
pub(super) fn of(root: Node<'_>) -> Vec<Picture> {
    let mut pictures: Vec<Picture> = Vec::new();
    for node in root.descendants() {
        let data = node.data.borrow();
        let line = data.sourcepos.start.line;
        let (names, is_shown) = match &data.value {
            NodeValue::Image(image) => (vec![image.url.clone()], true),
            NodeValue::Link(link) if has_picture_extension(&link.url) => {
                (vec![link.url.clone()], false)
            }
            NodeValue::HtmlInline(html) => (html::image_sources(html), true),
            NodeValue::HtmlBlock(block) => (html::image_sources(&block.literal), true),
            _ => continue,
        };
        for name in names.into_iter().filter(|name| is_file_name(name)) {
            let is_required = is_shown && !name.starts_with('/');
            match pictures.iter_mut().find(|known| known.name == name) {
                Some(known) => known.is_required |= is_required,
                None => pictures.push(Picture {
                    name,
                    line,
                    is_required,
                }),
            }
        }
    }
    pictures
}

fn has_picture_extension(address: &str) -> bool {
    let lower = address.to_lowercase();
    EXTENSIONS
        .iter()
        .any(|extension| lower.ends_with(extension))
}

/// Returns whether a picture's address is neither a URL nor the path of an imported picture.
fn is_file_name(address: &str) -> bool {
    let is_relative = matches!(
        Url::parse(address),
        Err(url::ParseError::RelativeUrlWithoutBase)
    );
    let is_elsewhere = ["//", "/media/", "#", "?"]
        .iter()
        .any(|start| address.starts_with(start));
    is_relative && !is_elsewhere && !address.trim().is_empty()
}

/// Replaces file names by addresses: see [`super::replace_pictures`].
pub(super) fn replace(markdown: &str, addresses: &HashMap<String, String>) -> Option<String> {
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

/// Returns the addresses of HTML images, each with its position.
fn html_addresses(markdown: &str) -> impl Iterator<Item = (Range<usize>, String)> {
    IMAGE.captures_iter(markdown).filter_map(|image| {
        let value = image.get(1)?;
        let name = html::image_sources(&format!("<img src={}>", value.as_str())).pop()?;
        Some((value.range(), name))
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
        NodeValue::HtmlInline(html) => html::image_sources(html).iter().map(replaced).collect(),
        NodeValue::HtmlBlock(block) => {
            let sources = html::image_sources(&block.literal);
            sources.iter().map(replaced).collect()
        }
        NodeValue::Text(text) => vec![text.to_string()],
        NodeValue::Code(code) => vec![code.literal.clone()],
        NodeValue::CodeBlock(block) => vec![block.literal.clone()],
        _ => Vec::new(),
    };
    root.descendants().flat_map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{pictures, replace_pictures};
    use std::collections::HashMap;

    /// Returns the names with their lines, those not required in brackets, and the text with `/media/N.jpg` for each.
    fn imported(markdown: &str) -> (Vec<String>, String) {
        let found = pictures(markdown);
        let addresses: HashMap<String, String> = found
            .iter()
            .enumerate()
            .map(|(index, picture)| (picture.name.clone(), format!("/media/{index}.jpg")))
            .collect();
        let names = found.iter().map(|picture| {
            if picture.is_required {
                format!("{} {}", picture.line, picture.name)
            } else {
                format!("({} {})", picture.line, picture.name)
            }
        });
        (
            names.collect(),
            replace_pictures(markdown, &addresses).unwrap(),
        )
    }

    #[test]
    fn pictures_are_found_and_replaced_in_every_syntax() {
        for (markdown, names, rewritten) in [
            (
                "![A](a.jpg) and ![](a.jpg \"T\")",
                "1 a.jpg",
                "![A](/media/0.jpg) and ![](/media/0.jpg \"T\")",
            ),
            (
                "![](a%20b.jpg)\n\n![](<a b.jpg>)",
                "1 a%20b.jpg|3 a b.jpg",
                "![](/media/0.jpg)\n\n![](/media/1.jpg)",
            ),
            (
                "![](a(1).png 'T') ![](a\\_b.png) ![](a&amp;b.png)",
                "1 a(1).png|1 a_b.png|1 a&b.png",
                "![](/media/0.jpg 'T') ![](/media/1.jpg) ![](/media/2.jpg)",
            ),
            (
                "![x [y] `]`](../up/a.jpg)",
                "1 ../up/a.jpg",
                "![x [y] `]`](/media/0.jpg)",
            ),
            (
                "![x][r] ![r][] ![r]\n\n[r]: ./a.jpg \"T\"",
                "1 ./a.jpg",
                "![x][r] ![r][] ![r]\n\n[r]: /media/0.jpg \"T\"",
            ),
            (
                "> ![x][A r]\n>\n> [a r]: <a b.jpg>\n\n![y][q]\n\n[q]:\n  c.jpg\n",
                "1 a b.jpg|5 c.jpg",
                "> ![x][A r]\n>\n> [a r]: /media/0.jpg\n\n![y][q]\n\n[q]:\n  /media/1.jpg\n",
            ),
            (
                "[![t](small.jpg)](large.JPG)",
                "(1 large.JPG)|1 small.jpg",
                "[![t](/media/1.jpg)](/media/0.jpg)",
            ),
            (
                "a\n\n<figure>\n<img alt=\"x > y\" src=\"a.jpg\">\n</figure>\n\nb <IMG SRC='b.jpg'/> <img src=c.jpg>",
                "3 a.jpg|7 b.jpg|7 c.jpg",
                "a\n\n<figure>\n<img alt=\"x > y\" src=\"/media/0.jpg\">\n</figure>\n\nb <IMG SRC=\"/media/1.jpg\"/> <img src=/media/2.jpg>",
            ),
            (
                "- ![](a.jpg)\n- One[^1]\n\n[^1]: ![](b.jpg)\n\n| ![](c.jpg) |\n|---|\n",
                "1 a.jpg|6 c.jpg|4 b.jpg",
                "- ![](/media/0.jpg)\n- One[^1]\n\n[^1]: ![](/media/2.jpg)\n\n| ![](/media/1.jpg) |\n|---|\n",
            ),
            ("![](/srv/a.jpg)", "(1 /srv/a.jpg)", "![](/media/0.jpg)"),
            (
                "![](a.jpg) `![](a.jpg)`\n\n```\n![](a.jpg)\n```\n\n    [r]: a.jpg\n",
                "1 a.jpg",
                "![](/media/0.jpg) `![](a.jpg)`\n\n```\n![](a.jpg)\n```\n\n    [r]: a.jpg\n",
            ),
        ] {
            let (found, text) = imported(markdown);
            assert_eq!(found.join("|"), names, "{markdown}");
            assert_eq!(text, rewritten, "{markdown}");
        }
    }

    #[test]
    fn addresses_are_not_file_names() {
        for markdown in [
            "![](https://a.example/a.jpg) ![](//a.example/a.jpg) ![](data:image/png;base64,AAAA) ![](/media/a.jpg)",
            "`![](a.jpg)` \\![x](page.html) ![](#a) [a](b.html) \\!\\[](a.jpg)",
            "![]()",
        ] {
            assert_eq!(pictures(markdown), [], "{markdown}");
        }
    }
}
