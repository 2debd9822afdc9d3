//! Plain text from elsewhere, made harmless: names, summaries and tags of remote origin.

use unicode_normalization::char::is_combining_mark;

/// Combining marks kept on one base character. Living scripts need at most four or five.
const MAX_MARKS: u8 = 8;

/// Decides, character by character, what of a remote text may be shown.
///
/// It drops control characters (but tab and line feed), bidirectional embeddings, overrides and
/// isolates (UAX #9), which would reorder the text around them, all but the first of a run of
/// invisible characters, and the combining marks beyond [`MAX_MARKS`] on one base character.
#[derive(Debug, Default)]
pub(super) struct Filter {
    marks: u8,
    after_invisible: bool,
}

impl Filter {
    /// Whether `c`, standing after all the characters asked about before, may be kept.
    pub(super) fn keeps(&mut self, c: char) -> bool {
        if is_bidi_control(c) || is_stray_control(c) {
            return false;
        }
        if is_invisible(c) {
            return !std::mem::replace(&mut self.after_invisible, true);
        }
        if is_combining_mark(c) {
            self.marks = self.marks.saturating_add(1);
            return self.marks <= MAX_MARKS;
        }
        self.marks = 0;
        self.after_invisible = false;
        true
    }

    /// What of `text` may be kept, after all that was asked about before.
    pub(super) fn clean(&mut self, text: &str) -> String {
        text.chars().filter(|&c| self.keeps(c)).collect()
    }
}

/// Explicit embeddings, overrides and isolates with their terminators.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn is_stray_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n')
}

/// Characters of no width. One alone has its uses (emoji sequences, Persian, Khmer); a run has none.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}'
        | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}')
}

/// Whether a text shows nothing: blanks, invisible and control characters, and marks without a base are all of it.
pub fn is_blank(text: &str) -> bool {
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

/// One line of text for a display name, a summary or a tag: at most `max` characters, without
/// control characters, line breaks, bidirectional controls, runs of invisible characters and
/// heaps of combining marks. Blanks are collapsed and trimmed. The result can be empty.
pub fn clean_name(text: &str, max: usize) -> String {
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

/// A text of several lines as somebody typed it, with line feeds alone as line ends, without control
/// characters, bidirectional controls, runs of invisible characters and heaps of combining marks; trimmed.
pub fn clean_text(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut filter = Filter::default();
    let clean = filter.clean(&text);
    clean.trim().to_owned()
}

/// `text` as it is, if it has at most `max` characters; else its beginning, cut between words
/// where that is possible, with "…" as the last of at most `max` characters.
pub fn cut_at_word(text: &str, max: usize) -> String {
    let Some((limit, _)) = text.char_indices().nth(max.saturating_sub(1)) else {
        return text.to_owned();
    };
    if text[limit..].chars().nth(1).is_none() {
        return text.to_owned();
    }
    let ends_before = |(at, next): &(usize, char)| {
        let before = text[..*at].chars().next_back();
        *at > 0 && before.is_some_and(|before| ends_word(before, *next))
    };
    let places = text.char_indices().take_while(|(at, _)| *at <= limit);
    let end = places.filter(ends_before).last();
    let end = end.map_or_else(|| whole_signs(text, limit), |(at, _)| at);
    let word =
        text[..end].trim_end_matches(|c: char| c.is_whitespace() || ",;:、，；：".contains(c));
    format!("{word}…")
}

/// Whether a word ends between two characters. Scripts without blanks may be cut anywhere but before what
/// belongs to the character before it.
fn ends_word(before: char, next: char) -> bool {
    let belongs = is_combining_mark(next)
        || is_invisible(next)
        || "、。，．・：；？！ー」』）】〉》々".contains(next);
    (next.is_whitespace() && !before.is_whitespace()) || (is_unspaced(before) && !belongs)
}

/// Characters of scripts that put no blanks between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{A4CF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

/// The last place up to `limit` that does not part a character from its marks.
fn whole_signs(text: &str, limit: usize) -> usize {
    let belongs = |c: char| is_combining_mark(c) || is_invisible(c);
    let is_whole = |at: usize| {
        let (before, after) = text.split_at(at);
        !after.starts_with(belongs) && !before.ends_with('\u{200D}')
    };
    let places = text[..limit].char_indices().map(|(at, _)| at).skip(1);
    let places = places.chain([limit]).filter(|at| is_whole(*at));
    places.last().unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_without_control_characters() {
        assert_eq!(
            clean_name("  Ann\r\nX-Evil: 1\t\u{0}\u{7f}\u{85}b  ", 100),
            "Ann X-Evil: 1 b"
        );
        assert_eq!(clean_name("a\u{2028}b\u{2029}c", 100), "a b c");
    }

    #[test]
    fn bidi_controls_and_runs_of_invisible_characters_go() {
        assert_eq!(clean_name("\u{202E}abc\u{2066}d\u{2069}", 100), "abcd");
        assert_eq!(
            clean_name("a\u{200B}\u{200B}\u{FEFF}\u{200D}b", 100),
            "a\u{200B}b"
        );
        assert_eq!(clean_name("\u{200B}\u{2060} \u{3164}", 100), "");
        assert_eq!(clean_name("👩\u{200D}💻", 100), "👩\u{200D}💻");
    }

    #[test]
    fn invisible_characters_cannot_hide_behind_blanks_or_marks() {
        let name = clean_name(&"\u{200B}\u{300}".repeat(500), 1000);
        assert!(name.chars().count() <= 9, "{name:?}");
    }

    #[test]
    fn combining_marks_are_capped_on_each_base() {
        let zalgo = format!("a{}b{}", "\u{301}".repeat(1000), "\u{302}".repeat(3));
        assert_eq!(
            clean_name(&zalgo, 5000),
            format!("a{}b{}", "\u{301}".repeat(8), "\u{302}".repeat(3))
        );
    }

    #[test]
    fn a_name_is_cut_at_its_limit() {
        assert_eq!(clean_name(&"é".repeat(50), 10), "é".repeat(10));
        assert_eq!(clean_name("ab cd", 3), "ab");
        assert_eq!(clean_name("ab cd", 4), "ab c");
        assert_eq!(clean_name("abc", 0), "");
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
        assert_eq!(cut_at_word("one two three", 13), "one two three");
        assert_eq!(cut_at_word("one two, three", 12), "one two…");
        assert_eq!(cut_at_word("one two three", 8), "one two…");
        assert_eq!(cut_at_word(&"x".repeat(20), 5), "xxxx…");
        assert_eq!(cut_at_word("", 5), "");
        assert_eq!(cut_at_word("one   two", 6), "one…");
    }

    #[test]
    fn a_cut_falls_between_characters_where_words_have_no_blanks() {
        assert_eq!(
            cut_at_word("Pamphlet は連合する出版です。", 14),
            "Pamphlet は連合す…"
        );
        assert_eq!(cut_at_word("一つ、二つ、三つ", 4), "一つ…");
        assert_eq!(cut_at_word("สวัสดีชาวโลก", 6), "สวัส…");
        assert_eq!(cut_at_word("x👩\u{200D}💻x", 4), "x…");
        assert_eq!(cut_at_word("ae\u{301}\u{302}o", 4), "a…");
    }
}
