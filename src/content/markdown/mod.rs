//! Markdown, which articles are written in, becomes the HTML of the page and of the fediverse.

mod absolute;
mod embed;
mod names;
mod pictures;
mod raw;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use comrak::{
    Arena, Node, Options, format_html,
    nodes::{AstNode, NodeHtmlBlock, NodeValue},
    parse_document,
};
use url::Url;

use super::{html::Html, text};
pub use absolute::{escape_text, renders_the_same, portable_source};
use embed::Video;
pub use names::{MentionLinks, Mentions};
pub use pictures::Picture;
pub use raw::ForbiddenTag;

/// The longest excerpt, in characters.
const EXCERPT_LENGTH: usize = 300;

/// An article's text in the forms in which it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// For the site's own pages.
    pub page: Html,
    /// For `content` in the fediverse, see [`Html::to_federated`].
    pub federated: Html,
    /// The beginning as plain text in one line, at most 300 characters. Empty if there is no text.
    pub excerpt: String,
    /// The images with their alternative texts.
    pub images: Vec<(Url, String)>,
}

/// Renders an article: CommonMark with tables, footnotes, strikethrough, links of bare URLs, and
/// raw HTML, which is sanitized with the rest. `base` is the permalink, to which relative links
/// refer. A YouTube or Vimeo link that is a paragraph of its own becomes a link to the video that
/// a script may replace by a player; without one it contacts nobody until it is followed.
pub fn render(markdown: &str, base: &Url) -> Rendered {
    render_with_links(markdown, base, &MentionLinks::default())
}

/// As [`render`], with links in the place of the mentions and hashtags that `links` knows.
pub fn render_with_links(markdown: &str, base: &Url, links: &MentionLinks) -> Rendered {
    let markdown = with_plain_lines(markdown);
    let arena = Arena::new();
    let root = parse(&arena, &markdown);
    replace_video_links(root, &markdown);
    raw::mend(root);
    if names::may_have(&markdown) {
        names::link(&arena, root, links);
    }
    let html = html_of(root, &options(true));
    let page = Html::from_own(&text::without_controls(&html));
    Rendered {
        federated: page.to_federated(base),
        excerpt: page.excerpt(EXCERPT_LENGTH),
        images: page.images(base),
        page,
    }
}

/// Prepares the text for parsing: without control characters, with `\n` as line end.
fn with_plain_lines(markdown: &str) -> String {
    text::without_controls(markdown)
        .replace("\r\n", "\n")
        .replace('\r', "\n")
}

fn parse<'a>(arena: &'a Arena<'a>, markdown: &str) -> Node<'a> {
    let mut options = options(true);
    options.parse.escaped_char_spans = names::has_escaped_hash(markdown);
    let root = parse_document(arena, markdown, &options);
    if options.parse.escaped_char_spans {
        names::join_escapes(root);
    }
    root
}

/// The mentions and hashtags in a text.
pub fn names(markdown: &str) -> Mentions {
    if !names::may_have(markdown) {
        return Mentions::default();
    }
    let markdown = with_plain_lines(markdown);
    let arena = Arena::new();
    let root = parse(&arena, &markdown);
    names::find(&arena, root)
}

/// Returns the raw HTML tags in a text that pages do not show, each name once.
pub fn forbidden_tags(markdown: &str) -> Vec<ForbiddenTag> {
    let arena = Arena::new();
    raw::forbidden_tags(parse_document(&arena, markdown, &options(true)))
}

/// Returns the pictures that a text names relative to its file, each name once.
pub fn pictures(markdown: &str) -> Vec<Picture> {
    let arena = Arena::new();
    pictures::of(parse_document(&arena, markdown, &options(true)))
}

/// Replaces the addresses of the pictures that [`pictures`] found, given by their names. Returns `None` if one could
/// not be replaced.
pub fn replace_pictures(markdown: &str, addresses: &HashMap<String, String>) -> Option<String> {
    pictures::replace(markdown, addresses)
}

/// Renders a comment that a visitor wrote on the site: Markdown without raw HTML, sanitized as
/// strictly as a comment from another server. A heading becomes a strong paragraph, since the headings of
/// the page are the site's.
pub fn render_comment(markdown: &str) -> Html {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options(false));
    replace_headings(&arena, root);
    Html::from_remote(&html_of(root, &options(false)))
}

/// The first heading of level 1 as plain text, and the Markdown without it, if it begins the
/// text; a heading further down stays where it is.
pub(super) fn split_title(markdown: &str) -> Option<(String, String)> {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options(true));
    let (index, heading) = root
        .children()
        .enumerate()
        .find(|(_, node)| is_title(node))?;
    let mut html = String::new();
    format_html(heading, &options(true), &mut html).ok()?;
    let title = Html::from_own(&html)
        .to_text()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let last_line = heading.data.borrow().sourcepos.end.line;
    let rest = match index {
        0 => markdown.split_inclusive('\n').skip(last_line).collect(),
        _ => markdown.to_owned(),
    };
    Some((title, rest))
}

fn is_title(node: Node<'_>) -> bool {
    matches!(&node.data.borrow().value, NodeValue::Heading(heading) if heading.level == 1)
}

fn options(allows_html: bool) -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.footnotes = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.render.r#unsafe = allows_html;
    options.render.escape = !allows_html;
    options
}

fn html_of(root: Node<'_>, options: &Options) -> String {
    let mut html = String::new();
    // Writing to a string cannot fail.
    let _ = format_html(root, options, &mut html);
    html
}

fn replace_headings<'a>(arena: &'a Arena<'a>, root: Node<'a>) {
    let is_heading = |node: &Node<'a>| matches!(node.data.borrow().value, NodeValue::Heading(_));
    let headings: Vec<Node<'a>> = root.descendants().filter(is_heading).collect();
    for node in headings {
        let strong: Node<'a> = arena.alloc(AstNode::from(NodeValue::Strong));
        while let Some(child) = node.first_child() {
            strong.append(child);
        }
        node.append(strong);
        node.data.borrow_mut().value = NodeValue::Paragraph;
    }
}

/// Puts an embed in the place of each paragraph that is only a video's link. It is read from the
/// source, since Markdown may take an id's `_` and `-` for marks of its own.
fn replace_video_links(root: Node<'_>, markdown: &str) {
    let lines: Vec<&str> = markdown.lines().collect();
    for node in root.children() {
        let mut ast = node.data.borrow_mut();
        let position = ast.sourcepos;
        if !matches!(ast.value, NodeValue::Paragraph) || position.start.line != position.end.line {
            continue;
        }
        let line = position
            .start
            .line
            .checked_sub(1)
            .and_then(|index| lines.get(index));
        if let Some(video) = line.and_then(|line| Video::from_line(line)) {
            ast.value = NodeValue::HtmlBlock(NodeHtmlBlock {
                block_type: 6,
                literal: video.to_figure(),
            });
            drop(ast);
            while let Some(child) = node.first_child() {
                child.detach();
            }
        }
    }
}
