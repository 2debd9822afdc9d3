//! Recognizes mentions and hashtags in one running text.

use super::{Mention, WIDE_HASH};
use crate::content::hashtag;
use std::ops::Range;
use unicode_normalization::char::is_combining_mark;

/// Returns the mentions and hashtags in a text with their positions, in order.
pub(super) fn mentions_in(text: &str) -> Vec<(Range<usize>, Mention)> {
    let mut mentions = Vec::new();
    let mut before = None;
    let mut end = 0;
    for (start, c) in text.char_indices() {
        let is_begin = before.is_none_or(|b| !continues_word(b));
        let after_bracket = before == Some(')');
        before = Some(c);
        if start < end || !is_begin {
            continue;
        }
        let rest = &text[start + c.len_utf8()..];
        let found = match c {
            '@' => mention_at(rest),
            // `Array(x)#size` refers to a part of a document.
            '#' | WIDE_HASH if !after_bracket => hashtag_at(rest),
            _ => None,
        };
        if let Some((length, mention)) = found {
            end = start + c.len_utf8() + length;
            mentions.push((start..end, mention));
        }
    }
    mentions
}

/// Returns whether a character belongs to a word or address, so that no mention or hashtag begins after it.
fn continues_word(before: char) -> bool {
    before.is_alphanumeric()
        || is_combining_mark(before)
        || "_/=@#&＃\u{200C}\u{200D}".contains(before)
}

/// Returns the length of the prefix whose characters fit, in bytes.
fn length_of(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

/// Parses the rest of a mention after its `@`. Returns its length with it.
fn mention_at(text: &str) -> Option<(usize, Mention)> {
    let user = length_of(text, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
    });
    let host_on = text[user..].strip_prefix('@')?;
    let name = length_of(host_on, |c| c.is_alphanumeric() || matches!(c, '.' | '-'));
    let name = host_on[..name].trim_end_matches(['.', '-']).len();
    let port = host_on[name..].strip_prefix(':').map_or(0, |port| {
        let digits = length_of(port, |c| c.is_ascii_digit());
        if digits > 0 { digits + 1 } else { 0 }
    });
    [name + port, name].into_iter().find_map(|host| {
        let length = user + 1 + host;
        let handle = format!("@{}", &text[..length]).parse().ok()?;
        Some((length, Mention::Handle(handle)))
    })
}

/// Parses the rest of a hashtag after its `#`. Returns its length with it.
fn hashtag_at(text: &str) -> Option<(usize, Mention)> {
    let tag = hashtag::parse_prefix(text)?;
    Some((tag.len(), Mention::Hashtag(tag.to_owned())))
}
