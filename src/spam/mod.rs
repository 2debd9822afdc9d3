//! How much a comment looks like spam, in points, with reasons that a person can read.
//!
//! `reading.rs` is what is read of a comment, `rules.rs` what the admin set and taught, `points.rs` what each
//! thing counts, `filters.rs` the words and patterns, `bayes.rs` what was learned.

pub mod bayes;
pub mod comment_text;
pub mod filters;
pub mod points;
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

/// For how long the same text of others is remembered.
const SAME_TEXT_WINDOW: i64 = 7 * 24 * 60 * 60 * 1000;
/// What keeps a comment below every threshold.
const TRUSTED_POINTS: i64 = -100;

/// A comment that is to be judged before it is stored.
#[derive(Debug)]
pub struct Candidate<'a> {
    pub article: &'a ArticleHeader,
    pub author: Author<'a>,
    /// The text, sanitized.
    pub content: &'a str,
}

/// Whose comment is judged.
#[derive(Debug)]
pub enum Author<'a> {
    Remote(&'a RemoteActorRow),
    Guest {
        name: &'a str,
        mail: Option<&'a str>,
        site: Option<&'a str>,
        /// The admin let a comment of theirs in, and the browser is the same.
        is_trusted: bool,
    },
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// More is more like spam; below 0 for what is trusted.
    pub points: i64,
    pub reasons: Vec<Reason>,
    /// By which the same text of others is known; `None` for a text that many may well have.
    pub text_hash: Option<String>,
    /// Whether the admin wants it never to be held back.
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

/// What gave or took points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub points: i64,
    /// A few words, as in "7 links".
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

/// Judges a comment by what is known here; asks no other server.
///
/// Two or three statements: what is known of the author, what was learned of the words, and now and then
/// whether the rules have changed. None for a guest whom the admin trusts.
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
        // What the admin ruled is not outweighed by a good name.
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

    /// What becomes of a comment with so many points; `None` if they are few.
    pub fn state(&self, config: &Spam) -> Option<CommentState> {
        match self.points {
            points if points >= config.spam => Some(CommentState::Spam),
            points if points >= config.hold => Some(CommentState::Held),
            _ => None,
        }
    }

    /// Writes down in a comment what came out: one that would be shown waits or is spam, from so many points
    /// on; of one that waits anyway only spam makes more.
    pub fn apply(&self, comment: &mut NewComment, config: &Spam) {
        comment.score = Some(self.points);
        comment.score_reasons = self.reasons_json();
        comment.text_hash.clone_from(&self.text_hash);
        match self.state(config) {
            Some(CommentState::Held) if comment.state != CommentState::Visible => {}
            Some(state) => {
                comment.state = state;
                // Nobody wants to hear of spam.
                comment.notify_pending &= state != CommentState::Spam;
                comment.reason = Some(self.summary());
            }
            None => {}
        }
    }

    /// The reasons as they are stored.
    pub fn reasons_json(&self) -> Option<String> {
        // Numbers and texts always have a JSON form.
        serde_json::to_string(&self.reasons).ok()
    }

    /// Why it looks like spam, in a line: what weighs most comes first.
    pub fn summary(&self) -> String {
        let mut reasons: Vec<&Reason> = self.reasons.iter().filter(|r| r.points > 0).collect();
        reasons.sort_by_key(|reason| -reason.points);
        let words: Vec<&str> = reasons.iter().take(3).map(|r| r.what.as_str()).collect();
        format!("looks like spam: {}", words.join("; "))
    }
}

/// The reasons that were stored with a comment.
pub fn stored_reasons(json: Option<&str>) -> Vec<Reason> {
    json.and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default()
}
