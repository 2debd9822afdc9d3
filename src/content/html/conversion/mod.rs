//! Converts HTML of other software to Markdown. Nothing visible is lost: what Markdown can't express stays as sanitized
//! HTML in it.
//!
//! `embeds.rs` replaces frames by links, the sanitizer removes what pages may not have, `chunks.rs` divides the rest into
//! blocks. Each block becomes Markdown, and is rendered again: if its text or addresses then differ, it stays HTML.

mod chunk;
mod chunks;
mod embeds;
mod long_values;
#[cfg(test)]
mod tests;

pub(crate) use long_values::{with_shorter_values, without_long_values};

use super::{Html, file_references};
use crate::content::{markdown, text};
use chunk::Chunk;

impl Html {
    /// Converts HTML of other software to Markdown. Scripts, forms and style sheets go; frames become links.
    pub(crate) fn to_markdown_source(html: &str) -> String {
        let (html, _) = without_long_values(&text::without_controls(html));
        let clean = Html::from_own(&embeds::replace(&html)).into_string();
        let chunks = chunks::of(&clean);
        let divided: String = chunks.iter().map(Chunk::html).collect();
        if words_of(&divided) != words_of(&clean) {
            return joined(&[chunk::raw(&format!("<div>{clean}</div>"))]);
        }
        let written: Vec<String> = chunks.iter().map(Chunk::to_markdown).collect();
        let markdown = joined(&written);
        if is_faithful(&markdown, &divided) {
            return markdown;
        }
        let checked: Vec<String> = chunks
            .iter()
            .zip(written)
            .map(
                |(chunk, markdown)| match is_faithful(&markdown, chunk.html()) {
                    true => markdown,
                    false => chunk.to_raw(),
                },
            )
            .collect();
        let markdown = joined(&checked);
        if is_faithful(&markdown, &divided) {
            return markdown;
        }
        // Two blocks that are right alone can be one block together.
        joined(&chunks.iter().map(Chunk::to_raw).collect::<Vec<_>>())
    }
}

fn joined(blocks: &[String]) -> String {
    let mut markdown = String::new();
    for block in blocks.iter().filter(|block| !block.is_empty()) {
        if !markdown.is_empty() {
            markdown.push_str("\n\n");
        }
        markdown.push_str(block);
    }
    if !markdown.is_empty() {
        markdown.push('\n');
    }
    markdown
}

/// Returns whether Markdown shows the same text, and leads to the same addresses, as sanitized HTML.
fn is_faithful(markdown: &str, clean: &str) -> bool {
    let rendered = markdown::page_html(markdown);
    words_of(rendered.as_str()) == words_of(clean)
        && addresses_of(rendered.as_str()) == addresses_of(clean)
}

/// Returns all text, without the blanks: a block that ends a word is one in both.
fn words_of(html: &str) -> String {
    let text = Html::unverified(html.to_owned()).to_text();
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn addresses_of(html: &str) -> Vec<String> {
    let references = file_references(html).into_iter();
    references.map(|reference| reference.address).collect()
}
