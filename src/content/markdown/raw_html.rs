//! Raw HTML in a text. Forbidden tags are removed, but their text stays.

use crate::content::{FileRole, html};
use comrak::{Node, nodes::NodeValue};
use regex::{Captures, Regex};
use std::{ops::Range, sync::LazyLock};

/// Matches a complete tag, comment, processing instruction or declaration (CommonMark 6.6, and a little more that
/// browsers accept), or else a lone `<`.
static TAG: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"(?s)<!--.*?-->|<\?.*?\?>|<![A-Za-z\[][^<>]*>|</?([A-Za-z][A-Za-z0-9-]*)(?:[\s/](?:[^<>"']|"[^"]*"|'[^']*')*)?>|<"#;
    Regex::new(pattern).expect("the pattern is valid")
});

/// A tag that pages may not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForbiddenTag {
    pub name: String,
    /// The line of the text, from 1.
    pub line: usize,
    /// Whether the element's content is removed too (scripts and style sheets).
    pub removes_content: bool,
}

/// The start tag of a script or style sheet.
struct Opening<'a> {
    node: Node<'a>,
    /// The offset in the node's HTML, in bytes.
    offset: usize,
    /// Whether it is in a block of HTML. Such an element may continue after the block; in a paragraph it ends with the
    /// paragraph.
    in_block: bool,
}

/// Escapes each `<` that begins no complete tag or comment, and removes the tags of unclosed scripts and style sheets,
/// which would swallow the rest of the text. Processing instructions, declarations and CDATA sections become text, since
/// browsers do not show them.
pub(super) fn repair<'a>(root: Node<'a>) {
    for node in root.descendants() {
        match &mut node.data.borrow_mut().value {
            NodeValue::HtmlBlock(block) => block.literal = escape_loose(&block.literal),
            NodeValue::HtmlInline(html) => *html = escape_loose(html),
            _ => {}
        }
    }
    for name in html::REMOVED_WITH_CONTENT {
        remove_unclosed(root, name);
    }
}

fn remove_unclosed<'a>(root: Node<'a>, name: &str) {
    let mut open: Option<Opening<'a>> = None;
    for node in root.descendants() {
        let is_block = node.data.borrow().value.block();
        if is_block && open.as_ref().is_some_and(|opening| !opening.in_block) {
            remove_tags(open.take(), name);
        }
        let Some(html) = html_of(node) else {
            continue;
        };
        for tag in tags_called(name, &html) {
            open = match open.take() {
                _ if tag.closes => None,
                // Within a script, tags are text.
                Some(opening) if std::ptr::eq(opening.node, node) => Some(opening),
                other => {
                    remove_tags(other, name);
                    Some(Opening {
                        node,
                        offset: tag.range.start,
                        in_block: is_block,
                    })
                }
            };
        }
    }
    remove_tags(open, name);
}

/// Removes the start tags of that name from a node, beginning with `opening`.
fn remove_tags(opening: Option<Opening<'_>>, name: &str) {
    let Some(opening) = opening else {
        return;
    };
    let mut data = opening.node.data.borrow_mut();
    let html = match &mut data.value {
        NodeValue::HtmlBlock(block) => &mut block.literal,
        NodeValue::HtmlInline(html) => html,
        _ => return,
    };
    for tag in tags_called(name, html).into_iter().rev() {
        if tag.range.start >= opening.offset && !tag.closes {
            html.replace_range(tag.range, "");
        }
    }
}

/// Returns the raw HTML of a node.
fn html_of(node: Node<'_>) -> Option<String> {
    match &node.data.borrow().value {
        NodeValue::HtmlBlock(block) => Some(block.literal.clone()),
        NodeValue::HtmlInline(html) => Some(html.clone()),
        _ => None,
    }
}

/// A tag in raw HTML.
struct Found {
    range: Range<usize>,
    closes: bool,
}

fn tags_called(name: &str, html: &str) -> Vec<Found> {
    TAG.captures_iter(html)
        .filter(|tag| {
            tag.get(1)
                .is_some_and(|found| found.as_str().eq_ignore_ascii_case(name))
        })
        .filter_map(|tag| tag.get(0))
        .map(|whole| Found {
            range: whole.range(),
            closes: whole.as_str().starts_with("</"),
        })
        .collect()
}

fn escape_loose(html: &str) -> String {
    let escaped = TAG.replace_all(html, |tag: &Captures<'_>| match &tag[0] {
        "<" => "&lt;".to_owned(),
        comment if comment.starts_with("<!--") => comment.to_owned(),
        text if text.starts_with("<?") || text.starts_with("<!") => text.replace('<', "&lt;"),
        complete => complete.to_owned(),
    });
    escaped.into_owned()
}

/// Returns whether a tag with that name belongs to a player: it or a `<source>` of the text, if there is one, has an
/// address.
fn is_of_player(name: &str, tag: &str, has_source: bool) -> bool {
    let has_address = || plays(tag);
    match name {
        "source" => has_address(),
        name if html::PLAYERS.contains(&name) => {
            has_source || tag.starts_with("</") || has_address()
        }
        _ => false,
    }
}

/// Returns whether a tag in HTML has the address of audio or video.
fn plays(html: &str) -> bool {
    let references = html::file_references(html);
    references
        .iter()
        .any(|reference| reference.role == FileRole::Recording)
}

/// Returns whether a node has a `<source>` with an address.
fn has_source(node: Node<'_>) -> bool {
    html_of(node).is_some_and(|html| {
        tags_called("source", &html)
            .iter()
            .any(|tag| plays(&html[tag.range.clone()]))
    })
}

/// Returns the forbidden tags, each name once, at its first occurrence.
pub(super) fn forbidden_tags(root: Node<'_>) -> Vec<ForbiddenTag> {
    let mut forbidden: Vec<ForbiddenTag> = Vec::new();
    let has_source = root.descendants().any(has_source);
    for node in root.descendants() {
        let Some(html) = html_of(node) else {
            continue;
        };
        for tag in TAG.captures_iter(&html) {
            let (Some(whole), Some(name)) = (tag.get(0), tag.get(1)) else {
                continue;
            };
            let name = name.as_str().to_ascii_lowercase();
            if is_of_player(&name, whole.as_str(), has_source) {
                continue;
            }
            if html::is_allowed_on_pages(&name) || forbidden.iter().any(|known| known.name == name)
            {
                continue;
            }
            let first_line = node.data.borrow().sourcepos.start.line;
            forbidden.push(ForbiddenTag {
                line: first_line + html[..whole.start()].matches('\n').count(),
                removes_content: html::REMOVED_WITH_CONTENT.contains(&name.as_str()),
                name,
            });
        }
    }
    forbidden
}

#[cfg(test)]
mod tests {
    use super::super::{forbidden_tags, render};

    fn text_of(markdown: &str) -> String {
        let base = url::Url::parse("https://blog.example/").unwrap();
        let rendered = render(markdown, &base);
        assert_eq!(
            rendered
                .page
                .to_text()
                .split_whitespace()
                .collect::<Vec<_>>(),
            rendered
                .federated
                .to_text()
                .split_whitespace()
                .collect::<Vec<_>>(),
            "{markdown}"
        );
        let text = rendered.page.to_text();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn forbidden_tags_are_removed_and_their_text_stays() {
        for (markdown, text) in [
            (
                "Text with <video> & 1 < 2.\n\nMore.",
                "Text with & 1 < 2. More.",
            ),
            ("<video> & 1 < 2.\n\nMore.", "& 1 < 2. More."),
            (
                "A Vec<T> of <unknown-thing> and </b>.\n\nMore.",
                "A Vec of and . More.",
            ),
            (
                "The <title> and <textarea> and <iframe> and <plaintext>.\n\nMore.",
                "The and and and . More.",
            ),
            ("<title> begins a line.\n\nMore.", "begins a line. More."),
            ("<p and more text\n\nMore.", "<p and more text More."),
            (
                "<div class=\"x>\ntext\n</div>\n\nMore \"quoted\".",
                "<div class=\"x> text More \"quoted\".",
            ),
            ("<!-- never closed\n\nMore.", "<!-- never closed More."),
            ("a <!-- comment --> b", "a b"),
            (
                "The <script> tag & so on.\n\nMore.\n\n<script>alert(1)</script>\n\nEnd.",
                "The tag & so on. More. End.",
            ),
            ("<script> begins a line.\n\nMore.", "begins a line. More."),
            (
                "<style> begins a line.\n\nMore <script>.",
                "begins a line. More .",
            ),
            ("a <script>alert(1)</script>b <style>x</style>c", "a b c"),
            (
                "<div>\n<script>\n\nlet x = 1;\n\n</script>\n</div>\n\nMore.",
                "More.",
            ),
            (
                "- <select><option>One\n- <object>two</object>\n\n> <noscript>three",
                "One two three",
            ),
            (
                "<svg><text>four</text></svg> <math><mi>x</mi></math>",
                "four x",
            ),
            (
                "Use `<?x?>` or <?php echo $x; ?> or <![CDATA[kept words]]> or <!ELEMENT note (to)> here.",
                "Use <?x?> or <?php echo $x; ?> or <![CDATA[kept words]]> or <!ELEMENT note (to)> here.",
            ),
            ("<?php echo 1; ?>\n\nMore.", "<?php echo 1; ?> More."),
            ("# On <video>\n\n**bold <audio> text**", "On bold text"),
        ] {
            assert_eq!(text_of(markdown), text, "{markdown}");
        }
    }

    #[test]
    fn forbidden_tags_are_found_with_their_lines() {
        let found = forbidden_tags(
            "a <b>b</b> <video>\n`<audio>`\n<T> <video>\n\n<div>\n<script>x</script>\n</div>\n",
        );
        let shown: Vec<(&str, usize, bool)> = found
            .iter()
            .map(|tag| (tag.name.as_str(), tag.line, tag.removes_content))
            .collect();
        assert_eq!(
            shown,
            [("video", 1, false), ("t", 3, false), ("script", 6, true)]
        );
        for text in [
            "<video src=a.mp4 controls></video> <AUDIO src='a.mp3'></AUDIO>",
            "<video>\n<source src=a.mp4>\n</video>",
            "Text <video><source src=\"a.mp4\">old</video>",
        ] {
            assert_eq!(forbidden_tags(text), [], "{text}");
        }
        let names = forbidden_tags("<video poster=a.png controls><source><track src=a.vtt>");
        let names: Vec<_> = names.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(names, ["video", "source", "track"]);
    }
}
