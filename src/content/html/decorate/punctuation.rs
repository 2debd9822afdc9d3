//! Typographic punctuation: quotation marks of the text's language, apostrophes, dashes and ellipses.

use super::{ESCAPED, INLINE, pieces, pieces::Piece};

/// The maximum number of tags between a quotation mark and the next character of its line.
const MAX_TAGS: usize = 8;

const NO_BREAK: char = '\u{a0}';
const NARROW_NO_BREAK: char = '\u{202f}';

/// The quotation marks of a language: outer and inner, opening and closing.
struct Quotes {
    outer: (&'static str, &'static str),
    inner: (&'static str, &'static str),
}

const ENGLISH: Quotes = Quotes {
    outer: ("“", "”"),
    inner: ("‘", "’"),
};

/// Returns the quotation marks of a language by its BCP 47 tag, or `None` for a language whose own can't be told from
/// straight ones.
fn quotes_of(language: &str) -> Option<Quotes> {
    let tag = language.to_ascii_lowercase();
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    let (outer, inner) = match primary {
        _ if tag == "de-ch" || tag == "de-li" => (("«", "»"), ("‹", "›")),
        "de" | "cs" | "sk" | "sl" | "is" | "lt" | "et" | "lv" | "bg" | "lb" | "mk" => {
            (("„", "“"), ("‚", "‘"))
        }
        _ if tag == "fr-ch" => (("«", "»"), ("‹", "›")),
        "fr" => (("«\u{a0}", "\u{a0}»"), ("“", "”")),
        // Latin America writes the English ones.
        "es" if matches!(tag.as_str(), "es" | "es-es" | "es-419") || !tag.contains('-') => {
            (("«", "»"), ("“", "”"))
        }
        "ar" | "fa" | "ur" | "ps" | "el" | "hy" | "it" | "ca" | "eu" | "gl" | "az" => {
            (("«", "»"), ("“", "”"))
        }
        "pt" if tag == "pt-pt" => (("«", "»"), ("“", "”")),
        "ru" | "uk" | "be" | "kk" => (("«", "»"), ("„", "“")),
        "nb" | "nn" | "no" => (("«", "»"), ("‘", "’")),
        "pl" | "hr" | "sr" | "bs" | "ro" | "hu" => (("„", "”"), ("«", "»")),
        "sv" | "fi" => (("”", "”"), ("’", "’")),
        "he" | "yi" | "ja" | "zh" | "ko" => return None,
        _ => return Some(ENGLISH),
    };
    Some(Quotes { outer, inner })
}

/// Replaces the straight punctuation of plain text.
pub(crate) fn smart_text(text: &str, language: &str) -> String {
    let mut smart = String::with_capacity(text.len());
    let mut punctuation = Punctuation::of(language);
    let mut rest = text;
    while let Some((start, end)) = address_in(rest) {
        punctuation.write(&rest[..start], &rest[start..], &mut smart);
        smart.push_str(&rest[start..end]);
        punctuation.skip(&rest[start..end]);
        rest = &rest[end..];
    }
    punctuation.write(rest, "", &mut smart);
    smart
}

/// Returns the position of the first address in plain text.
fn address_in(text: &str) -> Option<(usize, usize)> {
    let at = text.find("://")?;
    let before = text[..at].char_indices();
    let start = before.rev().find(|(_, c)| !c.is_ascii_alphanumeric());
    let start = start.map_or(0, |(at, c)| at + c.len_utf8());
    let end = text[at..].find(char::is_whitespace);
    Some((start, end.map_or(text.len(), |end| at + end)))
}

/// The state between the texts of a block.
pub(super) struct Punctuation {
    quotes: Option<Quotes>,
    is_french: bool,
    /// The character before the next text, a blank at the beginning of a block.
    before: char,
    /// Whether an outer or inner quotation is open.
    is_open: bool,
    is_inner_open: bool,
}

impl Punctuation {
    pub(super) fn of(language: &str) -> Self {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        Self {
            quotes: quotes_of(language),
            is_french: primary.eq_ignore_ascii_case("fr"),
            before: ' ',
            is_open: false,
            is_inner_open: false,
        }
    }

    /// Begins a block, in which no quotation is open.
    pub(super) fn start_block(&mut self) {
        self.before = ' ';
        self.is_open = false;
        self.is_inner_open = false;
    }

    /// Notes a text that stays as it is.
    pub(super) fn skip(&mut self, text: &str) {
        self.before = text.chars().next_back().unwrap_or(self.before);
    }

    /// Writes a text of HTML. `rest` is the HTML after it.
    pub(super) fn write(&mut self, text: &str, rest: &str, out: &mut String) {
        let is_french = self.is_french;
        let is_plain =
            |c: char| !(matches!(c, '"' | '\'' | '-' | '.' | ESCAPED) || is_french && c == ' ');
        let mut at = 0;
        while at < text.len() {
            let plain = text[at..].find(|c| !is_plain(c)).unwrap_or(text.len() - at);
            if plain > 0 {
                let plain = &text[at..at + plain];
                out.push_str(plain);
                self.before = last_of(plain);
                at += plain.len();
                continue;
            }
            at += self.mark(&text[at..], text, at, rest, out);
        }
    }

    /// Writes the punctuation mark at the beginning of `here`. Returns the length of what was read.
    fn mark(&mut self, here: &str, text: &str, at: usize, rest: &str, out: &mut String) -> usize {
        let Some(c) = here.chars().next() else {
            return 0;
        };
        let length = here.len() - here.trim_start_matches(c).len();
        let after = here[length..].chars().next();
        if after == Some(ESCAPED) {
            // The last of them was escaped.
            return self.keep(&here[..length], length + ESCAPED.len_utf8(), out);
        }
        let next = || after.unwrap_or_else(|| next_in_line(rest));
        match (c, length) {
            (ESCAPED, _) => length,
            ('.', 3) => self.put("…", length, out),
            ('-', 2 | 3) if !is_option(self.before, next(), &here[length..]) => {
                let dash = if length == 2 { "–" } else { "—" };
                self.put(dash, length, out)
            }
            ('"', 1) => {
                let mark = self.outer(next());
                self.put(mark, length, out)
            }
            ('\'', 1) => {
                let mark = self.inner(next(), &text[at + 1..]);
                self.put(mark, length, out)
            }
            (' ', 1) if self.is_french => {
                let mut following = here[1..].chars();
                let mark = match (following.next(), following.next()) {
                    _ if self.before.is_whitespace() => " ",
                    (_, Some(c)) if c.is_alphanumeric() || c == '(' || c == ')' => " ",
                    (Some(';' | '!' | '?'), _) => "\u{202f}",
                    (Some(':' | '»'), _) => "\u{a0}",
                    _ if self.before == '«' => "\u{a0}",
                    _ => " ",
                };
                self.put(mark, 1, out)
            }
            _ => self.keep(&here[..length], length, out),
        }
    }

    fn put(&mut self, mark: &str, length: usize, out: &mut String) -> usize {
        out.push_str(mark);
        self.before = last_of(mark);
        length
    }

    fn keep(&mut self, text: &str, length: usize, out: &mut String) -> usize {
        self.put(text, length, out)
    }

    /// Returns the outer quotation mark before a character.
    fn outer(&mut self, next: char) -> &'static str {
        let Some(quotes) = &self.quotes else {
            return "\"";
        };
        if opens(self.before, next) {
            self.is_open = true;
            quotes.outer.0
        } else if self.is_open || !self.before.is_numeric() {
            self.is_open = false;
            quotes.outer.1
        } else {
            // Inches.
            "\""
        }
    }

    /// Returns the inner quotation mark or apostrophe before a character. `rest` is the text after it.
    fn inner(&mut self, next: char, rest: &str) -> &'static str {
        let quotes = self.quotes.as_ref().unwrap_or(&ENGLISH);
        if self.before.is_alphanumeric() && next.is_alphanumeric() {
            return "’";
        }
        if opens(self.before, next) {
            if !next.is_numeric() && closes_later(rest) {
                self.is_inner_open = true;
                return quotes.inner.0;
            }
            return "’";
        }
        if self.is_inner_open {
            self.is_inner_open = false;
            return quotes.inner.1;
        }
        // Feet and minutes.
        if self.before.is_numeric() { "'" } else { "’" }
    }
}

/// Returns the last character of a text of HTML. The reference of a no-break space counts as a blank.
fn last_of(text: &str) -> char {
    if text.ends_with("&nbsp;") {
        return NO_BREAK;
    }
    text.chars().next_back().unwrap_or(' ')
}

/// Returns whether a quotation opens between two characters.
fn opens(before: char, next: char) -> bool {
    let is_before = before.is_whitespace()
        || matches!(
            before,
            '(' | '[' | '{' | '-' | '–' | '—' | '/' | '“' | '„' | '«' | '‘' | '‚' | '¡' | '¿'
        )
        || before == NARROW_NO_BREAK;
    is_before && !next.is_whitespace()
}

/// Returns whether a text has a single quotation mark that closes a quotation.
fn closes_later(text: &str) -> bool {
    /// The number of characters that are looked at.
    const MAX: usize = 400;
    let mut before = ' ';
    let mut characters = text.chars().take(MAX).peekable();
    while let Some(c) = characters.next() {
        let next = characters.peek().copied().unwrap_or(' ');
        if c == '\'' && !before.is_whitespace() && !next.is_alphanumeric() {
            return true;
        }
        before = c;
    }
    false
}

/// Returns whether hyphens begin an option of a command, or belong to an arrow.
fn is_option(before: char, next: char, after: &str) -> bool {
    let is_option = before.is_whitespace() && next.is_alphabetic();
    // `<` and `>` are escaped in HTML.
    let is_arrow = matches!(next, '>' | '<') || after.starts_with("&gt;") || before == ';';
    is_option || is_arrow
}

/// Returns the next character of the line in HTML, or a blank at the end of the block.
fn next_in_line(html: &str) -> char {
    let mut rest = html;
    for _ in 0..MAX_TAGS {
        match pieces::next(&mut rest) {
            Some(Piece::Text(text)) => return text.chars().next().unwrap_or(' '),
            Some(Piece::Start(tag)) if INLINE.contains(&tag.name) => {}
            Some(Piece::End(name)) if INLINE.contains(&name) => {}
            _ => break,
        }
    }
    ' '
}
