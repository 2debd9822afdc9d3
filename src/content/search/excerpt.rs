//! Excerpts of a found text, with the words that were searched for.

use super::{
    query::SearchQuery,
    tokens::{Token, tokens},
};
use serde::Serialize;
use std::{collections::HashSet, ops::Range};

/// The length of an excerpt, in bytes, about.
const LENGTH: usize = 260;
/// The text before the first mark, in bytes, at most.
const LEAD: usize = 60;
/// The size of the parts of a text that are searched one after another, in bytes.
const PART: usize = 16 * 1024;
/// The number of marks among which the best place is searched.
const MAX_MARKS: usize = 400;

/// A part of a text, in plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    pub text: String,
    /// Whether it was searched for.
    pub is_marked: bool,
}

/// A place in a text that matches a term.
struct Mark {
    place: Range<usize>,
    term: usize,
}

/// Returns a whole text in one line, with marks.
pub fn marked(text: &str, query: &SearchQuery) -> Vec<Piece> {
    pieces(text, &marks(text, query))
}

/// Returns the part of a text that has the most of the terms, or its beginning.
pub fn excerpt(text: &str, query: &SearchQuery) -> Vec<Piece> {
    let mut start = 0;
    while start < text.len() {
        let end = word_boundary(text, text.floor_char_boundary(start + PART));
        let part = &text[start..end];
        let marks = marks(part, query);
        if let Some(first) = best(&marks) {
            let from = start + marks[first].place.start;
            return around(text, from, query);
        }
        start = end;
    }
    around(text, 0, query)
}

/// Returns the excerpt in which a mark begins at `from`.
fn around(text: &str, from: usize, query: &SearchQuery) -> Vec<Piece> {
    let start = match from
        .checked_sub(LEAD)
        .map(|start| text.floor_char_boundary(start))
    {
        // The cut is after a blank, if there is one.
        Some(start) if start > 0 => {
            let blank = text[start..from].find(char::is_whitespace);
            start + blank.map_or(0, |at| at + 1)
        }
        _ => 0,
    };
    let end = word_boundary(text, text.floor_char_boundary(start + LENGTH));
    let cut = text[start..end].trim();
    let mut pieces = pieces(cut, &marks(cut, query));
    if start > 0 {
        add(&mut pieces, 0, "… ");
    }
    if end < text.len() {
        let last = pieces.len();
        add(&mut pieces, last, "…");
    }
    pieces
}

fn add(pieces: &mut Vec<Piece>, at: usize, text: &str) {
    let piece = Piece {
        text: text.to_owned(),
        is_marked: false,
    };
    pieces.insert(at, piece);
}

/// Returns the end of the text, or the last blank before `end`; `end` itself in a script without blanks.
fn word_boundary(text: &str, end: usize) -> usize {
    if end >= text.len() {
        return text.len();
    }
    let earliest = text.floor_char_boundary(end.saturating_sub(LEAD));
    let blank = text[earliest..end].rfind(char::is_whitespace);
    blank.map_or(end, |at| earliest + at)
}

/// Returns the mark from which an excerpt has the most terms.
fn best(marks: &[Mark]) -> Option<usize> {
    let value = |first: usize| {
        let start = marks[first].place.start;
        let within = marks[first..]
            .iter()
            .take_while(|mark| mark.place.end < start + LENGTH - LEAD);
        let places: Vec<usize> = within.map(|mark| mark.term).collect();
        let terms: HashSet<usize> = places.iter().copied().collect();
        (terms.len(), places.len())
    };
    // The first of equally good places.
    (0..marks.len()).rev().max_by_key(|first| value(*first))
}

fn marks(text: &str, query: &SearchQuery) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut before: Option<Token> = None;
    for token in tokens(text) {
        let terms = query.terms().iter().enumerate();
        let pair = before
            .as_ref()
            .filter(|before| token.continues(before))
            .map(|before| {
                (
                    before.place.start,
                    format!("{}{}", before.folded, token.folded),
                )
            });
        for (number, term) in terms {
            let is_pair = pair.as_ref().is_some_and(|(_, text)| *text == term.text);
            let start = match &pair {
                Some((start, _)) if is_pair => *start,
                _ if is_match(&token, &term.text, term.is_prefix) => token.place.start,
                _ => continue,
            };
            let place = start..token.place.end;
            marks.push(Mark {
                place,
                term: number,
            });
            break;
        }
        if marks.len() >= MAX_MARKS {
            break;
        }
        before = Some(token);
    }
    marks
}

/// Returns whether a word is a term or looks like another form of it. The databases compare word stems, so that this
/// is a guess, which only marks depend on.
fn is_match(token: &Token, term: &str, is_prefix: bool) -> bool {
    let word = token.folded.as_str();
    if word == term || (is_prefix && word.starts_with(term)) {
        return true;
    }
    if token.is_character {
        return false;
    }
    let common = word
        .chars()
        .zip(term.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let rests = [word.chars().count() - common, term.chars().count() - common];
    let is_beginning = rests.contains(&0) && common >= 3;
    (is_beginning || common >= 5) && rests.iter().all(|rest| *rest <= 3)
}

fn pieces(text: &str, marks: &[Mark]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |part: &str, is_marked: bool| {
        let text = one_line(part);
        match pieces.last_mut() {
            Some(last) if last.is_marked == is_marked => last.text.push_str(&text),
            _ if text.is_empty() => {}
            _ => pieces.push(Piece { text, is_marked }),
        }
    };
    let mut at = 0;
    for mark in marks {
        push(&text[at..mark.place.start.max(at)], false);
        push(&text[mark.place.start.max(at)..mark.place.end], true);
        at = mark.place.end;
    }
    push(&text[at..], false);
    pieces
}

/// Replaces each run of blanks by one space.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            line.push(c);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        let piece = |piece: &Piece| match piece.is_marked {
            true => format!("[{}]", piece.text),
            false => piece.text.clone(),
        };
        pieces.iter().map(piece).collect()
    }

    #[test]
    fn words_and_their_forms_are_marked() {
        for (text, query, expected) in [
            (
                "The Night Trains\n\n of  Europe",
                "night train",
                "The [Night] [Trains] of Europe",
            ),
            ("Im Café sitzen", "CAFE", "Im [Café] sitzen"),
            ("我们读中文书。", "中文书", "我们读[中文书]。"),
            ("书和文", "书", "[书]和文"),
            ("a < b & <script>", "script", "a < b & <[script]>"),
            ("nothing", "else", "nothing"),
            ("", "else", ""),
        ] {
            let query = SearchQuery::parse(query);
            assert_eq!(shown(&marked(text, &query)), expected);
        }
    }

    #[test]
    fn an_excerpt_is_about_the_place_with_the_most_terms() {
        let filler = "word ".repeat(10_000);
        let text = format!("{filler}one alone {filler}one and two together {filler}");
        let query = SearchQuery::parse("one two");
        let found = shown(&excerpt(&text, &query));
        assert!(found.starts_with("… ") && found.ends_with('…'), "{found}");
        assert!(found.len() < 300, "{found}");
        let first = shown(&excerpt("only the beginning", &query));
        assert_eq!(first, "only the beginning");
    }

    #[test]
    fn texts_without_blanks_and_with_many_marks_are_cut_too() {
        let query = SearchQuery::parse("字 中文");
        let text = "中文字".repeat(50_000);
        assert!(shown(&excerpt(&text, &query)).len() < 800);
        for length in 0..400 {
            let text = "é".repeat(length);
            shown(&excerpt(&text, &query));
            shown(&excerpt(&format!("{text} 中文 {text}"), &query));
        }
    }
}
