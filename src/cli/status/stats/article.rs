//! `pamphlet stats article`: the reach of one article, and what readers did with it.

use super::{View, cell, plot, print_csv, reach};
use crate::{
    base::time,
    cli::common::{lookup, output},
    node::Node,
    store::{self, ArticleReach, Conn, Happening, HappeningKind, ReachedBy, TroubledServer},
};
use anyhow::{Context, Result};
use chrono::NaiveDate;
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The maximum number of servers that are listed.
const SERVERS: i64 = 20;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet stats article leon-trotsky
  pamphlet stats article leon-trotsky --json
  pamphlet stats article leon-trotsky --since '7 days' --csv")]
pub(super) struct Article {
    /// The article's slug.
    slug: String,
    #[command(flatten)]
    view: View,
}

/// What readers did on a day.
#[derive(Debug, Clone, Copy, Default)]
struct Day {
    replies: i64,
    likes: i64,
    boosts: i64,
}

/// Returns one of the numbers of a day.
type Number = fn(&Day) -> i64;

/// The numbers of an article.
struct Numbers {
    article: ArticleReach,
    activities: Vec<ReachedBy>,
    servers: Vec<TroubledServer>,
    days: BTreeMap<NaiveDate, Day>,
}

impl Article {
    pub(super) async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let row = lookup::article(&mut conn, &self.slug).await?;
        let since = match self.view.since {
            Some(_) => self.view.since(0)?,
            None => row.published_at.min(store::now()),
        };
        let numbers = read(node, &mut conn, &row, since).await?;
        if self.view.json {
            return output::json(&numbers.to_json());
        }
        if self.view.csv {
            return numbers.csv();
        }
        numbers.print()
    }
}

async fn read(node: &Node, conn: &mut Conn, row: &store::Article, since: i64) -> Result<Numbers> {
    let found = conn
        .article_with_reach(&node.urls().article(""), row.id)
        .await?;
    let article = found.into_iter().next().with_context(|| {
        format!(
            "{} is a draft: it has no numbers before it is published",
            row.slug
        )
    })?;
    let uri = node.urls().article_id(&row.uid, row.object_uri.as_deref());
    let happenings = conn.happenings(since, Some(row.id)).await?;
    Ok(Numbers {
        article,
        activities: conn.reach_of_object(&uri).await?,
        servers: conn.servers_without(&uri, SERVERS).await?,
        days: by_day(node, &happenings, since),
    })
}

/// Counts happenings by the days of the site's time zone, without gaps.
fn by_day(node: &Node, happenings: &[Happening], since: i64) -> BTreeMap<NaiveDate, Day> {
    let zone = node.config.site.time_zone;
    let (first, _) = time::day_of(since, zone);
    let (today, _) = time::day_of(store::now(), zone);
    let mut days: BTreeMap<NaiveDate, Day> = first
        .iter_days()
        .take_while(|day| *day <= today)
        .map(|day| (day, Day::default()))
        .collect();
    for happening in happenings {
        let (day, _) = time::day_of(happening.at.max(since), zone);
        let day = days.entry(day).or_default();
        match happening.kind {
            HappeningKind::Reply => day.replies += happening.count,
            HappeningKind::Like => day.likes += happening.count,
            HappeningKind::Boost => day.boosts += happening.count,
        }
    }
    days
}

impl Numbers {
    fn print(&self) -> Result<()> {
        let article = &self.article;
        output::line(&output::one_line(&article.title, 200))?;
        output::line(&format!(
            "  published {}",
            output::time(article.published_at)
        ))?;
        output::line(&format!("  {}", reach::sentence(article)))?;
        if self.activities.len() > 1 {
            output::line("")?;
            for activity in &self.activities {
                output::line(&format!(
                    "  {}  {:<8}  {}",
                    output::time(activity.created_at),
                    activity.kind,
                    servers_of(activity)
                ))?;
            }
        }
        self.print_days()?;
        if self.servers.is_empty() {
            return Ok(());
        }
        output::line("")?;
        let rows: Vec<_> = self.servers.iter().map(row_of).collect();
        output::table(
            &["SERVER", "ACTIVITY", "STATE", "NEXT ATTEMPT", "REASON"],
            &rows,
            "",
        )
    }

    fn print_days(&self) -> Result<()> {
        let Some(width) = plot::width() else {
            return Ok(());
        };
        let rows: [(&str, Number); 3] = [
            ("Replies", |day| day.replies),
            ("Likes", |day| day.likes),
            ("Boosts", |day| day.boosts),
        ];
        let (Some(first), Some(last)) = (self.days.keys().next(), self.days.keys().next_back())
        else {
            return Ok(());
        };
        output::line(&format!("\n  {first} to {last}"))?;
        for (name, number) in rows {
            let values: Vec<i64> = self.days.values().map(number).collect();
            let total: i64 = values.iter().sum();
            let drawn = plot::sparkline(&values, width - 24);
            output::line(format!("  {name:<8} {total:>6}  {drawn}").trim_end())?;
        }
        Ok(())
    }

    fn csv(&self) -> Result<()> {
        let rows = self.days.iter().map(|(day, numbers)| {
            vec![
                day.to_string(),
                cell(Some(numbers.replies)),
                cell(Some(numbers.likes)),
                cell(Some(numbers.boosts)),
            ]
        });
        print_csv(&["day", "replies", "likes", "boosts"], rows)
    }

    fn to_json(&self) -> Value {
        let mut shown = reach::to_json(&self.article);
        shown["activities"] = self
            .activities
            .iter()
            .map(|activity| {
                json!({
                    "type": activity.kind, "since": output::timestamp(activity.created_at),
                    "delivered": activity.delivered, "waiting": activity.waiting, "refused": activity.refused,
                    "given_up": activity.given_up,
                })
            })
            .collect();
        shown["missing"] = self
            .servers
            .iter()
            .map(|server| {
                json!({
                    "host": server.host, "type": server.kind, "state": server.state, "error": server.error,
                    "next_attempt": server.next_attempt_at.map(output::timestamp),
                })
            })
            .collect();
        shown["days"] = self
            .days
            .iter()
            .map(|(day, numbers)| {
                json!({
                    "day": day.to_string(), "replies": numbers.replies, "likes": numbers.likes,
                    "boosts": numbers.boosts,
                })
            })
            .collect();
        shown
    }
}

fn servers_of(activity: &ReachedBy) -> String {
    reach::servers(
        activity.delivered,
        activity.waiting,
        activity.refused,
        activity.given_up,
    )
}

fn row_of(server: &TroubledServer) -> Vec<String> {
    vec![
        server.host.clone(),
        server.kind.clone(),
        server.state.clone(),
        server.next_attempt_at.map(output::time).unwrap_or_default(),
        output::one_line(server.error.as_deref().unwrap_or_default(), 60),
    ]
}
