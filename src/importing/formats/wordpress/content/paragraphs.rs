//! Text as authors type it into the classic editor: a blank line begins a paragraph, and a line end is a line break.

use super::markup::{Tag, Token, tokens};

/// Elements that stand between paragraphs, not in them.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "audio",
    "blockquote",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "details",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "iframe",
    "legend",
    "li",
    "main",
    "menu",
    "nav",
    "noscript",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "select",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
    "video",
];
/// Elements whose text is never a paragraph of its own.
const WITHOUT_PARAGRAPHS: &[&str] = &[
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "summary", "legend", "option", "select", "caption",
    "audio", "video", "iframe",
];
/// Elements whose text consists of paragraphs only if there are several.
const CELLS: &[&str] = &[
    "li",
    "td",
    "th",
    "dt",
    "dd",
    "figcaption",
    "figure",
    "address",
    "center",
];
/// Elements whose content stays as it is.
const VERBATIM: &[&str] = &[
    "pre", "script", "style", "textarea", "svg", "math", "object",
];

/// The maximum depth of elements that are remembered.
const MAX_DEPTH: usize = 250;

/// Writes the paragraphs and line breaks that a text means.
pub(super) fn with_paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut writer = Writer {
        out: String::with_capacity(text.len() + text.len() / 16),
        chunk: String::new(),
        open: Vec::new(),
    };
    let mut verbatim: Option<(String, usize)> = None;
    for token in tokens(&text) {
        if let Some((name, depth)) = &mut verbatim {
            writer.chunk.push_str(token.raw());
            match token {
                Token::Start(tag) if tag.is(name) => *depth += 1,
                Token::End(tag) if tag.is(name) => *depth -= 1,
                _ => {}
            }
            if *depth == 0 {
                let is_block = name == "pre";
                verbatim = None;
                if is_block {
                    writer.write_raw();
                }
            }
            continue;
        }
        match token {
            Token::Text(text) => writer.text(text),
            Token::Comment(_) => {}
            Token::Start(tag) if tag.is_one_of(VERBATIM) => {
                if tag.is("pre") {
                    writer.end_paragraph(true);
                }
                writer.chunk.push_str(tag.raw);
                verbatim = Some((tag.name(), 1));
            }
            Token::Start(tag) if tag.is_one_of(BLOCKS) => writer.start(tag),
            Token::End(tag) if tag.is_one_of(BLOCKS) => writer.end(tag),
            Token::Start(tag) if tag.is("br") => writer.line_break(tag.raw),
            Token::Start(tag) | Token::End(tag) => writer.chunk.push_str(tag.raw),
        }
    }
    writer.end_paragraph(true);
    writer.out
}

struct Open {
    name: String,
    /// Whether a paragraph of it was written.
    has_paragraph: bool,
}

struct Writer {
    out: String,
    /// The paragraph that is being read.
    chunk: String,
    open: Vec<Open>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                if self.chunk.ends_with('\n') || self.chunk.trim().is_empty() {
                    self.end_paragraph(false);
                } else {
                    let end = self.chunk.trim_end_matches([' ', '\t']).len();
                    self.chunk.truncate(end);
                    self.chunk.push('\n');
                }
            }
            let is_at_start = self.chunk.is_empty() || self.chunk.ends_with('\n');
            self.chunk.push_str(if is_at_start {
                line.trim_start_matches([' ', '\t'])
            } else {
                line
            });
        }
    }

    /// Writes a line break of the author, whose line end is none of its own.
    fn line_break(&mut self, raw: &str) {
        self.chunk.push_str(raw);
        self.chunk.push('\u{E000}');
    }

    /// Writes what is in the buffer as it is.
    fn write_raw(&mut self) {
        self.out.push_str(&std::mem::take(&mut self.chunk));
        self.out.push('\n');
    }

    /// Ends a paragraph: at a blank line, or at a tag, which is the last thing in its element if it `is_at_edge`.
    fn end_paragraph(&mut self, is_at_edge: bool) {
        let chunk = std::mem::take(&mut self.chunk);
        let text = chunk.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{E000}');
        if text.is_empty() {
            return;
        }
        let text = text.replace("\u{E000}\n", "\n").replace('\u{E000}', "");
        let text = with_line_breaks(&text);
        let wraps = match self.open.last_mut() {
            None => true,
            Some(open) if WITHOUT_PARAGRAPHS.contains(&open.name.as_str()) => {
                // A paragraph that a blank line ends becomes two.
                if open.name == "p" && !is_at_edge {
                    self.out.push_str(&text);
                    self.out.push_str("</p>\n<p>");
                    return;
                }
                false
            }
            Some(open) if CELLS.contains(&open.name.as_str()) => {
                let wraps = open.has_paragraph || !is_at_edge;
                open.has_paragraph = true;
                wraps
            }
            Some(_) => true,
        };
        if wraps {
            self.out.push_str("<p>");
            self.out.push_str(&text);
            self.out.push_str("</p>\n");
        } else {
            self.out.push_str(&text);
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        self.end_paragraph(true);
        self.out.push_str(tag.raw);
        if !tag.is_void() && self.open.len() < MAX_DEPTH {
            self.open.push(Open {
                name: tag.name(),
                has_paragraph: false,
            });
        }
    }

    fn end(&mut self, tag: Tag<'_>) {
        self.end_paragraph(true);
        if let Some(position) = self.open.iter().rposition(|open| tag.is(&open.name)) {
            self.open.truncate(position);
        }
        self.out.push_str(tag.raw);
        self.out.push('\n');
    }
}

/// Writes a line break at each line end that the author didn't write one at.
fn with_line_breaks(text: &str) -> String {
    let mut lines = text.split('\n').peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(line) = lines.next() {
        out.push_str(line);
        if lines.peek().is_some() {
            let has_one =
                line.ends_with("<br>") || line.ends_with("<br/>") || line.ends_with("<br />");
            out.push_str(if has_one { "\n" } else { "<br>\n" });
        }
    }
    out
}
