//! Recognizes names in one running text.

use super::{Name, WIDE_HASH};
use crate::content::hashtag;
use std::ops::Range;
use unicode_normalization::char::is_combining_mark;

/// The names in one text with their places, in order.
pub(super) fn names_in(text: &str) -> Vec<(Range<usize>, Name)> {
    let mut names = Vec::new();
    let mut before = None;
    let mut end = 0;
    for (start, c) in text.char_indices() {
        let is_begin = before.is_none_or(|b| !leads_on(b));
        let after_bracket = before == Some(')');
        before = Some(c);
        if start < end || !is_begin {
            continue;
        }
        let rest = &text[start + c.len_utf8()..];
        let found = match c {
            '@' => mention_at(rest),
            // `Array(x)#size` is a position in a document, not a topic.
            '#' | WIDE_HASH if !after_bracket => hashtag_at(rest),
            _ => None,
        };
        if let Some((length, name)) = found {
            end = start + c.len_utf8() + length;
            names.push((start..end, name));
        }
    }
    names
}

/// Returns whether a word or an address continues after a character, so that no name begins there.
fn leads_on(before: char) -> bool {
    before.is_alphanumeric()
        || is_combining_mark(before)
        || "_/=@#&＃\u{200C}\u{200D}".contains(before)
}

fn length_of(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

fn mention_at(text: &str) -> Option<(usize, Name)> {
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
        Some((length, Name::Mention(handle)))
    })
}

fn hashtag_at(text: &str) -> Option<(usize, Name)> {
    let tag = hashtag::parse_prefix(text)?;
    Some((tag.len(), Name::Hashtag(tag.to_owned())))
}
