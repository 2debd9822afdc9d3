//! Renders Markdown as HTML for pages and for other servers.

mod mentions;
mod pictures;
mod portable;
mod raw_html;
mod tasks;
#[cfg(test)]
mod tests;
mod video;

use std::collections::HashMap;

use comrak::{
    Arena, Node, Options, format_html,
    nodes::{AstNode, NodeHtmlBlock, NodeValue},
    parse_document,
};
use url::Url;

use super::{
    html::{self, Decoration, FileRole, Html},
    text,
};
pub use mentions::{MentionLinks, Mentions};
pub use pictures::Picture;
pub use portable::{escape_text, portable_source, renders_the_same};
pub use raw_html::ForbiddenTag;
use video::Video;

/// The maximum length of an excerpt, in characters.
const EXCERPT_LENGTH: usize = 300;

/// The rendered text of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The HTML for the site's pages.
    pub page: Html,
    /// The HTML for other servers: see [`Html::to_federated`].
    pub federated: Html,
    /// The beginning as one line of plain text, with at most 300 characters. Empty if there is no text.
    pub excerpt: String,
    /// The images with their alternative texts.
    pub images: Vec<(Url, String)>,
    /// The HTML for the site's pages with marks at escaped punctuation, if there is any.
    marked: Option<Html>,
}

impl Rendered {
    /// Returns the HTML as a page shows it.
    pub(crate) fn decorated(&self, decoration: &Decoration) -> Html {
        self.marked
            .as_ref()
            .unwrap_or(&self.page)
            .decorated(decoration)
    }
}

/// Renders an article: CommonMark with tables, footnotes, task lists, strikethrough, links for bare URLs, and raw HTML,
/// which is sanitized with the rest. `base` is the permalink, which relative links are resolved against. A link to a YouTube or
/// Vimeo video that is a paragraph of its own becomes a figure that a script may replace by a player. Nothing is loaded
/// from there until a reader follows the link.
pub fn render(markdown: &str, base: &Url) -> Rendered {
    render_with_links(markdown, base, &MentionLinks::default())
}

/// Renders an article as [`render`] does, and links the mentions and hashtags that `links` knows.
pub fn render_with_links(markdown: &str, base: &Url, links: &MentionLinks) -> Rendered {
    let markdown = with_plain_lines(markdown);
    let arena = Arena::new();
    let root = parse(&arena, &markdown);
    replace_video_links(root, &markdown);
    raw_html::repair(root);
    if mentions::may_have(&markdown) {
        mentions::link(&arena, root, links);
    }
    tasks::write(&arena, root);
    let html = html_of(root, &options(true));
    let (page, marked) = sanitized(&html);
    Rendered {
        federated: page.to_federated(base),
        excerpt: page.excerpt(EXCERPT_LENGTH),
        images: page.images(base),
        page,
        marked,
    }
}

/// Renders the text as pages show it, without players and links of mentions.
pub(crate) fn page_html(markdown: &str) -> Html {
    let markdown = with_plain_lines(markdown);
    let arena = Arena::new();
    let root = parse(&arena, &markdown);
    raw_html::repair(root);
    sanitized(&html_of(root, &options(true))).0
}

/// Returns sanitized HTML, and the same with marks at escaped punctuation, if there is any.
fn sanitized(html: &str) -> (Html, Option<Html>) {
    if !html.contains(html::ESCAPED) {
        return (Html::from_own(&text::without_controls(html)), None);
    }
    let parts = html.split(html::ESCAPED).map(text::without_controls);
    let marked = Html::from_own(&parts.collect::<Vec<_>>().join(&html::ESCAPED.to_string()));
    (marked.without_escapes(), Some(marked))
}

/// Removes control characters from a text, and replaces all line ends by `\n`.
fn with_plain_lines(markdown: &str) -> String {
    text::without_controls(markdown)
        .replace("\r\n", "\n")
        .replace('\r', "\n")
}

fn parse<'a>(arena: &'a Arena<'a>, markdown: &str) -> Node<'a> {
    let mut options = options(true);
    options.parse.escaped_char_spans = mentions::has_escapes(markdown);
    let root = parse_document(arena, markdown, &options);
    if options.parse.escaped_char_spans {
        mentions::join_escapes(root);
    }
    root
}

/// Returns the mentions and hashtags in a text.
pub fn mentions(markdown: &str) -> Mentions {
    if !mentions::may_have(markdown) {
        return Mentions::default();
    }
    let markdown = with_plain_lines(markdown);
    let arena = Arena::new();
    let root = parse(&arena, &markdown);
    mentions::find(&arena, root)
}

/// Returns the raw HTML tags in a text that pages may not have, each name once.
pub fn forbidden_tags(markdown: &str) -> Vec<ForbiddenTag> {
    let arena = Arena::new();
    raw_html::forbidden_tags(parse_document(&arena, markdown, &options(true)))
}

/// Returns the pictures, audio and video files that a text refers to by file names, each name once.
pub fn pictures(markdown: &str) -> Vec<Picture> {
    let arena = Arena::new();
    pictures::of(parse_document(&arena, markdown, &options(true)))
}

/// Returns the addresses of all links, pictures, audio and video files in a text, as Markdown reads them.
pub(crate) fn addresses(markdown: &str) -> Vec<(FileRole, String)> {
    let arena = Arena::new();
    pictures::addresses(parse_document(&arena, markdown, &options(true)))
}

/// Returns the pictures in a text without an alternative text, each as its line, from 1, and its address.
pub fn without_alt(markdown: &str) -> Vec<(usize, String)> {
    let arena = Arena::new();
    pictures::without_alt(parse_document(&arena, markdown, &options(true)))
}

/// Replaces the file names of pictures, as [`pictures()`] found them, by addresses. Returns `None` if one can't be replaced.
pub fn replace_pictures(markdown: &str, addresses: &HashMap<String, String>) -> Option<String> {
    pictures::replace(markdown, addresses)
}

/// Renders a guest's comment: Markdown without raw HTML, sanitized as strictly as a remote comment. A heading becomes a
/// strong paragraph, since the headings of the page are the site's.
pub fn render_comment(markdown: &str) -> Html {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options(false));
    replace_headings(&arena, root);
    tasks::write(&arena, root);
    Html::from_remote(&html_of(root, &options(false)))
}

/// Returns the first heading of level 1 as plain text, and the Markdown without it. A heading that is not at the beginning
/// of the text stays in the Markdown.
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
    options.extension.tasklist = true;
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

/// Replaces each paragraph that is only a link to a video by a figure. The link is read from the source, since Markdown may
/// interpret `_` and `-` in an id.
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
