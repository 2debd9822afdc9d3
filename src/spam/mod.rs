//! Spam scores: points for a comment, with reasons that people can read.
//!
//! `comment_text.rs` extracts words and links, `points.rs` weighs the author and the text, `filters.rs` matches the
//! admin's words and patterns, `bayes.rs` classifies by the words of earlier comments, and `rules.rs` caches the
//! filters and the state of learning.

pub mod bayes;
mod comment_text;
pub mod filters;
mod points;
pub mod rules;

use crate::{
    config::{Config, Spam},
    store::{
        self, Allowed, ArticleHeader, CommentState, Conn, NewComment, RemoteActorRow, StoreError,
    },
};
pub use comment_text::CommentText;
use rules::RulesCache;
use serde::{Deserialize, Serialize};

/// How long the same text by other authors counts, in milliseconds.
const SAME_TEXT_WINDOW: i64 = 7 * 24 * 60 * 60 * 1000;
/// The points of a trusted author: below every threshold.
const TRUSTED_POINTS: i64 = -100;

/// A comment to score before it is stored.
#[derive(Debug)]
pub struct Candidate<'a> {
    pub article: &'a ArticleHeader,
    pub author: Author<'a>,
    /// The sanitized HTML.
    pub content: &'a str,
}

/// The author of the comment.
#[derive(Debug)]
pub enum Author<'a> {
    Remote(&'a RemoteActorRow),
    Guest {
        name: &'a str,
        mail: Option<&'a str>,
        site: Option<&'a str>,
        /// Whether the admin approved an earlier comment from the same browser.
        is_trusted: bool,
    },
}

/// The result of scoring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Higher is more likely spam. Negative for trusted authors.
    pub points: i64,
    pub reasons: Vec<Reason>,
    /// Identifies the same text by other authors. `None` for a short text.
    pub text_hash: Option<String>,
    /// Whether the author or their host is on the admin's allow list.
    pub allowed: Allowed,
}

impl Default for Score {
    fn default() -> Self {
        Score {
            points: 0,
            reasons: Vec::new(),
            text_hash: None,
            allowed: Allowed::No,
        }
    }
}

/// Something that added or subtracted points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub points: i64,
    /// A short description, such as "7 links".
    pub what: String,
}

impl Reason {
    fn new(points: i64, what: impl Into<String>) -> Self {
        Reason {
            points,
            what: what.into(),
        }
    }
}

/// Scores a comment without contacting another server.
///
/// Takes two or three statements: the facts about the author, the learned counts of the words, and at times a check
/// whether the rules have changed. Takes none for a guest whom the admin trusts.
pub async fn score(
    conn: &mut Conn,
    config: &Config,
    rules: &RulesCache,
    candidate: &Candidate<'_>,
) -> Result<Score, StoreError> {
    if let Author::Guest {
        is_trusted: true, ..
    } = candidate.author
    {
        return Ok(Score::trusted("a comment of theirs was approved before"));
    }
    let comment_text = CommentText::of(candidate).await;
    let (actor_id, uri, host) = match candidate.author {
        Author::Remote(row) => (row.id, row.uri.as_str(), row.host.as_str()),
        Author::Guest { .. } => (0, "", ""),
    };
    let since = store::now() - SAME_TEXT_WINDOW;
    let hash = comment_text.text_hash.as_deref();
    let facts = conn.author_facts(actor_id, uri, host, hash, since).await?;
    let mut score = match facts.allowed {
        Allowed::No => Score::default(),
        _ => Score::trusted("on your list of the allowed"),
    };
    score.allowed = facts.allowed;
    score.text_hash.clone_from(&comment_text.text_hash);
    if facts.allowed != Allowed::No {
        return Ok(score);
    }
    let rules = rules.current(conn).await?;
    let mut reasons = points::of_author(&candidate.author, &facts, config, &comment_text);
    reasons.extend(points::of_text(&comment_text, &facts));
    if rules.has_learned() {
        let learned = conn.learned_words(&comment_text.tokens(host)).await?;
        reasons.extend(points::of_host(host, &learned));
        if rules.has_enough_lessons() {
            reasons.extend(bayes::reason(&bayes::evidence(&learned, &rules.stamp)));
        }
    }
    let filtered = rules.filters.reasons(&comment_text, &config.spam);
    if !filtered.is_empty() {
        // A good reputation must not outweigh the admin's filters.
        reasons.retain(|reason| reason.points > 0);
        reasons.extend(filtered);
    }
    score.points = reasons.iter().map(|reason| reason.points).sum();
    score.reasons = reasons;
    Ok(score)
}

impl Score {
    fn trusted(why: &str) -> Self {
        Score {
            points: TRUSTED_POINTS,
            reasons: vec![Reason::new(TRUSTED_POINTS, why)],
            ..Score::default()
        }
    }

    /// Returns the state that the thresholds give the comment, or `None` if the score is below both.
    pub fn state(&self, config: &Spam) -> Option<CommentState> {
        match self.points {
            points if points >= config.spam => Some(CommentState::Spam),
            points if points >= config.hold => Some(CommentState::Held),
            _ => None,
        }
    }

    /// Stores the score in a comment and applies the thresholds to its state. A comment that is already held can only
    /// become spam.
    pub fn apply(&self, comment: &mut NewComment, config: &Spam) {
        comment.score = Some(self.points);
        comment.score_reasons = self.reasons_json();
        comment.text_hash.clone_from(&self.text_hash);
        match self.state(config) {
            Some(CommentState::Held) if comment.state != CommentState::Visible => {}
            Some(state) => {
                comment.state = state;
                // The admin is not notified of spam.
                comment.notify_pending &= state != CommentState::Spam;
                comment.reason = Some(self.summary());
            }
            None => {}
        }
    }

    /// Returns the reasons as JSON, as the database stores them.
    pub fn reasons_json(&self) -> Option<String> {
        // Numbers and strings can always be serialized.
        serde_json::to_string(&self.reasons).ok()
    }

    /// Returns the main reasons in one line, the heaviest first.
    pub fn summary(&self) -> String {
        let mut reasons: Vec<&Reason> = self.reasons.iter().filter(|r| r.points > 0).collect();
        reasons.sort_by_key(|reason| -reason.points);
        let words: Vec<&str> = reasons.iter().take(3).map(|r| r.what.as_str()).collect();
        format!("looks like spam: {}", words.join("; "))
    }
}

/// Parses the reasons that are stored with a comment.
pub fn stored_reasons(json: Option<&str>) -> Vec<Reason> {
    json.and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default()
}
