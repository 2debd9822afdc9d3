//! `pamphlet comments explain`: explains the spam score of a comment.

use crate::{
    cli::common::{
        Format,
        comments::{CommentArg, author_of, find},
        output,
    },
    node::{Node, urls::host_of},
    spam::{CommentText, bayes, rules::MIN_LESSONS, stored_reasons},
    store::{Comment, SpamRulesVersion},
};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use url::Url;

#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    comment: CommentArg,
    #[command(flatten)]
    format: Format,
}

/// The words of a comment that the spam filter has learned, and the totals.
struct Learned {
    totals: SpamRulesVersion,
    evidence: Vec<bayes::Evidence>,
}

impl Explain {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let comment = find(&mut conn, self.comment.id).await?.comment;
        let comment_text = CommentText::of_html("", &comment.content);
        let host = Url::parse(&comment.uri).ok().and_then(|url| host_of(&url));
        let words = comment_text.tokens(&host.unwrap_or_default());
        let totals = conn.spam_rules_version().await?;
        let learned = Learned {
            evidence: bayes::evidence(&conn.learned_words(&words).await?, &totals),
            totals,
        };
        if self.format.json {
            print_json(&comment, &learned, node)
        } else {
            print_text(&comment, &learned, node)
        }
    }
}

fn print_json(comment: &Comment, learned: &Learned, node: &Node) -> Result<()> {
    let word = |evidence: &bayes::Evidence| {
        json!({
            "word": evidence.learned.word, "approved": evidence.learned.ham, "spam": evidence.learned.spam,
            "log_odds": (evidence.log_odds * 100.0).round() / 100.0,
        })
    };
    output::json(&json!({
        "id": comment.id,
        "author": comment.author_name,
        "handle": comment.author_handle,
        "guest": comment.guest_id.is_some(),
        "state": comment.state,
        "reason": comment.reason,
        "score": comment.score,
        "reasons": stored_reasons(comment.score_reasons.as_deref()),
        "hold": node.config.spam.hold,
        "spam": node.config.spam.spam,
        "trained": comment.trained,
        "service": comment.akismet,
        "learned": {
            "approved": learned.totals.ham,
            "spam": learned.totals.spam,
            "needed": MIN_LESSONS,
            "words": learned.evidence.iter().map(word).collect::<Vec<_>>(),
        },
    }))
}

fn print_text(comment: &Comment, learned: &Learned, node: &Node) -> Result<()> {
    let reason = comment
        .reason
        .as_deref()
        .map(|reason| format!(", {reason}"));
    let mut lines = vec![format!(
        "Comment {} ({}{}) by {}",
        comment.id,
        comment.state,
        reason.unwrap_or_default(),
        match comment.guest_id {
            Some(_) => format!("{}, a guest without an account", author_of(comment)),
            None => author_of(comment),
        }
    )];
    let (hold, spam) = (node.config.spam.hold, node.config.spam.spam);
    lines.push(match comment.score {
        Some(points) => {
            format!("  {points} points on arrival (held from {hold}, spam from {spam})")
        }
        None => "  No spam score.".to_owned(),
    });
    for reason in stored_reasons(comment.score_reasons.as_deref()) {
        lines.push(format!("  {:+5}  {}", reason.points, reason.what));
    }
    if let Some(verdict) = &comment.akismet {
        lines.push(format!("  Spam service: {verdict}"));
    }
    lines.push(format!(
        "\nThe filter has learned from {} approved comments and {} spam comments ({MIN_LESSONS} of each are required).",
        learned.totals.ham, learned.totals.spam
    ));
    if let Some(kind) = &comment.trained {
        lines.push(format!("This comment was learned as {kind}."));
    }
    for word in &learned.evidence {
        lines.push(format!(
            "  {:+.1}  {}: in {} approved, in {} spam comments",
            word.log_odds, word.learned.word, word.learned.ham, word.learned.spam
        ));
    }
    output::line(&lines.join("\n"))
}
