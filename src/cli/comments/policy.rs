//! `pamphlet comments policy`: sets the comment policy of an article.

use crate::{
    cli::common::{Format, audit, comments::describe_policy, lookup, output},
    content::CommentPolicy,
    node::Node,
    store::Article,
};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use serde_json::json;

#[derive(Debug, Args)]
pub(crate) struct Policy {
    /// The article's slug.
    slug: String,
    /// The policy.
    policy: Choice,
    /// Accept comments until this many days after the article's date.
    #[arg(long, value_name = "N", conflicts_with = "for_ever",
        value_parser = clap::value_parser!(i64).range(1..=36_500))]
    days: Option<i64>,
    /// Accept comments regardless of the article's age.
    #[arg(long)]
    for_ever: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    /// Show comments immediately.
    Open,
    /// Hold comments for moderation.
    Moderated,
    /// Only accept comments by followers of the publication or the author.
    Followers,
    /// Accept no comments.
    Closed,
    /// Use the site's policy.
    Site,
}

impl Choice {
    /// Returns the policy to store with the article; `None` for the site's.
    fn own(self) -> Option<CommentPolicy> {
        match self {
            Choice::Open => Some(CommentPolicy::Open),
            Choice::Moderated => Some(CommentPolicy::Moderated),
            Choice::Followers => Some(CommentPolicy::Followers),
            Choice::Closed => Some(CommentPolicy::Closed),
            Choice::Site => None,
        }
    }
}

impl Policy {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let mut tx = node.store.begin().await?;
        let old = lookup::article(&mut tx, &self.slug).await?;
        let policy = self.policy.own();
        tx.set_comment_terms(old.id, policy, self.days_after(&old))
            .await?;
        let new = tx.article_by_slug(&self.slug).await?;
        let new = new.context("the article was deleted in the meantime")?;
        let (about, now) = (format!("article {}", new.slug), describe_policy(node, &new));
        audit::record(&mut tx, "policy", &about, Some(&now)).await?;
        tx.commit().await?;
        if self.format.json {
            output::json(&json!({
                "slug": new.slug,
                "comment_policy": new.comment_policy(node.config.comments.terms()).as_str(),
                "comment_days": new.comment_days,
            }))
        } else {
            output::line(&format!(
                "{}: comments {now}",
                output::one_line(&new.title, 60)
            ))
        }
    }

    fn days_after(&self, old: &Article) -> Option<i64> {
        match (self.days, self.for_ever, self.policy) {
            (Some(days), _, _) => Some(days),
            (None, true, _) => Some(0),
            (None, false, Choice::Site) => None,
            (None, false, _) => old.comment_days,
        }
    }
}
