//! `pamphlet stats articles`: the reach of each article.

use super::{View, cell, print_csv, reach};
use crate::{
    cli::common::output,
    node::Node,
    store::{self, ArticleReach, Conn},
};
use anyhow::Result;
use clap::Args;
use serde_json::Value;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet stats articles
  pamphlet stats articles --since '30 days' --limit 100
  pamphlet stats articles --csv > reach.csv

SERVERS has those that accepted the article, and those that it was meant for. A server whose accounts share no inbox
counts once for each follower.")]
pub(super) struct Articles {
    /// The maximum number of articles, newest first.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
    #[command(flatten)]
    view: View,
}

impl Articles {
    pub(super) async fn run(self, node: &Node) -> Result<()> {
        let since = match self.view.since {
            Some(_) => self.view.since(0)?,
            None => 0,
        };
        let articles = read(node, &mut node.store.read().await?, since, self.limit).await?;
        if self.view.json {
            return output::json(&articles.iter().map(reach::to_json).collect::<Value>());
        }
        if self.view.csv {
            return csv(&articles);
        }
        print(&articles)
    }
}

/// Returns the newest articles with their reach.
pub(super) async fn read(
    node: &Node,
    conn: &mut Conn,
    since: i64,
    limit: i64,
) -> Result<Vec<ArticleReach>> {
    let ids = node.urls().article("");
    Ok(conn
        .articles_with_reach(&ids, since, store::now(), limit)
        .await?)
}

/// Prints articles as a table.
pub(super) fn print(articles: &[ArticleReach]) -> Result<()> {
    let rows: Vec<_> = articles.iter().map(row_of).collect();
    output::table(
        &[
            "PUBLISHED",
            "ARTICLE",
            "SERVERS",
            "WAITING",
            "REFUSED",
            "REPLIES",
            "LIKES",
            "BOOSTS",
        ],
        &rows,
        "No article was published in this time.",
    )
}

fn row_of(article: &ArticleReach) -> Vec<String> {
    let total = reach::total(
        article.delivered,
        article.waiting,
        article.refused,
        article.given_up,
    );
    let servers = match (article.is_sent, article.delivered, total) {
        (false, ..) => "-".to_owned(),
        (true, Some(delivered), Some(total)) => format!("{delivered}/{total}"),
        (true, ..) => "?".to_owned(),
    };
    let published = output::time(article.published_at);
    vec![
        published.split(' ').next().unwrap_or_default().to_owned(),
        output::one_line(&article.slug, 24),
        servers,
        article.waiting.to_string(),
        (article.refused + article.given_up.unwrap_or(0)).to_string(),
        article.replies.to_string(),
        article.likes.to_string(),
        article.boosts.to_string(),
    ]
}

fn csv(articles: &[ArticleReach]) -> Result<()> {
    let rows = articles.iter().map(|article| {
        vec![
            article.slug.clone(),
            article.title.clone(),
            output::timestamp(article.published_at),
            cell(article.delivered),
            cell(Some(article.waiting)),
            cell(Some(article.refused)),
            cell(article.given_up),
            cell(Some(article.replies)),
            cell(Some(article.likes)),
            cell(Some(article.boosts)),
            cell(Some(article.quotes)),
        ]
    });
    print_csv(
        &[
            "slug",
            "title",
            "published",
            "delivered",
            "waiting",
            "refused",
            "given_up",
            "replies",
            "likes",
            "boosts",
            "quotes",
        ],
        rows,
    )
}
