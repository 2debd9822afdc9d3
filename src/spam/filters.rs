//! The admin's word filters and patterns, compiled once.

use super::{CommentText, Reason, comment_text::MAX_TEXT};
use crate::{
    config::Spam,
    content::{text::truncate_at_word, words},
    store::{Filter, FilterAction, FilterKind},
};
use regex::{Regex, RegexBuilder};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// The maximum number of filters of each kind.
pub const MAX_WORDS: usize = 5_000;
pub const MAX_PATTERNS: usize = 200;
/// The maximum length of a filter, in bytes.
const MAX_LENGTH: usize = 1_000;
/// The maximum size of a compiled pattern, in bytes.
const MAX_COMPILED: usize = 256 * 1024;
/// The maximum time that a pattern may take on the longest text.
const MAX_TIME: Duration = Duration::from_millis(20);
/// The maximum number of filters that are named as reasons, and the maximum length of each, in characters.
const MAX_NAMED: usize = 5;
const MAX_SHOWN: usize = 60;

/// The reason why a filter can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    #[error("a filter has at most {MAX_LENGTH} bytes: this one has {0}")]
    Long(usize),
    #[error("there are no letters or digits in it: for other characters, use a pattern")]
    NoWord,
    #[error("it matches every comment")]
    Everything,
    #[error("it is not a pattern: {0}")]
    Syntax(String),
    #[error("the pattern is too large: use smaller repetitions")]
    Large,
    #[error("the pattern takes {0} ms for a long comment: make it simpler")]
    Slow(u128),
}

/// Compiled filters.
#[derive(Debug, Default)]
pub struct Filters {
    /// By the first word of a filter: all of its words and its index in `rows`.
    words: HashMap<String, Vec<(Vec<String>, usize)>>,
    patterns: Vec<(Regex, usize)>,
    rows: Vec<Filter>,
}

impl Filters {
    /// Compiles the stored filters. A filter that is no longer valid is logged and left out.
    pub fn compile(rows: Vec<Filter>) -> Self {
        let mut filters = Filters::default();
        for (number, row) in rows.iter().enumerate() {
            if let Err(error) = filters.add(row.kind, &row.value, number) {
                tracing::warn!(filter = row.id, %error, "a comment filter is invalid and is not used");
            }
        }
        filters.rows = rows;
        filters
    }

    fn add(&mut self, kind: FilterKind, value: &str, number: usize) -> Result<(), FilterError> {
        match kind {
            FilterKind::Word => {
                let words = read_words(value)?;
                let same_start = self.words.entry(words[0].clone()).or_default();
                same_start.push((words, number));
            }
            FilterKind::Pattern => self.patterns.push((compile(value)?, number)),
        }
        Ok(())
    }

    /// Returns the filters that match, in the order in which they were added.
    pub fn matching(&self, comment_text: &CommentText) -> Vec<&Filter> {
        let mut found = Vec::new();
        for (place, word) in comment_text.words.iter().enumerate() {
            let here = self.words.get(word).into_iter().flatten();
            let whole = here.filter(|(words, _)| comment_text.words[place..].starts_with(words));
            found.extend(whole.map(|(_, number)| *number));
        }
        let patterns = self.patterns.iter();
        let matching = patterns.filter(|(pattern, _)| pattern.is_match(&comment_text.subject));
        found.extend(matching.map(|(_, number)| *number));
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|number| &self.rows[number]).collect()
    }

    /// Returns the reasons that the matching filters give. The most severe filter gives all points; the others are only
    /// named.
    pub(super) fn reasons(&self, comment_text: &CommentText, config: &Spam) -> Vec<Reason> {
        let mut matching = self.matching(comment_text);
        matching.sort_by_key(|filter| filter.action != FilterAction::Spam);
        let points = |filter: &Filter| match filter.action {
            FilterAction::Hold => config.hold,
            FilterAction::Spam => config.spam,
        };
        let named = matching.iter().take(MAX_NAMED).enumerate();
        named
            .map(|(place, filter)| {
                let value = truncate_at_word(&filter.value, MAX_SHOWN);
                let what = format!("the {} {value:?}", filter.kind.as_str());
                Reason::new(if place == 0 { points(filter) } else { 0 }, what)
            })
            .collect()
    }
}

/// Validates a filter before it is stored. Returns the form to store: word filters are normalized as texts are.
///
/// # Errors
/// See [`FilterError`].
pub fn check(kind: FilterKind, value: &str) -> Result<String, FilterError> {
    match kind {
        FilterKind::Word => Ok(read_words(value)?.join(" ")),
        FilterKind::Pattern => {
            let pattern = compile(value)?;
            if pattern.is_match("") {
                return Err(FilterError::Everything);
            }
            try_out(&pattern)?;
            Ok(value.to_owned())
        }
    }
}

fn read_words(value: &str) -> Result<Vec<String>, FilterError> {
    check_length(value)?;
    let words = words(value);
    if words.is_empty() {
        Err(FilterError::NoWord)
    } else {
        Ok(words)
    }
}

/// Compiles a case-insensitive pattern. The `regex` crate matches in time linear in the text.
fn compile(value: &str) -> Result<Regex, FilterError> {
    check_length(value)?;
    RegexBuilder::new(value)
        .case_insensitive(true)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => FilterError::Large,
            // The last line names the error; the lines above show its position.
            other => FilterError::Syntax(last_line(&other.to_string())),
        })
}

fn last_line(text: &str) -> String {
    let line = text.lines().last().unwrap_or_default().trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

fn check_length(value: &str) -> Result<(), FilterError> {
    match value.len() {
        length if length > MAX_LENGTH => Err(FilterError::Long(length)),
        _ => Ok(()),
    }
}

/// Measures a pattern on long texts of several kinds, because even linear time can be too long.
fn try_out(pattern: &Regex) -> Result<(), FilterError> {
    for part in ["a", "ab 1 ", "é漢 ", "https://a.example/?x=1 "] {
        let text = part.repeat(MAX_TEXT / part.len());
        let begun = Instant::now();
        let _ = pattern.is_match(&text);
        let mut taken = begun.elapsed();
        if taken > MAX_TIME {
            // The first match also builds caches, or the machine was busy.
            let begun = Instant::now();
            let _ = pattern.is_match(&text);
            taken = begun.elapsed();
        }
        if taken > MAX_TIME {
            return Err(FilterError::Slow(taken.as_millis()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(rows: &[(FilterKind, &str, FilterAction)]) -> Filters {
        let row =
            |(id, (kind, value, action)): (usize, &(FilterKind, &str, FilterAction))| Filter {
                id: id as i64,
                kind: *kind,
                value: (*value).to_owned(),
                action: *action,
                created_at: 0,
            };
        Filters::compile(rows.iter().enumerate().map(row).collect())
    }

    fn found(filters: &Filters, text: &str) -> Vec<i64> {
        let comment_text = CommentText::of_text("Ann", text);
        filters
            .matching(&comment_text)
            .iter()
            .map(|f| f.id)
            .collect()
    }

    #[test]
    fn words_are_found_whole_and_in_any_case() {
        use FilterAction::Hold;
        use FilterKind::{Pattern, Word};
        let filters = filters(&[
            (Word, "casino", Hold),
            (Word, "Buy now", Hold),
            (Word, "STRASSE", Hold),
            (Word, "赌博", Hold),
            (Pattern, r"\d{3}-pills", Hold),
            (Pattern, "(broken", Hold),
            (Word, "ann", Hold),
        ]);
        for (text, ids) in [
            ("Best CASINO!", &[0, 6][..]),
            ("casinos, occasino", &[6]),
            ("c\u{200B}asino", &[0, 6]),
            ("BUY,\n now: casino casino", &[0, 1, 6]),
            ("buy it now", &[6]),
            ("Straße", &[2, 6]),
            ("在线赌博网", &[3, 6]),
            ("777-PILLS", &[4, 6]),
            ("", &[6]),
        ] {
            assert_eq!(found(&filters, text), ids, "{text}");
        }
    }

    #[test]
    fn the_heaviest_filter_decides() {
        let filters = filters(&[
            (FilterKind::Word, "one", FilterAction::Hold),
            (FilterKind::Word, "two", FilterAction::Spam),
        ]);
        let points = |text: &str| -> Vec<i64> {
            let reasons = filters.reasons(&CommentText::of_text("", text), &Spam::default());
            reasons.iter().map(|reason| reason.points).collect()
        };
        assert_eq!(points("one two"), [100, 0]);
        assert_eq!(points("one"), [50]);
        assert!(points("three").is_empty());
    }

    #[test]
    fn a_bad_filter_is_refused_in_a_sentence() {
        use FilterKind::{Pattern, Word};
        for (kind, value, says) in [
            (Word, "", "no letters"),
            (Word, "💊!", "no letters"),
            (Pattern, "", "every comment"),
            (Pattern, ".*", "every comment"),
            (Pattern, "(a", "not a pattern: unclosed group"),
            (Pattern, r"(a)\1", "not a pattern: backreferences"),
            (Pattern, r"((\w{100}){100}){100}", "too large"),
            (Pattern, r"(?:(?:(?:a?){30}){30}){30}b", "too large"),
        ] {
            let error = check(kind, value).unwrap_err().to_string();
            assert!(error.contains(says), "{value}: {error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
        let long = "a".repeat(1024 * 1024);
        for kind in [Word, Pattern] {
            assert!(matches!(check(kind, &long), Err(FilterError::Long(_))));
        }
    }

    #[test]
    fn what_is_catastrophic_elsewhere_takes_no_time_here() {
        let begun = Instant::now();
        for pattern in [r"^(a+)+$", r"(a|aa)+b", r"(.*)*x=y", r"([a-z]+)*!"] {
            if check(FilterKind::Pattern, pattern).is_ok() {
                let filters = filters(&[(FilterKind::Pattern, pattern, FilterAction::Hold)]);
                found(&filters, &"a".repeat(1024 * 1024));
            }
        }
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{:?}",
            begun.elapsed()
        );
    }

    #[test]
    fn words_are_stored_as_they_are_compared() {
        assert_eq!(check(FilterKind::Word, " Buy NOW! ").unwrap(), "buy now");
        assert_eq!(check(FilterKind::Pattern, "Buy NOW").unwrap(), "Buy NOW");
    }
}
