//! The form in which words are compared: without case, accents and compatibility forms.

use crate::content::text::is_invisible;
use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// The maximum length of an indexed word, in characters.
const MAX_WORD: usize = 40;

/// Returns the form in which a word is indexed: "Café" and "cafe", "Straße" and "strasse", "الكُتُب" and "كتب" are the
/// same.
pub(super) fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word
            .chars()
            .take(MAX_WORD)
            .collect::<String>()
            .to_ascii_lowercase();
    }
    let folded: String = word
        .chars()
        .nfkd()
        .filter(|c| !is_accent(*c) && !is_invisible(*c))
        .default_case_fold()
        .filter_map(plain_letter)
        .nfc()
        .take(MAX_WORD)
        .collect();
    without_article(&folded).to_owned()
}

/// Returns whether a character is an accent or a vowel point that readers leave out. The vowel signs of Indic scripts
/// and of Thai are not.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}'
        | '\u{6D6}'..='\u{6ED}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{FE20}'..='\u{FE2F}')
}

/// Replaces letters that have no decomposition by those that readers type for them, and removes the Arabic tatweel.
fn plain_letter(c: char) -> Option<char> {
    Some(match c {
        'ł' => 'l',
        'ø' => 'o',
        'đ' | 'ð' => 'd',
        'ħ' => 'h',
        'ı' => 'i',
        'ى' | 'ی' => 'ي',
        'ک' => 'ك',
        'ة' => 'ه',
        'ٱ' => 'ا',
        'ـ' => return None,
        other => other,
    })
}

/// Removes the Arabic article, alone or after a conjunction or preposition of one letter, from a word of at least
/// three more letters.
fn without_article(word: &str) -> &str {
    ["ال", "وال", "بال", "فال", "كال", "لل"]
        .iter()
        .filter_map(|article| word.strip_prefix(article))
        .find(|rest| rest.chars().nth(2).is_some())
        .unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn words_that_readers_take_for_the_same_are_the_same() {
        for (one, other) in [
            ("CAFÉ", "cafe"),
            ("Straße", "STRASSE"),
            ("Łódź", "lodz"),
            ("Ελλάδα", "ελλαδα"),
            ("Ёлка", "елка"),
            ("الكُتُب", "كتب"),
            ("أحمد", "احمد"),
            ("מִלָּה", "מלה"),
            ("ﬁne", "fine"),
            ("が", "か\u{3099}"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
        assert_eq!(fold("हिन्दी"), "हिन्दी");
        assert_ne!(fold("เก่า"), fold("เกา"));
        assert_eq!(fold("한국어"), "한국어");
    }
}
