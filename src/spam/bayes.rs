//! Naive Bayes classification by the words of the comments that the admin approved or marked as spam.
//!
//! Each word contributes its log-odds. Half a comment is added to each count, so that a rare word weighs little. Only the
//! words with the strongest evidence are summed (Graham, "A Plan for Spam", 2002).

use super::Reason;
use crate::store::{LearnedWord, SpamRulesVersion};

/// The maximum number of words that are summed.
const MAX_EVIDENCE: usize = 15;
/// The minimum number of learned comments that contain a word.
const MIN_COMMENTS: i64 = 2;
/// The sum of log-odds below which the evidence is ignored, and the points per unit of the sum.
const MIN_LOG_ODDS: f64 = 2.0;
const POINTS_PER_LOG_ODDS: f64 = 6.0;
/// The limits of the points for and against spam.
const MAX_POINTS: i64 = 60;
const MIN_POINTS: i64 = -30;
/// The minimum log-odds of a word that the reason names, and the maximum number of such words.
const MIN_NAMED_LOG_ODDS: f64 = 0.5;
const MAX_NAMED: usize = 5;

/// The evidence that a word gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub learned: LearnedWord,
    /// Positive for spam.
    pub log_odds: f64,
}

/// Returns the strongest evidence, strongest first.
pub fn evidence(learned: &[LearnedWord], totals: &SpamRulesVersion) -> Vec<Evidence> {
    let rate = |count: i64, total: i64| (count as f64 + 0.5) / (total as f64 + 1.0);
    let words = learned
        .iter()
        .filter(|word| !word.word.is_empty() && !word.word.starts_with('@'))
        .filter(|word| word.ham + word.spam >= MIN_COMMENTS);
    let mut evidence: Vec<Evidence> = words
        .map(|word| Evidence {
            log_odds: (rate(word.spam, totals.spam) / rate(word.ham, totals.ham)).ln(),
            learned: word.clone(),
        })
        .collect();
    evidence.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()));
    evidence.truncate(MAX_EVIDENCE);
    evidence
}

/// Returns the reason that the evidence gives, or `None` if it is too weak.
pub(super) fn reason(evidence: &[Evidence]) -> Option<Reason> {
    let sum: f64 = evidence.iter().map(|word| word.log_odds).sum();
    if sum.abs() < MIN_LOG_ODDS {
        return None;
    }
    let points = ((sum * POINTS_PER_LOG_ODDS) as i64).clamp(MIN_POINTS, MAX_POINTS);
    let speaks = |word: &&Evidence| word.log_odds * sum.signum() > MIN_NAMED_LOG_ODDS;
    let names: Vec<&str> = evidence
        .iter()
        .filter(speaks)
        .take(MAX_NAMED)
        .map(|word| word.learned.word.as_str())
        .collect();
    let what = if points > 0 {
        "words of comments that were spam"
    } else {
        "words of comments that were approved"
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
        let evidence = evidence(&learned, &TOTALS);
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
        assert_eq!(
            reason(&evidence(&good, &TOTALS)).unwrap().points,
            MIN_POINTS
        );
        assert_eq!(reason(&evidence(&[word("the", 12, 11)], &TOTALS)), None);
        assert_eq!(reason(&evidence(&[], &TOTALS)), None);
    }

    #[test]
    fn no_number_of_words_says_more_than_the_most() {
        let bad: Vec<LearnedWord> = (0..200).map(|n| word(&format!("w{n}"), 0, 12)).collect();
        let evidence = evidence(&bad, &TOTALS);
        assert_eq!(evidence.len(), MAX_EVIDENCE);
        assert_eq!(reason(&evidence).unwrap().points, MAX_POINTS);
    }
}
