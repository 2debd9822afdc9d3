//! Cleans remote plain text (names, summaries, tags), and truncates texts.

use super::words::stands_alone;
use std::borrow::Cow;
use unicode_normalization::char::is_combining_mark;

/// The maximum number of combining marks on one base character. Living scripts need at most four or five.
const MAX_MARKS: u8 = 8;

/// Filters the characters of a remote text.
///
/// It drops control characters except tab and line feed; bidirectional embeddings, overrides and isolates (UAX #9), which
/// would reorder the text around them; all but the first of a run of invisible characters; and the combining marks after
/// the first [`MAX_MARKS`] on one base character.
#[derive(Debug, Default)]
pub(super) struct Filter {
    marks: u8,
    after_invisible: bool,
}

impl Filter {
    /// Returns whether the next character is kept.
    pub(super) fn keeps(&mut self, c: char) -> bool {
        if is_bidi_control(c) || is_stray_control(c) {
            return false;
        }
        if is_invisible(c) {
            return !std::mem::replace(&mut self.after_invisible, true);
        }
        if !c.is_ascii() && is_combining_mark(c) {
            self.marks = self.marks.saturating_add(1);
            return self.marks <= MAX_MARKS;
        }
        self.marks = 0;
        self.after_invisible = false;
        true
    }

    /// Filters the next part of a text.
    pub(super) fn clean(&mut self, text: &str) -> String {
        text.chars().filter(|&c| self.keeps(c)).collect()
    }
}

/// Returns whether a character is an explicit embedding, override or isolate, or a terminator of one.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn is_stray_control(c: char) -> bool {
    c == '\r' || is_forbidden(c)
}

/// Returns whether a character is forbidden in all our documents: controls except tab and line ends, most of which XML 1.0
/// forbids, and noncharacters (U+FFFE, U+FFFF and the like), which are errors in HTML.
fn is_forbidden(c: char) -> bool {
    let is_noncharacter = matches!(c, '\u{FDD0}'..='\u{FDEF}') || u32::from(c) & 0xFFFE == 0xFFFE;
    is_noncharacter || (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
}

/// Removes forbidden characters from plain text, XML or HTML.
pub(crate) fn without_controls(text: &str) -> Cow<'_, str> {
    if text.contains(is_forbidden) {
        text.chars().filter(|&c| !is_forbidden(c)).collect()
    } else {
        text.into()
    }
}

/// Removes forbidden characters from JSON, in which they may be escaped: `\u000b`, `\f`.
pub(crate) fn json_without_controls(json: &str) -> Cow<'_, str> {
    if !json.contains(is_forbidden) && !json.contains('\\') {
        return json.into();
    }
    let mut clean = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(start) = rest.find('\\') {
        clean.push_str(&without_controls(&rest[..start]));
        rest = &rest[start..];
        let length = length_of_escape(rest);
        if !is_escaped_control(&rest[..length]) {
            clean.push_str(&rest[..length]);
        }
        rest = &rest[length..];
    }
    clean.push_str(&without_controls(rest));
    clean.into()
}

/// Returns the length of the escape sequence at the beginning of `text`.
fn length_of_escape(text: &str) -> usize {
    let length = if text[1..].starts_with('u') { 6 } else { 2 };
    text.char_indices()
        .nth(length)
        .map_or(text.len(), |(index, _)| index)
}

fn is_escaped_control(escape: &str) -> bool {
    match escape.strip_prefix("\\u") {
        Some(digits) => u32::from_str_radix(digits, 16)
            .ok()
            .filter(|_| digits.len() == 4)
            .and_then(char::from_u32)
            .is_some_and(is_forbidden),
        None => matches!(escape, "\\b" | "\\f"),
    }
}

/// Returns whether a character has no width. A single one has its uses (emoji sequences, Persian, Khmer), a run has none.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}'
        | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}')
}

/// Returns whether a text has nothing visible: only blanks, invisible and control characters, and marks without a base.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || c.is_control()
            || is_invisible(c)
            || is_bidi_control(c)
            || is_combining_mark(c)
            // The empty braille pattern, and tags (variation selectors are marks).
            || matches!(c, '\u{2800}' | '\u{E0000}'..='\u{E0FFF}')
    })
}

/// Cleans one line of text, such as a display name, a summary or a tag: at most `max` characters, without control
/// characters, line breaks, bidirectional controls, runs of invisible characters and excessive combining marks. Blanks are
/// collapsed and trimmed. The result can be empty.
pub(crate) fn clean_line(text: &str, max: usize) -> String {
    let mut filter = Filter::default();
    let mut clean = String::new();
    let mut length = 0;
    let mut blank_due = false;
    for c in text.chars() {
        if length >= max {
            break;
        }
        if c.is_whitespace() {
            blank_due = length > 0;
        } else if filter.keeps(c) && !(length == 0 && is_invisible(c)) {
            if blank_due && length + 2 <= max {
                clean.push(' ');
                length += 1;
            } else if blank_due {
                break;
            }
            blank_due = false;
            clean.push(c);
            length += 1;
        }
    }
    clean.truncate(clean.trim_end_matches(is_invisible).trim_end().len());
    clean
}

/// Cleans a text of several lines: all line ends become line feeds; control characters, bidirectional controls, runs of
/// invisible characters and excessive combining marks are removed. The result is trimmed.
pub(crate) fn clean_text(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut filter = Filter::default();
    let clean = filter.clean(&text);
    clean.trim().to_owned()
}

/// Truncates a text of more than `max` characters between words, with "…" as the last of at most `max` characters. In a
/// script without blanks between words, the cut may be between any two characters. Otherwise only a word longer than the
/// limit is cut. A mark is never cut from its letter.
pub(crate) fn truncate_at_word(text: &str, max: usize) -> String {
    let Some((limit, _)) = text.char_indices().nth(max.saturating_sub(1)) else {
        return text.to_owned();
    };
    if text[limit..].chars().nth(1).is_none() {
        return text.to_owned();
    }
    let positions = || {
        let earlier = text[..limit].char_indices().rev().map(|(index, _)| index);
        [limit]
            .into_iter()
            .chain(earlier.filter(|&index| index > 0))
    };
    let end = positions()
        .find(|&position| is_between_words(text, position))
        .or_else(|| positions().find(|&position| !joins(text, position)))
        .unwrap_or(limit);
    let is_loose =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '、' | '，' | '；' | '：');
    format!("{}…", text[..end].trim_end_matches(is_loose))
}

/// Returns whether a word ends at `position`.
fn is_between_words(text: &str, position: usize) -> bool {
    let (before, after) = (
        text[..position].chars().next_back(),
        text[position..].chars().next(),
    );
    match (before, after) {
        (_, Some(after)) if after.is_whitespace() => true,
        (Some(before), Some(after)) => {
            let is_open = stands_alone(before) || is_wide_stop(before);
            is_open && !is_wide_stop(after) && !joins(text, position)
        }
        _ => false,
    }
}

/// Returns whether a character is Chinese or Japanese punctuation that may not begin a line.
fn is_wide_stop(c: char) -> bool {
    matches!(
        c,
        '\u{3001}'
            | '\u{3002}'
            | '\u{300D}'
            | '\u{300F}'
            | '\u{30FC}'
            | '！'
            | '）'
            | '，'
            | '：'
            | '；'
            | '？'
    )
}

/// Returns whether the characters on both sides of `position` form one grapheme.
fn joins(text: &str, position: usize) -> bool {
    let (before, after) = (
        text[..position].chars().next_back(),
        text[position..].chars().next(),
    );
    after.is_some_and(|c| {
        is_combining_mark(c)
            || is_invisible(c)
            || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}')
    }) || before == Some('\u{200D}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_without_control_characters() {
        assert_eq!(
            clean_line("  Ann\r\nX-Evil: 1\t\u{0}\u{7f}\u{85}b  ", 100),
            "Ann X-Evil: 1 b"
        );
        assert_eq!(clean_line("a\u{2028}b\u{2029}c", 100), "a b c");
    }

    #[test]
    fn bidi_controls_and_runs_of_invisible_characters_go() {
        assert_eq!(clean_line("\u{202E}abc\u{2066}d\u{2069}", 100), "abcd");
        assert_eq!(
            clean_line("a\u{200B}\u{200B}\u{FEFF}\u{200D}b", 100),
            "a\u{200B}b"
        );
        assert_eq!(clean_line("\u{200B}\u{2060} \u{3164}", 100), "");
        assert_eq!(clean_line("👩\u{200D}💻", 100), "👩\u{200D}💻");
    }

    #[test]
    fn invisible_characters_cannot_hide_behind_blanks_or_marks() {
        let name = clean_line(&"\u{200B}\u{300}".repeat(500), 1000);
        assert!(name.chars().count() <= 9, "{name:?}");
    }

    #[test]
    fn combining_marks_are_capped_on_each_base() {
        let zalgo = format!("a{}b{}", "\u{301}".repeat(1000), "\u{302}".repeat(3));
        assert_eq!(
            clean_line(&zalgo, 5000),
            format!("a{}b{}", "\u{301}".repeat(8), "\u{302}".repeat(3))
        );
    }

    #[test]
    fn a_name_is_cut_at_its_limit() {
        assert_eq!(clean_line(&"é".repeat(50), 10), "é".repeat(10));
        assert_eq!(clean_line("ab cd", 3), "ab");
        assert_eq!(clean_line("ab cd", 4), "ab c");
        assert_eq!(clean_line("abc", 0), "");
    }

    #[test]
    fn a_text_keeps_its_lines_and_loses_what_reorders_it() {
        assert_eq!(
            clean_text("\r\n a\r\n\tb\rc\u{0}\u{202E}d\u{200B}\u{200B} \n"),
            "a\n\tb\ncd\u{200B}"
        );
        assert_eq!(clean_text(" \n\u{7}"), "");
    }

    #[test]
    fn a_cut_falls_between_words() {
        assert_eq!(truncate_at_word("one two three", 13), "one two three");
        assert_eq!(truncate_at_word("one two, three", 12), "one two…");
        assert_eq!(truncate_at_word("one two three", 8), "one two…");
        assert_eq!(truncate_at_word(&"x".repeat(20), 5), "xxxx…");
        assert_eq!(truncate_at_word("", 5), "");
        assert_eq!(truncate_at_word("one twothree", 6), "one…");
        assert_eq!(truncate_at_word("one   two", 6), "one…");
    }

    #[test]
    fn a_cut_in_a_script_without_blanks_keeps_characters_whole() {
        assert_eq!(truncate_at_word("AI による翻訳の話です", 8), "AI による翻…");
        assert_eq!(truncate_at_word("これは長い、文です", 7), "これは長い…");
        assert_eq!(
            truncate_at_word("e\u{301}".repeat(9).as_str(), 6),
            "e\u{301}e\u{301}…"
        );
        assert_eq!(
            truncate_at_word("👩\u{200D}💻👩\u{200D}💻", 5),
            "👩\u{200D}💻…"
        );
    }

    #[test]
    fn forbidden_characters_are_removed_from_text_and_json() {
        let text = "a\u{0}\u{b}\u{c}\u{1b}\u{7f}\u{85}\u{FFFE}\u{FFFF}\u{FDD0}\u{1FFFE}b\t\r\n";
        assert_eq!(without_controls(text), "ab\t\r\n");
        assert!(matches!(without_controls("plain é 💻"), Cow::Borrowed(_)));
        let json =
            serde_json::to_string(&serde_json::json!({ text: [text, "\\u000b \\b \"\u{8}"] }))
                .unwrap();
        let clean: serde_json::Value = serde_json::from_str(&json_without_controls(&json)).unwrap();
        assert_eq!(
            clean,
            serde_json::json!({ "ab\t\r\n": ["ab\t\r\n", "\\u000b \\b \""] })
        );
        for broken in ["\\", "\\u", "\\u00", "\\u00é"] {
            assert_eq!(json_without_controls(broken), broken);
        }
    }
}
