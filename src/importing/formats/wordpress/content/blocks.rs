//! Blocks of the editor: their comments go, and so do the elements around them that only arrange things.

use super::{
    Converter, embeds,
    markup::{Tag, Token, text_line, tokens},
};
use serde_json::Value;

/// The maximum depth of reusable blocks in each other.
const MAX_DEPTH: usize = 4;
/// The maximum depth of elements that are remembered.
const MAX_ELEMENTS: usize = 250;
/// Blocks without content of their own that show nothing which belongs to the text.
const SILENT: &[&str] = &[
    "more",
    "nextpage",
    "spacer",
    "separator",
    "post-content",
    "post-title",
    "footnotes",
];

/// Returns whether a text was written with blocks.
pub(super) fn has_blocks(text: &str) -> bool {
    text.contains("<!-- wp:")
}

/// The handling of an element until its end.
enum Treatment {
    Keep,
    /// The tags go, its content stays.
    Unwrap,
    /// A paragraph takes its place.
    Paragraph,
    /// It goes with its content.
    Drop,
    /// Its text is an address that is embedded.
    Embed(String),
    /// A picture or table with a caption, which becomes a paragraph.
    Captioned,
}

impl Converter<'_> {
    /// Returns the HTML that the blocks of a text show.
    pub(super) fn replace_blocks(&mut self, text: &str, depth: usize) -> String {
        let mut out = String::with_capacity(text.len());
        let mut open: Vec<(String, Treatment)> = Vec::new();
        for token in tokens(text) {
            let is_dropped = open
                .iter()
                .any(|(_, treatment)| matches!(treatment, Treatment::Drop));
            match token {
                Token::Comment(comment) if !is_dropped => {
                    if let Some(html) = self.block_without_content(comment, depth) {
                        out.push_str(&html);
                    }
                }
                Token::Comment(_) => {}
                Token::Text(text) => match embed_of(&mut open) {
                    Some(address) => address.push_str(text),
                    None if !is_dropped => out.push_str(text),
                    None => {}
                },
                Token::Start(tag) => {
                    let treatment = treatment_of(tag, &open);
                    if !is_dropped {
                        write_start(&mut out, tag, &treatment, &mut open);
                    }
                    if !tag.is_void() && open.len() < MAX_ELEMENTS {
                        open.push((tag.name(), treatment));
                    }
                }
                Token::End(tag) => {
                    let Some(position) = open.iter().rposition(|(name, _)| tag.is(name)) else {
                        if !is_dropped {
                            out.push_str(tag.raw);
                        }
                        continue;
                    };
                    // Elements that are open in it end with it.
                    for (index, (name, treatment)) in open
                        .drain(position..)
                        .enumerate()
                        .collect::<Vec<_>>()
                        .into_iter()
                        .rev()
                    {
                        if !matches!(treatment, Treatment::Drop) && !is_dropped {
                            let raw = if index == 0 {
                                tag.raw.to_owned()
                            } else {
                                format!("</{name}>")
                            };
                            write_end(&mut out, &raw, treatment);
                        }
                    }
                }
            }
        }
        for (name, treatment) in open.into_iter().rev() {
            write_end(&mut out, &format!("</{name}>"), treatment);
        }
        out
    }

    /// Returns what a block shows that has no content of its own: `<!-- wp:block {"ref":12} /-->`.
    fn block_without_content(&mut self, comment: &str, depth: usize) -> Option<String> {
        let inner = comment.strip_prefix("<!--")?.strip_suffix("-->")?.trim();
        let block = inner.strip_prefix("wp:")?.strip_suffix('/')?.trim();
        let (name, attributes) = block.split_once(char::is_whitespace).unwrap_or((block, ""));
        let name = name.strip_prefix("core/").unwrap_or(name);
        let attributes: Value = serde_json::from_str(attributes.trim()).unwrap_or_default();
        match name {
            "block" => {
                let id = attributes.get("ref")?.as_u64()?.to_string();
                let lookup = self.lookup;
                match lookup.block(&id) {
                    Some(text) if depth < MAX_DEPTH && self.may_add(text.len()) => {
                        Some(self.replace_blocks(text, depth + 1))
                    }
                    Some(_) => None,
                    None => {
                        self.notice(format!("the reusable block {id} is not in the export: texts lack what it showed"));
                        None
                    }
                }
            }
            "embed" | "video" | "audio" => embeds::of_shortcode(
                "embed",
                attributes.get("url").or(attributes.get("src"))?.as_str()?,
            ),
            name if SILENT.contains(&name) => None,
            name => {
                self.notice(format!(
                    "the block `{name}` shows something that is not in the text: it is left out"
                ));
                None
            }
        }
    }
}

fn embed_of(open: &mut [(String, Treatment)]) -> Option<&mut String> {
    // A caption in an embed is no part of its address.
    let (_, innermost) = open.last_mut()?;
    match innermost {
        Treatment::Embed(address) => Some(address),
        _ => None,
    }
}

fn is_in(open: &[(String, Treatment)], wanted: fn(&Treatment) -> bool) -> bool {
    open.iter().any(|(_, treatment)| wanted(treatment))
}

fn treatment_of(tag: Tag<'_>, open: &[(String, Treatment)]) -> Treatment {
    let name = tag.name();
    match name.as_str() {
        "figure" if tag.has_class("wp-block-gallery") || tag.has_class("blocks-gallery") => {
            Treatment::Captioned
        }
        "figure" if tag.has_class("wp-block-table") || tag.has_class("wp-block-pullquote") => {
            Treatment::Captioned
        }
        "figure" if tag.has_class("wp-block-embed") || tag.has_class("wp-block-core-embed") => {
            Treatment::Captioned
        }
        "ul" | "li" if tag.has_class("blocks-gallery") || tag.has_class("wp-block-gallery") => {
            Treatment::Unwrap
        }
        // The caption of a picture in a gallery belongs to the picture, which keeps its figure.
        "figcaption" if captioned_is_nearest(open) => Treatment::Paragraph,
        "div" if tag.has_class("wp-block-embed__wrapper") => Treatment::Embed(String::new()),
        "div" if tag.has_class("wp-block-file") => Treatment::Paragraph,
        "div" if tag.has_class("wp-block-button") && !tag.has_class("wp-block-buttons") => {
            Treatment::Paragraph
        }
        "div" | "section" | "main" | "article" | "aside" | "header" | "footer" | "nav" => {
            Treatment::Unwrap
        }
        "a" if tag.has_class("wp-block-file__button") => Treatment::Drop,
        "object" if tag.has_class("wp-block-file__embed") => Treatment::Drop,
        "script" | "style" => Treatment::Drop,
        _ if is_in(open, |treatment| matches!(treatment, Treatment::Drop)) => Treatment::Drop,
        _ => Treatment::Keep,
    }
}

/// Returns whether the innermost figure is one whose tags go.
fn captioned_is_nearest(open: &[(String, Treatment)]) -> bool {
    let figure = open.iter().rev().find(|(name, _)| name == "figure");
    matches!(figure, Some((_, Treatment::Captioned)))
}

fn write_start(
    out: &mut String,
    tag: Tag<'_>,
    treatment: &Treatment,
    open: &mut [(String, Treatment)],
) {
    match treatment {
        Treatment::Keep => match embed_of(open) {
            // An address with tags in it, such as a link.
            Some(address) => {
                if let Some(link) = tag.attribute("href").or_else(|| tag.attribute("src")) {
                    address.clear();
                    address.push_str(&link);
                }
            }
            None => out.push_str(tag.raw),
        },
        Treatment::Paragraph => out.push_str("\n<p>"),
        Treatment::Unwrap | Treatment::Captioned | Treatment::Embed(_) => out.push('\n'),
        Treatment::Drop => {}
    }
}

fn write_end(out: &mut String, raw: &str, treatment: Treatment) {
    match treatment {
        Treatment::Keep => out.push_str(raw),
        Treatment::Paragraph => out.push_str("</p>\n"),
        Treatment::Unwrap | Treatment::Captioned => out.push('\n'),
        Treatment::Embed(address) => {
            let address = text_line(&address);
            let link = embeds::of_shortcode("embed", &address);
            out.push('\n');
            out.push_str(
                &link.unwrap_or_else(|| {
                    format!("<p>{}</p>", crate::content::html::escape(&address))
                }),
            );
            out.push('\n');
        }
        Treatment::Drop => {}
    }
}
