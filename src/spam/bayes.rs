//! Naive Bayes: which kind of comments the words of a text stood in before.
//!
//! Each word speaks by the logarithm of its odds, with half a comment added to each count, so that a rare word
//! does not shout; the fifteen that say most are added up (Graham, "A Plan for Spam", 2002).

use super::Reason;
use crate::store::{LearnedWord, SpamRulesVersion};

/// Words that are heard.
const HEARD: usize = 15;
/// Comments that a word must have stood in.
const LEAST: i64 = 2;
/// Log-odds below which nothing is said, and the points for each above.
const DOUBT: f64 = 2.0;
const POINTS: f64 = 6.0;
/// The most points for and against spam.
const MOST: i64 = 60;
const LEAST_POINTS: i64 = -30;
/// Words that are named, and how clearly they must speak.
const CLEAR: f64 = 0.5;
const NAMED: usize = 5;

/// What a word says.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub learned: LearnedWord,
    /// Above 0 for spam.
    pub log_odds: f64,
}

/// What the words say that say most, the loudest first.
pub fn weigh(learned: &[LearnedWord], totals: &SpamRulesVersion) -> Vec<Evidence> {
    let rate = |count: i64, total: i64| (count as f64 + 0.5) / (total as f64 + 1.0);
    let words = learned
        .iter()
        .filter(|word| !word.word.is_empty() && !word.word.starts_with('@'))
        .filter(|word| word.ham + word.spam >= LEAST);
    let mut evidence: Vec<Evidence> = words
        .map(|word| Evidence {
            log_odds: (rate(word.spam, totals.spam) / rate(word.ham, totals.ham)).ln(),
            learned: word.clone(),
        })
        .collect();
    evidence.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()));
    evidence.truncate(HEARD);
    evidence
}

/// The points for it; nothing while in doubt.
pub(super) fn reason(evidence: &[Evidence]) -> Option<Reason> {
    let sum: f64 = evidence.iter().map(|word| word.log_odds).sum();
    if sum.abs() < DOUBT {
        return None;
    }
    let points = ((sum * POINTS) as i64).clamp(LEAST_POINTS, MOST);
    let speaks = |word: &&Evidence| word.log_odds * sum.signum() > CLEAR;
    let names: Vec<&str> = evidence
        .iter()
        .filter(speaks)
        .take(NAMED)
        .map(|word| word.learned.word.as_str())
        .collect();
    let what = match points > 0 {
        true => "words of comments that were spam",
        false => "words of comments that were approved",
    };
    Some(Reason::new(
        points,
        format!("{what} ({})", names.join(", ")),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(word: &str, ham: i64, spam: i64) -> LearnedWord {
        LearnedWord {
            word: word.to_owned(),
            ham,
            spam,
        }
    }

    const TOTALS: SpamRulesVersion = SpamRulesVersion {
        filters: 0,
        last_filter: 0,
        ham: 12,
        spam: 12,
    };

    #[test]
    fn words_speak_for_where_they_stood() {
        let learned = [
            word("", 12, 12),
            word("@a.example", 0, 12),
            word("casino", 0, 10),
            word("pills", 1, 9),
            word("once", 0, 1),
            word("the", 11, 12),
        ];
        let evidence = weigh(&learned, &TOTALS);
        let words: Vec<&str> = evidence.iter().map(|e| e.learned.word.as_str()).collect();
        assert_eq!(words, ["casino", "pills", "the"]);
        let reason = reason(&evidence).unwrap();
        assert!((20..50).contains(&reason.points), "{reason:?}");
        assert_eq!(
            reason.what,
            "words of comments that were spam (casino, pills)"
        );
    }

    #[test]
    fn what_is_good_speaks_too_and_doubt_is_silent() {
        let good: Vec<LearnedWord> = ["garden", "novel", "archive", "author"]
            .map(|name| word(name, 11, 0))
            .to_vec();
        assert_eq!(reason(&weigh(&good, &TOTALS)).unwrap().points, LEAST_POINTS);
        assert_eq!(reason(&weigh(&[word("the", 12, 11)], &TOTALS)), None);
        assert_eq!(reason(&weigh(&[], &TOTALS)), None);
    }

    #[test]
    fn no_number_of_words_says_more_than_the_most() {
        let bad: Vec<LearnedWord> = (0..200).map(|n| word(&format!("w{n}"), 0, 12)).collect();
        let evidence = weigh(&bad, &TOTALS);
        assert_eq!(evidence.len(), HEARD);
        assert_eq!(reason(&evidence).unwrap().points, MOST);
    }
}
