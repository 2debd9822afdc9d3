//! A block of sanitized HTML, and its Markdown.

use super::embeds::push_start;
use crate::content::html::{
    escape::{escape, push_content},
    tokens::Tag,
};
use htmd::{
    HtmlToMarkdown,
    options::{BrStyle, BulletListMarker, HrStyle, Options},
};
use std::sync::LazyLock;

/// Blocks that Markdown may express.
pub(super) const FLOW: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "blockquote",
    "hr",
    "table",
    "pre",
];
/// Blocks without a meaning: what is in them is read as if it stood alone.
pub(super) const TRANSPARENT: &[&str] = &["div", "section", "figcaption"];
/// Blocks that stay HTML.
pub(super) const RAW: &[&str] = &["figure", "details", "dl", "audio", "video"];
/// Elements that may be inside of a block that becomes Markdown.
const IN_FLOW: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "blockquote",
    "hr",
    "br",
    "div",
    "section",
    "span",
    "a",
    "img",
    "em",
    "i",
    "strong",
    "b",
    "code",
];
/// Elements in a line for which Markdown has no sign. Their tags stay.
const KEPT: &[&str] = &[
    "sub", "sup", "kbd", "samp", "var", "mark", "small", "q", "cite", "ins", "u", "abbr", "ruby",
    "rt", "rp", "del", "s",
];
const TABLE: &[&str] = &["table", "thead", "tbody", "tr", "th", "td"];
const IN_CELLS: &[&str] = &["a", "img", "em", "i", "strong", "b", "code", "span"];
const VOID: &[&str] = &["br", "hr", "img"];
/// Elements with which a block of HTML in Markdown may begin (CommonMark 4.6, condition 6).
const HTML_BLOCKS: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "blockquote",
    "hr",
    "table",
    "figure",
    "details",
    "dl",
    "div",
];
/// The first of the private characters that stand for tags while a block is converted.
const FIRST_MARK: u32 = 0xF_0000;
const MOST_MARKS: usize = 60_000;

static CONVERTER: LazyLock<HtmlToMarkdown> = LazyLock::new(|| {
    HtmlToMarkdown::builder()
        .options(Options {
            hr_style: HrStyle::Dashes,
            br_style: BrStyle::Backslash,
            bullet_list_marker: BulletListMarker::Dash,
            ul_bullet_spacing: 1,
            ol_number_spacing: 1,
            ..Options::default()
        })
        .build()
});

/// A block of sanitized HTML.
#[derive(Default)]
pub(super) struct Chunk {
    /// The element; empty for text that stands alone.
    pub(super) name: String,
    pub(super) html: String,
    /// The same with a private character for each tag that Markdown has no sign for.
    flow: String,
    /// The tags for which the private characters stand.
    marks: Vec<String>,
    /// Whether it stays HTML, because Markdown can't express all of it.
    pub(super) is_raw: bool,
    has_heading_cells: bool,
    pub(super) has_caption: bool,
    has_picture: bool,
    /// The text of preformatted text, or of a paragraph that may be a link alone.
    text: String,
    language: Option<String>,
    /// The addresses of links.
    links: Vec<String>,
    pub(super) open: Vec<String>,
}

impl Chunk {
    pub(super) fn of(name: &str) -> Chunk {
        Chunk {
            name: name.to_owned(),
            ..Chunk::default()
        }
    }

    pub(super) fn html(&self) -> &str {
        &self.html
    }

    /// Makes a link of an address that stands alone, as other software does when it shows a page.
    pub(super) fn link_address(&mut self) {
        let address = self.text.trim();
        let is_address = matches!(self.name.as_str(), "p" | "")
            && self.links.is_empty()
            && !self.has_picture
            && (address.starts_with("https://") || address.starts_with("http://"))
            && !address.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'));
        if is_address {
            let escaped = escape(address);
            self.html = format!("<p><a href=\"{escaped}\">{escaped}</a></p>");
            self.links.push(address.to_owned());
        }
    }

    fn is_in(&self, names: &[&str]) -> bool {
        self.open.iter().any(|open| names.contains(&open.as_str()))
    }

    pub(super) fn push_start(&mut self, tag: &Tag) {
        let name = tag.name.as_str();
        push_start(&mut self.html, tag);
        let has = |attribute: &str| tag.get(attribute).is_some();
        self.has_caption |= name == "figcaption";
        self.has_picture |= name == "img" || RAW.contains(&name);
        self.has_heading_cells |= name == "th";
        if name == "a"
            && let Some(address) = tag.get("href")
        {
            self.links.push(address.to_owned());
        }
        if matches!(name, "pre" | "code")
            && let Some(class) = tag.get("class")
        {
            let language = class
                .split_ascii_whitespace()
                .find_map(|class| class.strip_prefix("language-"));
            self.language = language.map(str::to_owned).or(self.language.take());
        }
        let is_in_code = self.is_in(&["pre", "code"]);
        if KEPT.contains(&name) && !is_in_code && self.marks.len() < MOST_MARKS {
            let mut raw = String::new();
            push_start(&mut raw, tag);
            self.push_mark(raw);
        } else {
            push_start(&mut self.flow, tag);
            let fits = if self.is_in(&["table"]) {
                TABLE[1..].contains(&name) || IN_CELLS.contains(&name)
            } else if self.open.is_empty() {
                FLOW.contains(&name) || IN_FLOW.contains(&name)
            } else if self.name == "pre" {
                matches!(name, "code" | "span")
            } else {
                IN_FLOW.contains(&name)
            };
            self.is_raw |= !fits || (is_in_code && name != "span" && name != "code");
        }
        let has_meaning = [
            "lang", "dir", "colspan", "rowspan", "reversed", "value", "open",
        ];
        self.is_raw |= has_meaning.into_iter().any(has);
        if !VOID.contains(&name) {
            self.open.push(name.to_owned());
        }
    }

    pub(super) fn push_end(&mut self, name: &str) {
        self.html.push_str(&format!("</{name}>"));
        if let Some(position) = self.open.iter().rposition(|open| open == name) {
            self.open.truncate(position);
        }
        let is_in_code = self.is_in(&["pre", "code"]);
        if KEPT.contains(&name) && !is_in_code && self.marks.len() < MOST_MARKS {
            self.push_mark(format!("</{name}>"));
        } else {
            self.flow.push_str(&format!("</{name}>"));
        }
    }

    pub(super) fn push_text(&mut self, text: &str) {
        push_content(&mut self.html, text);
        let is_free = |c: char| !(FIRST_MARK..FIRST_MARK + 0xFFFE).contains(&u32::from(c));
        if text.chars().all(is_free) {
            push_content(&mut self.flow, text);
        } else {
            self.is_raw = true;
        }
        self.text.push_str(text);
    }

    /// Appends a private character that stands for a tag.
    fn push_mark(&mut self, tag: String) {
        let mark = char::from_u32(FIRST_MARK + self.marks.len() as u32);
        self.flow.extend(mark);
        self.marks.push(tag);
    }

    /// Converts it to Markdown, or to HTML if Markdown can't express it.
    pub(super) fn to_markdown(&self) -> String {
        if self.text.trim().is_empty() && !self.has_picture && self.name != "hr" {
            return String::new();
        }
        let is_table = self.name == "table";
        if self.is_raw || RAW.contains(&self.name.as_str()) || is_table && !self.has_heading_cells {
            return self.to_raw();
        }
        if self.name == "pre" {
            return self.to_code();
        }
        if let [address] = self.links.as_slice()
            && matches!(self.name.as_str(), "p" | "")
            && self.text.trim() == address
        {
            return address.clone();
        }
        let Ok(markdown) = CONVERTER.convert(&self.flow) else {
            return self.to_raw();
        };
        if self.marks.is_empty() {
            return markdown;
        }
        let mut out = String::with_capacity(markdown.len());
        for c in markdown.chars() {
            let mark = u32::from(c).checked_sub(FIRST_MARK);
            match mark.and_then(|mark| self.marks.get(mark as usize)) {
                Some(tag) => out.push_str(tag),
                None => out.push(c),
            }
        }
        out
    }

    fn to_code(&self) -> String {
        let longest = self
            .text
            .split(|c| c != '`')
            .map(str::len)
            .max()
            .unwrap_or(0);
        let fence = "`".repeat((longest + 1).max(3));
        let language = self.language.as_deref().unwrap_or("");
        let text = self.text.strip_prefix('\n').unwrap_or(&self.text);
        format!(
            "{fence}{language}\n{}\n{fence}",
            text.trim_end_matches('\n')
        )
    }

    /// Returns it as a block of HTML in Markdown, which ends at the first blank line.
    pub(super) fn to_raw(&self) -> String {
        if self.text.trim().is_empty() && !self.has_picture && self.name != "hr" {
            return String::new();
        }
        let html = raw(self.html.trim());
        let has_blocks = ["<figure", "<div", "<p", "<ul", "<ol", "<table"];
        match self.name.as_str() {
            "" if has_blocks.iter().any(|tag| html.contains(tag)) => format!("<div>{html}</div>"),
            "" => format!("<p>{html}</p>"),
            name if HTML_BLOCKS.contains(&name) => html,
            _ => format!("<div>{html}</div>"),
        }
    }
}

/// Returns HTML as a block in Markdown: without blank lines, which would end it.
pub(super) fn raw(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    // The sanitizer adds it to all pictures.
    let html = html.replace(" loading=\"lazy\"", "");
    let mut parts = html.split("<pre");
    out.push_str(&with_single_line_ends(parts.next().unwrap_or_default()));
    for part in parts {
        let (code, rest) = part.split_once("</pre>").unwrap_or((part, ""));
        out.push_str("<pre");
        out.push_str(&code.replace('\n', "&#10;"));
        out.push_str("</pre>");
        out.push_str(&with_single_line_ends(rest));
    }
    out
}

fn with_single_line_ends(html: &str) -> String {
    let mut lines = html.split('\n');
    let mut out = lines.next().unwrap_or_default().to_owned();
    let mut pending = false;
    for line in lines {
        pending = true;
        if !line.trim().is_empty() {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(line.trim_start());
            pending = false;
        }
    }
    if pending {
        out.push(' ');
    }
    out
}
