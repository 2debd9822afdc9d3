//! Recognizes and compares hashtags.

use super::text;
use caseless::Caseless;
use regex::Regex;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// The maximum length of a hashtag, in characters.
const MAX_LENGTH: usize = 100;

/// Matches a word of letters, marks, digits and `_` that does not begin with a mark. It may contain the Catalan
/// middle dot, the Japanese middle dot, and the joiners of Persian and Sinhala spelling.
static WORD: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^[\p{L}\p{Nd}_][\p{L}\p{M}\p{Nd}_]*(?:[\x{B7}\x{30FB}\x{200C}\x{200D}]+[\p{L}\p{M}\p{Nd}_]+)*";
    Regex::new(pattern).expect("the pattern is valid")
});

/// Returns the form in which tags are compared and which the URL of a tag's page has: without regard to case (Unicode,
/// "default caseless matching") and compatibility forms (NFKC), without `#` and invisible characters.
pub(crate) fn key(tag: &str) -> String {
    text::without_controls(tag)
        .trim()
        .trim_start_matches('#')
        .chars()
        .nfkc()
        .default_case_fold()
        .nfkc()
        .collect()
}

/// Returns a tag as articles have it: in one line, without `#` and invisible characters.
pub(crate) fn spelled(tag: &str) -> String {
    let tag = text::without_controls(tag);
    let words = tag.trim().trim_start_matches('#').split_whitespace();
    words.collect::<Vec<_>>().join(" ")
}

/// Returns the hashtag for an article's tag: the tag without `#` and blanks. Returns `None` if other servers would
/// recognize only a part of it (`C++`) or nothing (`2026`).
pub(crate) fn from_tag(tag: &str) -> Option<String> {
    let tag = text::without_controls(tag);
    let joined: String = tag
        .trim()
        .trim_start_matches('#')
        .split_whitespace()
        .collect();
    (word_at(&joined)? == joined).then_some(joined)
}

/// Returns the hashtag at the beginning of `rest`, the text after a `#`. The beginning of a longer name (`#comment-5`,
/// `#node.js`, `#C++`) is not a hashtag, and neither is a color (`#fff`).
pub(crate) fn parse_prefix(rest: &str) -> Option<&str> {
    let tag = word_at(rest)?;
    (!continues_name(&rest[tag.len()..]) && !is_color(tag)).then_some(tag)
}

/// Returns the word at the beginning of `text`, if it contains a letter.
fn word_at(text: &str) -> Option<&str> {
    let word = WORD.find(text)?.as_str();
    let has_letter = word.contains(char::is_alphabetic);
    (has_letter && word.chars().nth(MAX_LENGTH).is_none()).then_some(word)
}

/// Returns whether `after` continues the name of which a possible hashtag is the beginning.
fn continues_name(after: &str) -> bool {
    let mut characters = after.chars();
    let (first, second) = (characters.next(), characters.next());
    let is_word = second.is_some_and(|c| c.is_alphanumeric() || c == '_');
    match first {
        Some('+' | '=' | '%' | '&' | '$' | '@' | '\\') => true,
        Some('-' | '.' | ':' | '/' | '~') => is_word,
        // In `#one#two`, `#one` is a hashtag. `#C#` is a language.
        Some('#') => !is_word,
        // Numeric characters that are not digits.
        Some(c) => c.is_alphanumeric(),
        None => false,
    }
}

/// Returns whether a word is a CSS color: 3, 4, 6 or 8 hexadecimal digits. Some words look like colors: one with a single
/// capital is not a color, and `#cafe` and `#deadbeef` are more likely words.
fn is_color(word: &str) -> bool {
    let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    let is_one_case = word == word.to_ascii_lowercase() || word == word.to_ascii_uppercase();
    let is_one_letter = word.bytes().all(|byte| byte == word.as_bytes()[0]);
    is_hex
        && match word.len() {
            3 | 6 => has_digit || is_one_case,
            4 | 8 => has_digit || is_one_letter,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_are_whole_words_in_every_script() {
        for tag in [
            "Books",
            "été_2026",
            "2nd",
            "2026年",
            "हिन्दी",
            "தமிழ்",
            "ไทยแลนด์",
            "한국어",
            "עִבְרִית",
            "العَرَبِيَّة",
            "می\u{200C}خواهم",
            "col·laborar",
            "スター・ウォーズ",
            "U\u{308}bung",
            "ශ්\u{200D}රී",
            "_private",
            "ქართული",
        ] {
            assert_eq!(parse_prefix(tag), Some(tag), "{tag}");
            for after in [
                "", " next", ".", ", ", "!", ")", "…", "’s", "- x", "·", "・ ", "\u{200C}", "/#x",
                "。",
            ] {
                assert_eq!(
                    parse_prefix(&format!("{tag}{after}")),
                    Some(tag),
                    "{tag}{after}"
                );
            }
        }
        assert_eq!(parse_prefix("one#two"), Some("one"));
        assert_eq!(parse_prefix("日本語、です"), Some("日本語"));
    }

    #[test]
    fn similar_texts_are_not_hashtags() {
        for text in [
            "",
            "123",
            "1_2",
            "_",
            "fff",
            "FFF",
            "abc",
            "1e90ff",
            "ABCDEF",
            "ffff",
            "ffffff80",
            "f0f8",
            "comment-5",
            "node.js",
            "C++",
            "C#",
            "L10-L20",
            "page=2",
            "section/2",
            "a:b",
            "R&D",
            "50%",
            "!x",
            " x",
            "-x",
            "\u{301}x",
            "\u{FE0F}\u{20E3}",
            "CO₂",
            "🏳\u{FE0F}",
        ] {
            assert_eq!(parse_prefix(text), None, "{text}");
        }
        assert_eq!(parse_prefix(&"x".repeat(101)), None);
    }

    #[test]
    fn words_of_the_letters_a_to_f_are_hashtags_if_colors_are_less_likely() {
        for tag in ["cafe", "Decade", "deadbeef", "Bad", "added"] {
            assert_eq!(parse_prefix(tag), Some(tag), "{tag}");
        }
    }

    #[test]
    fn tags_are_compared_without_regard_to_case_and_form() {
        for (one, other) in [
            ("Русский", "русский"),
            ("STRASSE", "Straße"),
            ("Ｂｏｏｋｓ", "books"),
            ("e\u{301}te\u{301}", "ÉTÉ"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ﬁction", "Fiction"),
            ("#Books ", "books"),
            ("Bo\u{b}oks", "books"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        assert_ne!(key("हिन्दी"), key("हिन"));
        assert_eq!(key("Mexico City"), "mexico city");
    }

    #[test]
    fn a_tag_becomes_a_hashtag_only_as_a_whole() {
        for (tag, hashtag) in [
            ("Books", Some("Books")),
            ("Long Reads", Some("LongReads")),
            ("#Books", Some("Books")),
            ("fff", Some("fff")),
            ("हिन्दी", Some("हिन्दी")),
            ("C++", None),
            ("C#", None),
            ("a/b", None),
            (".NET", None),
            ("R&D", None),
            ("sci-fi", None),
            ("2026", None),
            ("!", None),
            ("", None),
        ] {
            assert_eq!(from_tag(tag).as_deref(), hashtag, "{tag}");
        }
    }
}
