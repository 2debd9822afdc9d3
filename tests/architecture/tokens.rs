//! Splits Rust source into words and signs, which is enough to read `use` lines and paths.

/// A word (keyword or name), or a sign: `::` or a single character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    pub(crate) line: usize,
}

impl Token<'_> {
    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(is_word_character)
    }
}

fn is_word_character(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// Returns the tokens of a file, without comments, literals, lifetimes, and items for tests alone.
pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    without_test_items(&all_tokens(source))
}

fn all_tokens(source: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let (length, is_token) = match skipped(rest) {
            Some(length) => (length, false),
            None if is_word_character(first) => (word_length(rest), true),
            None if rest.starts_with("::") => (2, true),
            None => (first.len_utf8(), !first.is_whitespace()),
        };
        let (text, behind) = rest.split_at(length);
        if is_token {
            found.push(Token { text, line });
        }
        line += text.matches('\n').count();
        rest = behind;
    }
    found
}

fn word_length(text: &str) -> usize {
    text.find(|character| !is_word_character(character))
        .unwrap_or(text.len())
}

/// Returns the length of the comment, the literal or the lifetime at the beginning of `text`, if there is one.
fn skipped(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(block_comment_length(text));
    }
    let prefix = ["br", "cr", "r", "b", "c"]
        .into_iter()
        .find(|prefix| {
            text.strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with(['"', '#', '\'']))
        })
        .unwrap_or_default();
    let literal = &text[prefix.len()..];
    let hashes = literal.len() - literal.trim_start_matches('#').len();
    if prefix.ends_with('r') && literal[hashes..].starts_with('"') {
        let end = format!("\"{}", "#".repeat(hashes));
        let start = prefix.len() + hashes + 1;
        let found = text[start..].find(&end).expect("a raw string ends");
        return Some(start + found + end.len());
    }
    match literal.chars().next()? {
        '"' => Some(prefix.len() + quoted_length(literal, '"')),
        '\'' if is_character(literal) => Some(prefix.len() + quoted_length(literal, '\'')),
        '\'' => Some(prefix.len() + 1 + word_length(&literal[1..])),
        _ => None,
    }
}

/// Returns whether `'` begins a character, as in `'a'` and `'\n'`, and not a lifetime.
fn is_character(text: &str) -> bool {
    let mut characters = text.chars().skip(1);
    characters.next() == Some('\\') || characters.next() == Some('\'')
}

fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return index + 1,
            _ => {}
        }
    }
    panic!("this literal has no end: {}", &text[..text.len().min(40)]);
}

fn block_comment_length(text: &str) -> usize {
    let mut depth = 0;
    let mut index = 0;
    loop {
        if text[index..].starts_with("/*") {
            (depth, index) = (depth + 1, index + 2);
        } else if text[index..].starts_with("*/") {
            (depth, index) = (depth - 1, index + 2);
            if depth == 0 {
                return index;
            }
        } else {
            index += text[index..].chars().next().map_or(1, char::len_utf8);
        }
    }
}

const TEST_ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];

fn without_test_items<'a>(all: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut kept = Vec::new();
    let mut index = 0;
    while index < all.len() {
        let texts = all[index..].iter().map(|token| token.text);
        if texts.take(TEST_ATTRIBUTE.len()).eq(TEST_ATTRIBUTE) {
            index = item_end(all, index + TEST_ATTRIBUTE.len());
        } else {
            kept.push(all[index]);
            index += 1;
        }
    }
    kept
}

/// Returns the index behind the item that begins at `index`: behind its `;` or its block.
fn item_end(all: &[Token<'_>], mut index: usize) -> usize {
    let is_use = all[index].text == "use";
    let mut depth = 0_i32;
    while index < all.len() {
        match all[index].text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth -= 1,
            "}" => {
                depth -= 1;
                if depth == 0 && !is_use {
                    return index + 1;
                }
            }
            ";" if depth == 0 => return index + 1,
            _ => {}
        }
        index += 1;
    }
    index
}

#[test]
fn comments_literals_and_lifetimes_are_no_tokens() {
    let source = r##"
        // use crate::a;
        /* use /* nested */ crate::b; */
        fn f<'a>(x: &'a str, c: char) { g("use crate::c; \" \\", 'x', '\'', b"z", r#"crate::d " "#, b'\\') }
    "##;
    let found: Vec<&str> = tokens(source).iter().map(|token| token.text).collect();
    let expected = "fn f < > ( x : & str , c : char ) { g ( , , , , , ) }";
    assert_eq!(found.join(" "), expected);
}

#[test]
fn tokens_know_their_lines() {
    let found = tokens("//! A file.\n\nuse crate::{\n    a,\n    b,\n};\n");
    let line_of = |text| found.iter().find(|token| token.text == text).unwrap().line;
    assert_eq!([line_of("use"), line_of("a"), line_of("b")], [3, 4, 5]);
}

#[test]
fn items_for_tests_are_left_out() {
    let source = "#[cfg(test)] use a::{b, c}; #[cfg(test)] #[allow(x)] mod t { fn f() { {} } } \
                  #[cfg(test)] mod tests; #[cfg(test)] fn g() -> [u8; 2] { [0; 2] } struct Kept;";
    let found: Vec<&str> = tokens(source).iter().map(|token| token.text).collect();
    assert_eq!(found, ["struct", "Kept", ";"]);
}
