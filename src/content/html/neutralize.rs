//! Protects plain text that some servers read as HTML.

use super::tokens::{self, Token};

/// WORD JOINER: invisible, and part of no tag and no character reference.
const JOINER: char = '\u{2060}';
/// The maximum length of a character reference, in bytes.
const MAX_REFERENCE: usize = 40;

/// Inserts a word joiner after each `<` and `&` that would begin a tag, a comment or a character reference, so that an
/// HTML parser yields the same text. Any other text is not changed.
pub(crate) fn neutralize_markup(text: &str) -> String {
    let mut neutralized = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        neutralized.push(c);
        let rest = &text[at..];
        let is_markup = match c {
            '<' => begins_tag(&rest[1..]),
            '&' => begins_reference(rest),
            _ => false,
        };
        if is_markup {
            neutralized.push(JOINER);
        }
    }
    neutralized
}

/// Returns whether a tag or comment begins after a `<` (HTML Standard, 13.2.5.6 and 13.2.5.7).
fn begins_tag(rest: &str) -> bool {
    let mut characters = rest.chars();
    match characters.next() {
        Some('!' | '?') => true,
        Some('/') => characters.next().is_some(),
        first => first.is_some_and(|first| first.is_ascii_alphabetic()),
    }
}

/// Returns whether an HTML parser decodes a character reference at the `&` that begins this text.
fn begins_reference(text: &str) -> bool {
    let end = text[1..].find(['&', '<']).map_or(text.len(), |at| at + 1);
    let reference = &text[..text.floor_char_boundary(end.min(MAX_REFERENCE))];
    let mut read = String::new();
    tokens::read(reference, |token| {
        if let Token::Text(text) = token {
            read.push_str(&text);
        }
    });
    read != reference
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_that_an_html_parser_changes_is_neutralized() {
        for (text, neutralized) in [
            ("The <video> element", "The <\u{2060}video> element"),
            ("&copy; & more", "&\u{2060}copy; & more"),
            (
                "&copy 2026, &#65 &#x41;",
                "&\u{2060}copy 2026, &\u{2060}#65 &\u{2060}#x41;",
            ),
            (
                "</p> <!-- --> <?php <b",
                "<\u{2060}/p> <\u{2060}!-- --> <\u{2060}?php <\u{2060}b",
            ),
            ("&amp;lt; &notit;", "&\u{2060}amp;lt; &\u{2060}notit;"),
            ("&&lt;<i>", "&&\u{2060}lt;<\u{2060}i>"),
            ("Ünï <é> &é;", "Ünï <é> &é;"),
            (
                "AT&T, R&D; a < b, <3, 1<2 && x&y &unknown; &; </",
                "AT&T, R&D; a < b, <3, 1<2 && x&y &unknown; &; </",
            ),
            ("<\u{2060}b> ", "<\u{2060}b> "),
            ("", ""),
        ] {
            assert_eq!(neutralize_markup(text), neutralized, "{text}");
        }
    }

    #[test]
    fn a_neutralized_text_is_parsed_as_it_is() {
        for text in [
            "<b>",
            "a</b>&lt",
            "&#0;&#xD800;<!>",
            "<a href=\"&amp;\">x</a>",
            "&fjlig;&NotEqualTilde;",
        ] {
            let neutralized = neutralize_markup(text);
            let mut read = String::new();
            tokens::read(&neutralized, |token| match token {
                Token::Text(text) => read.push_str(&text),
                _ => panic!("{neutralized} has a tag"),
            });
            assert_eq!(read, neutralized);
        }
    }
}
