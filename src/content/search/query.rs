//! The query of a reader. Nothing in it has a special meaning, so that there is no syntax to get wrong.

use super::tokens::{Token, tokens};

/// The longest query that is read, in bytes.
const MAX_QUERY: usize = 400;
/// The maximum number of terms. The others are ignored.
const MAX_TERMS: usize = 12;

/// A term of a query: all of them must be found. It consists of letters, marks and digits only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerm {
    pub text: String,
    /// Whether words that begin with it match too.
    pub is_prefix: bool,
}

/// A query of a reader, divided into terms.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchQuery {
    terms: Vec<SearchTerm>,
    words: String,
}

impl SearchQuery {
    /// Reads a query: each word is a term, and so is each pair of neighbouring characters of a script without blanks
    /// between words.
    pub fn parse(text: &str) -> SearchQuery {
        let text = &text[..text.floor_char_boundary(MAX_QUERY)];
        let mut query = SearchQuery::default();
        let found: Vec<Token> = tokens(text).collect();
        for (position, token) in found.iter().enumerate() {
            let next = found.get(position + 1).filter(|next| next.continues(token));
            let follows = position > 0 && token.continues(&found[position - 1]);
            match next {
                Some(next) => query.add(format!("{}{}", token.folded, next.folded), false),
                // The last character of a run is in the pair before.
                None if follows => {}
                None => query.add(token.folded.clone(), token.is_character),
            }
            if !token.is_character {
                query.words.push_str(&text[token.place.clone()]);
                query.words.push(' ');
            }
        }
        query
    }

    fn add(&mut self, text: String, is_prefix: bool) {
        let term = SearchTerm { text, is_prefix };
        if self.terms.len() < MAX_TERMS && !self.terms.contains(&term) {
            self.terms.push(term);
        }
    }

    /// Returns the terms.
    pub fn terms(&self) -> &[SearchTerm] {
        &self.terms
    }

    /// Returns the words as the reader wrote them, for a database that knows the forms of a language's words. It leaves
    /// out scripts without blanks between words.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Returns whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Returns the query for words that only begin with the terms.
    pub fn widened(&self) -> SearchQuery {
        let widen = |term: &SearchTerm| SearchTerm {
            text: term.text.clone(),
            is_prefix: true,
        };
        SearchQuery {
            terms: self.terms.iter().map(widen).collect(),
            words: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SearchQuery;

    fn terms(text: &str) -> Vec<String> {
        let query = SearchQuery::parse(text);
        let shown = |term: &super::SearchTerm| {
            format!("{}{}", term.text, if term.is_prefix { "*" } else { "" })
        };
        query.terms().iter().map(shown).collect()
    }

    #[test]
    fn a_query_has_words_and_no_syntax() {
        for (text, expected) in [
            ("night TRAINS night", &["night", "trains"][..]),
            (
                "\"night AND (train* NEAR/2 -x:y",
                &["night", "and", "train", "near", "2", "x", "y"],
            ),
            ("中文书", &["中文", "文书"]),
            ("书", &["书*"]),
            ("🚂 '' \u{0}%_", &[]),
            ("", &[]),
        ] {
            assert_eq!(terms(text), expected, "{text}");
        }
    }

    #[test]
    fn a_long_query_is_cut() {
        let text: String = (0..100_000).map(|number| format!("w{number} ")).collect();
        assert_eq!(SearchQuery::parse(&text).terms().len(), 12);
        assert_eq!(SearchQuery::parse(&"ä".repeat(1_000_000)).terms().len(), 1);
    }
}
