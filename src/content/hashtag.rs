//! Hashtags: recognizes them in a text, and compares them.

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

/// Returns the form in which tags are compared, which also names a tag's page: without regard to case (Unicode,
/// "default caseless matching") and to compatibility forms (NFKC), without `#` and invisible characters.
pub fn key(tag: &str) -> String {
    text::without_controls(tag)
        .trim()
        .trim_start_matches('#')
        .chars()
        .nfkc()
        .default_case_fold()
        .nfkc()
        .collect()
}

/// Returns the hashtag for an article's tag, without `#`: the tag without its blanks. Returns `None` if other servers
/// would recognize only a part of it (`C++`) or nothing (`2026`).
pub fn from_tag(tag: &str) -> Option<String> {
    let tag = text::without_controls(tag);
    let joined: String = tag
        .trim()
        .trim_start_matches('#')
        .split_whitespace()
        .collect();
    (word_at(&joined)? == joined).then_some(joined)
}

/// Returns the hashtag at the beginning of `rest`, which follows a `#` in a text. The beginning of a longer name
/// (`#comment-5`, `#node.js`, `#C++`) is no hashtag, and neither is a colour (`#fff`).
pub fn parse_prefix(rest: &str) -> Option<&str> {
    let tag = word_at(rest)?;
    (!goes_on(&rest[tag.len()..]) && !is_colour(tag)).then_some(tag)
}

/// Returns the word at the beginning of `text`, if it contains a letter.
fn word_at(text: &str) -> Option<&str> {
    let word = WORD.find(text)?.as_str();
    let has_letter = word.contains(char::is_alphabetic);
    (has_letter && word.chars().nth(MAX_LENGTH).is_none()).then_some(word)
}

/// Returns whether the name continues with `after`, after a possible hashtag.
fn goes_on(after: &str) -> bool {
    let mut characters = after.chars();
    let (first, second) = (characters.next(), characters.next());
    let is_word = second.is_some_and(|c| c.is_alphanumeric() || c == '_');
    match first {
        Some('+' | '=' | '%' | '&' | '$' | '@' | '\\') => true,
        Some('-' | '.' | ':' | '/' | '~') => is_word,
        // In `#one#two` the first is a hashtag; `#C#` is a language.
        Some('#') => !is_word,
        // Numeric characters that are no digits.
        Some(c) => c.is_alphanumeric(),
        None => false,
    }
}

/// Returns whether a word is a CSS colour: 3 or 6 hexadecimal digits, or 4 or 8. Words can look like colours: a word
/// with one capital is none, and `#cafe` and `#deadbeef` are more likely words.
fn is_colour(word: &str) -> bool {
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
                assert_eq!(parse_prefix(&format!("{tag}{after}")), Some(tag), "{tag}{after}");
            }
        }
        assert_eq!(parse_prefix("one#two"), Some("one"));
        assert_eq!(parse_prefix("日本語、です"), Some("日本語"));
    }

    #[test]
    fn what_only_looks_like_a_hashtag_is_none() {
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
    fn words_of_the_letters_a_to_f_are_words_where_colours_are_less_likely() {
        for tag in ["cafe", "Decade", "deadbeef", "Bad", "added"] {
            assert_eq!(parse_prefix(tag), Some(tag), "{tag}");
        }
    }

    #[test]
    fn tags_are_the_same_without_regard_to_case_and_form() {
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
    fn a_tag_that_is_no_whole_hashtag_is_sent_as_none() {
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
