//! The text of a post as HTML: blocks without their comments, classic text with its paragraphs, shortcodes and embedded
//! addresses as what they show.

mod blocks;
mod embeds;
mod links;
mod markup;
mod paragraphs;
mod shortcodes;
#[cfg(test)]
mod tests;

pub(super) use markup::text_line;

use super::lookup::{Attachment, Lookup};
use std::collections::BTreeSet;

/// The maximum number of sentences that are remembered.
const MAX_NOTICES: usize = 200;
/// The maximum size of what galleries, playlists and reusable blocks add to a text.
const MAX_ADDED: usize = 2 << 20;

/// Converts the text of a post.
pub(super) struct Converter<'a> {
    lookup: &'a Lookup,
    /// The id of the post.
    post: &'a str,
    /// Remarks on what stays or is left out, as sentences.
    notices: &'a mut BTreeSet<String>,
    /// How many bytes galleries, playlists and reusable blocks may still add.
    left: usize,
}

impl<'a> Converter<'a> {
    pub(super) fn of(
        lookup: &'a Lookup,
        post: &'a str,
        notices: &'a mut BTreeSet<String>,
    ) -> Converter<'a> {
        Converter {
            lookup,
            post,
            notices,
            left: MAX_ADDED,
        }
    }

    /// Returns the HTML of a text.
    pub(super) fn html(&mut self, text: &str) -> String {
        if blocks::has_blocks(text) {
            let html = self.replace_blocks(text, 0);
            let html = self.replace_shortcodes(&embeds::replace_lines(&html));
            return html.trim().to_owned();
        }
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = self.replace_shortcodes(&embeds::replace_lines(&text));
        paragraphs::with_paragraphs(&text).trim().to_owned()
    }

    /// Returns whether a text may get some more bytes from elsewhere, and counts them.
    fn may_add(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or_default();
        if left.is_none() {
            self.notice("a text has more pictures or reusable blocks than are imported".to_owned());
        }
        left.is_some()
    }

    fn name_shortcode(&mut self, name: &str) {
        self.notice(format!(
            "the shortcode [{name}] stays in texts as it is: replace it there by what it showed"
        ));
    }

    fn notice(&mut self, sentence: String) {
        if self.notices.len() < MAX_NOTICES {
            self.notices.insert(sentence);
        }
    }
}

/// Returns the HTML of a comment: its paragraphs, and links at its addresses.
pub(super) fn comment_html(text: &str) -> String {
    links::with_links(&paragraphs::with_paragraphs(text))
        .trim()
        .to_owned()
}
