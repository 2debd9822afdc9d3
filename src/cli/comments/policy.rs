//! `pamphlet comments policy`: how an article takes comments.

use crate::{
    cli::{
        log,
        output::{self, Format},
    },
    content::CommentPolicy,
    node::Node,
    store::Article,
};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::json;

#[derive(Debug, Args)]
pub struct Policy {
    /// The article.
    slug: String,
    policy: Choice,
    /// Take comments for so many days after the article's date.
    #[arg(long, value_name = "N", conflicts_with = "for_ever",
        value_parser = clap::value_parser!(i64).range(1..=36_500))]
    days: Option<i64>,
    /// Take comments whatever the article's age.
    #[arg(long)]
    for_ever: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    /// They are shown at once.
    Open,
    /// They wait for you.
    Moderated,
    /// Only those who follow the publication or the author can write any.
    Followers,
    /// None are taken.
    Closed,
    /// As the site's configuration says.
    Site,
}

impl Choice {
    /// The policy of the article's own.
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
    pub async fn run(self, node: &Node) -> Result<()> {
        let mut tx = node.store.begin().await?;
        let Some(old) = tx.article_by_slug(&self.slug).await? else {
            bail!(
                "there is no article with the slug {}: `pamphlet post list` shows them all",
                self.slug
            );
        };
        let policy = self.policy.own();
        tx.set_comment_terms(old.id, policy, self.days_after(&old))
            .await?;
        let new = tx.article_by_slug(&self.slug).await?;
        let new = new.context("the article was deleted in the meantime")?;
        let (about, now) = (format!("article {}", new.slug), in_force(node, &new));
        log::decision(&mut tx, "policy", &about, Some(&now)).await?;
        tx.commit().await?;
        match self.format.json {
            true => output::json(&json!({
                "slug": new.slug,
                "comment_policy": new.comment_policy(node.config.comments.terms()).as_str(),
                "comment_days": new.comment_days,
            })),
            false => output::line(&format!(
                "{}: comments {now}",
                output::one_line(&new.title, 60)
            )),
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

/// How an article takes comments now, in a few words.
pub fn in_force(node: &Node, article: &Article) -> String {
    let site = node.config.comments.terms();
    let policy = article.comment_policy(site);
    let own = article
        .comment_policy
        .as_deref()
        .and_then(|policy| policy.parse().ok());
    let terms = site.but(own, article.comment_days);
    let days = terms
        .open_for
        .map(|span| format!("{:.0} days", span as f64 / 86_400_000.0));
    match days {
        Some(days) if policy == CommentPolicy::Closed && article.comments == "open" => {
            format!("closed, since they are taken for {days} only")
        }
        Some(days) if policy != CommentPolicy::Closed => format!("{policy}, for {days}"),
        _ => policy.to_string(),
    }
}
