//! Splits a text into words in a comparable form, for filters and the learning spam filter.

use super::text::is_invisible;
use caseless::Caseless;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Returns the words of a text in their order: runs of letters and digits, without regard to case (Unicode, "default
/// caseless matching") and compatibility forms (NFKC). Invisible characters do not divide a word.
///
/// In scripts without blanks between words, each character is a word.
pub(crate) fn words(text: &str) -> Vec<String> {
    if text.is_ascii() {
        // Such a text is in NFKC, and folding its case is simple.
        return words_of(text.chars().map(|c| c.to_ascii_lowercase()));
    }
    words_of(text.chars().nfkc().default_case_fold().nfkc())
}

/// Divides characters into words.
fn words_of(folded: impl Iterator<Item = char>) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in folded {
        if is_invisible(c) {
            continue;
        }
        let is_part =
            c.is_alphanumeric() || (!c.is_ascii() && !word.is_empty() && is_combining_mark(c));
        if !is_part || stands_alone(c) {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if is_part && stands_alone(c) {
            words.push(c.to_string());
        } else if is_part {
            word.push(c);
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// Returns whether a character belongs to a script without blanks between words: Thai, Lao, Myanmar, Khmer, kana, and
/// Chinese characters.
pub(super) fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_compared_without_regard_to_case_and_form() {
        assert_eq!(
            words("Buy CHEAP-Pills, now!"),
            ["buy", "cheap", "pills", "now"]
        );
        assert_eq!(words("Straße STRASSE"), ["strasse", "strasse"]);
        assert_eq!(words("ΣΊΣΥΦΟΣ Σίσυφος")[0], words("Σίσυφος")[0]);
        assert_eq!(words("ＦＲＥＥ ﬁne 𝓯𝓻𝓮𝓮"), ["free", "fine", "free"]);
        assert_eq!(words("e\u{301}t\u{e9}"), ["\u{e9}t\u{e9}"]);
        assert_eq!(words(""), [""; 0]);
        assert_eq!(words("💊 -- \u{301}"), [""; 0]);
    }

    #[test]
    fn invisible_characters_do_not_divide_a_word() {
        assert_eq!(words("ca\u{200B}si\u{AD}no"), ["casino"]);
    }

    #[test]
    fn without_blanks_each_character_is_a_word() {
        assert_eq!(words("在线赌博 now"), ["在", "线", "赌", "博", "now"]);
        assert_eq!(words("abc赌def"), ["abc", "赌", "def"]);
    }
}
