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
        self, Allowed, AuthorAndText, AuthorFacts, CommentState, Conn, LearnedWord, NewComment,
        RemoteActorRow, StoreError,
    },
};
pub use comment_text::CommentText;
use rules::{Rules, RulesCache};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// How long the same text by other authors counts, in milliseconds.
const SAME_TEXT_WINDOW: i64 = 7 * 24 * 60 * 60 * 1000;
/// The points of a trusted author: below every threshold.
const TRUSTED_POINTS: i64 = -100;

/// A comment to score before it is stored.
#[derive(Debug)]
pub struct Candidate<'a> {
    pub author: Author<'a>,
    /// The sanitized HTML.
    pub content: &'a str,
}

/// The author of the comment.
#[derive(Debug, Clone, Copy)]
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

/// Scores a comment without contacting another server. Takes no statement for a guest whom the admin trusts, else as
/// many as [`score_all`].
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
    let text = CommentText::of(&candidate.author, candidate.content).await;
    let mut scores = score_all(conn, config, rules, &[(candidate.author, &text)]).await?;
    Ok(scores.pop().unwrap_or_default())
}

/// Scores comments that arrived together, in their order.
///
/// Takes two or three statements: the facts about the authors, the learned counts of the words, and at times a check
/// whether the rules have changed.
pub async fn score_all(
    conn: &mut Conn,
    config: &Config,
    rules: &RulesCache,
    comments: &[(Author<'_>, &CommentText)],
) -> Result<Vec<Score>, StoreError> {
    let authors: Vec<_> = comments
        .iter()
        .map(|(author, text)| {
            let (actor_id, actor_uri, host) = author.names();
            let text_hash = text.text_hash.as_deref();
            AuthorAndText {
                actor_id,
                actor_uri,
                host,
                text_hash,
            }
        })
        .collect();
    let since = store::now() - SAME_TEXT_WINDOW;
    let mut facts = conn.author_facts(&authors, since).await?;
    count_same_texts(&authors, &mut facts);
    let rules = rules.current(conn).await?;
    let learned = learned_words(conn, &rules, comments).await?;
    let known = comments.iter().zip(&facts);
    Ok(known
        .map(|((author, text), facts)| {
            let scored = weigh(author, text, facts, config, &rules, &learned);
            Score {
                text_hash: text.text_hash.clone(),
                allowed: facts.allowed,
                ..scored
            }
        })
        .collect())
}

/// Adds to the facts about each author those who wrote the same text and whose comments arrived together with theirs, but
/// earlier: the database does not have these yet.
fn count_same_texts(authors: &[AuthorAndText<'_>], facts: &mut [AuthorFacts]) {
    let mut earlier: HashMap<&str, Vec<&AuthorAndText<'_>>> = HashMap::new();
    for (author, facts) in authors.iter().zip(facts) {
        let Some(hash) = author.text_hash else {
            continue;
        };
        let same = earlier.entry(hash).or_default();
        let others = same
            .iter()
            .filter(|other| other.actor_id != author.actor_id);
        let (ids, hosts): (BTreeSet<_>, BTreeSet<_>) =
            others.map(|other| (other.actor_id, other.host)).unzip();
        facts.same_authors += i64::try_from(ids.len()).unwrap_or(0);
        facts.same_hosts += i64::try_from(hosts.len()).unwrap_or(0);
        same.push(author);
    }
}

/// Returns the learned words among those of all comments.
async fn learned_words(
    conn: &mut Conn,
    rules: &Rules,
    comments: &[(Author<'_>, &CommentText)],
) -> Result<HashMap<String, LearnedWord>, StoreError> {
    if !rules.has_learned() {
        return Ok(HashMap::new());
    }
    let tokens: BTreeSet<String> = comments
        .iter()
        .flat_map(|(author, text)| text.tokens(author.names().2))
        .collect();
    let learned = conn.learned_words(&Vec::from_iter(tokens)).await?;
    let learned = learned.into_iter();
    Ok(learned.map(|word| (word.word.clone(), word)).collect())
}

/// Weighs what is known about a comment.
fn weigh(
    author: &Author<'_>,
    text: &CommentText,
    facts: &AuthorFacts,
    config: &Config,
    rules: &Rules,
    learned: &HashMap<String, LearnedWord>,
) -> Score {
    if facts.allowed != Allowed::No {
        return Score::trusted("on your list of the allowed");
    }
    let mut reasons = points::of_author(author, facts, config, text);
    reasons.extend(points::of_text(text, facts));
    if rules.has_learned() {
        let host = author.names().2;
        let tokens = text.tokens(host);
        let own = tokens.iter().filter_map(|token| learned.get(token));
        let own: Vec<LearnedWord> = own.cloned().collect();
        reasons.extend(points::of_host(host, &own));
        if rules.has_enough_lessons() {
            reasons.extend(bayes::reason(&bayes::evidence(&own, &rules.stamp)));
        }
    }
    let filtered = rules.filters.reasons(text, &config.spam);
    if !filtered.is_empty() {
        // A good reputation must not outweigh the admin's filters.
        reasons.retain(|reason| reason.points > 0);
        reasons.extend(filtered);
    }
    Score {
        points: reasons.iter().map(|reason| reason.points).sum(),
        reasons,
        ..Score::default()
    }
}

impl Author<'_> {
    /// Returns the row, the id and the host of an actor; 0 and empty for a guest.
    fn names(&self) -> (i64, &str, &str) {
        match self {
            Author::Remote(row) => (row.id, &row.uri, &row.host),
            Author::Guest { .. } => (0, "", ""),
        }
    }
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
