//! Divides a text into the words that are indexed.

use super::fold::fold;
use crate::content::{text::is_invisible, words::stands_alone};
use std::ops::Range;
use unicode_normalization::char::is_combining_mark;

/// A word of a text, or one character of a script without blanks between words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Its place in the text, in bytes.
    pub place: Range<usize>,
    /// The form in which it is compared.
    pub folded: String,
    /// Whether it is a character of a script without blanks between words, or of Korean, whose words have endings.
    pub is_character: bool,
}

impl Token {
    /// Returns whether two characters follow each other immediately.
    pub(super) fn continues(&self, before: &Token) -> bool {
        self.is_character && before.is_character && before.place.end == self.place.start
    }
}

/// Returns the words of a text in their order.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, first) = rest.next()?;
            if !is_part(first, false) {
                continue;
            }
            let is_character = is_character(first);
            let mut end = start + first.len_utf8();
            while let Some((at, c)) = rest.next_if(|(_, c)| {
                let is_mark = is_combining_mark(*c) || is_invisible(*c);
                is_mark || (!is_character && is_part(*c, true) && !self::is_character(*c))
            }) {
                end = at + c.len_utf8();
            }
            let folded = fold(&text[start..end]);
            if !folded.is_empty() {
                return Some(Token {
                    place: start..end,
                    folded,
                    is_character,
                });
            }
        }
    })
}

fn is_part(c: char, is_inside: bool) -> bool {
    c.is_alphanumeric() || (is_inside && (is_combining_mark(c) || is_invisible(c)))
}

fn is_character(c: char) -> bool {
    (stands_alone(c) && c.is_alphanumeric()) || ('\u{AC00}'..='\u{D7A3}').contains(&c)
}

/// Returns the terms under which a text is found: its words; and in scripts without blanks between words, each pair of
/// neighbouring characters, and the last character of a run.
pub fn index_terms(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    let mut before: Option<Token> = None;
    for token in tokens(text) {
        if let Some(before) = before.take() {
            terms.push(if token.continues(&before) {
                before.folded + &token.folded
            } else {
                before.folded
            });
        }
        before = Some(token);
    }
    terms.extend(before.map(|last| last.folded));
    terms
}

#[cfg(test)]
mod tests {
    use super::index_terms;

    #[test]
    fn texts_are_divided_into_words_and_pairs_of_characters() {
        for (text, terms) in [
            (
                "The Night-Train, 1962!",
                &["the", "night", "train", "1962"][..],
            ),
            ("ca\u{AD}fe\u{301}s", &["cafes"]),
            ("读中文书 now", &["读中", "中文", "文书", "书", "now"]),
            ("abc中", &["abc", "中"]),
            ("한국어를", &["한국", "국어", "어를", "를"]),
            ("💊 -- \u{301} \u{0}", &[]),
        ] {
            assert_eq!(index_terms(text), terms, "{text}");
        }
    }
}
