//! `pamphlet stats followers`: the followers day by day.

use super::{View, cell, plot, print_csv};
use crate::{
    base::time,
    cli::common::{
        lookup::local_actor,
        output::{self, counted},
    },
    config::retention::DAY,
    node::Node,
    store::{self, Conn, FollowerCount, FollowerDay},
};
use anyhow::Result;
use chrono::NaiveDate;
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The period that is shown by default.
const PERIOD: i64 = 90 * DAY;
/// The number of days that a terminal lists below the plot.
const LISTED: usize = 7;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet stats followers
  pamphlet stats followers --since '1 year' --actor ada
  pamphlet stats followers --csv > followers.csv

The node counts the followers every five minutes. Days from before it did are estimated from those who still
follow; somebody who comes and goes within minutes is not seen.")]
pub(super) struct Followers {
    /// Only the followers of this local actor [default: the publication and its authors].
    #[arg(long, value_name = "USERNAME")]
    actor: Option<String>,
    #[command(flatten)]
    view: View,
}

/// The followers at the end of a day, of one actor or of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) day: NaiveDate,
    pub(super) followers: i64,
    gained: i64,
    lost: i64,
    estimated: bool,
}

/// The change of the number of followers since a time.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli::status) struct Change {
    pub(in crate::cli::status) gained: i64,
    pub(in crate::cli::status) lost: i64,
}

impl Change {
    /// Returns the change such as `(+12, -3 this week)`.
    pub(in crate::cli::status) fn text(self, period: &str) -> String {
        format!("(+{}, -{} {period})", self.gained, self.lost)
    }
}

impl Followers {
    pub(super) async fn run(self, node: &Node) -> Result<()> {
        let since = self.view.since(PERIOD)?;
        let actor = match &self.actor {
            Some(name) => Some(local_actor(node, Some(name)).await?.row.id),
            None => None,
        };
        let mut conn = node.store.read().await?;
        let days = days_since(node, &mut conn, actor, since).await?;
        let counts = counts_of(node, &mut conn, actor).await?;
        if self.view.json {
            return output::json(&to_json(&counts, &days));
        }
        if self.view.csv {
            return csv(&days);
        }
        show(&counts, &days)
    }
}

/// Returns the change of all followers since the beginning of the day of a time.
pub(in crate::cli::status) async fn change_since(
    node: &Node,
    conn: &mut Conn,
    since: i64,
) -> Result<Change> {
    let days = days_since(node, conn, None, since).await?;
    Ok(change_of(&days))
}

/// Returns every day since a time until today, of one actor or of all.
pub(super) async fn days_since(
    node: &Node,
    conn: &mut Conn,
    actor: Option<i64>,
    since: i64,
) -> Result<Vec<Day>> {
    let zone = node.config.site.time_zone;
    let (today, start) = time::day_of(store::now(), zone);
    let (first, _) = time::day_of(since.max(0), zone);
    let mut rows = conn.follower_days(actor, &first.to_string()).await?;
    let present = conn.follower_counts(start).await?;
    for count in present {
        if actor.is_some_and(|actor| actor != count.local_actor_id) {
            continue;
        }
        let today = today.to_string();
        rows.retain(|row| row.day != today || row.local_actor_id != count.local_actor_id);
        rows.push(FollowerDay {
            day: today,
            local_actor_id: count.local_actor_id,
            followers: count.followers,
            joined: count.joined,
            estimated: false,
        });
    }
    Ok(fill(&rows, first, today))
}

async fn counts_of(node: &Node, conn: &mut Conn, actor: Option<i64>) -> Result<Vec<FollowerCount>> {
    let (_, start) = time::day_of(store::now(), node.config.site.time_zone);
    let mut counts = conn.follower_counts(start).await?;
    counts.retain(|count| actor.is_none_or(|actor| actor == count.local_actor_id));
    Ok(counts)
}

/// Makes a list without gaps of the rows, which are added up for each day. A day without a row is as the one before it.
fn fill(rows: &[FollowerDay], first: NaiveDate, today: NaiveDate) -> Vec<Day> {
    let mut by_actor: BTreeMap<i64, BTreeMap<NaiveDate, &FollowerDay>> = BTreeMap::new();
    for row in rows {
        if let Ok(day) = row.day.parse::<NaiveDate>() {
            by_actor
                .entry(row.local_actor_id)
                .or_default()
                .insert(day, row);
        }
    }
    // Long lists of days without followers would say nothing.
    let earliest = by_actor
        .values()
        .filter_map(|days| days.keys().next())
        .min();
    let first = first.max(earliest.copied().unwrap_or(today)).min(today);
    let mut days: Vec<Day> = first
        .iter_days()
        .take_while(|day| *day <= today)
        .map(|day| Day {
            day,
            ..Day::default()
        })
        .collect();
    for rows in by_actor.values() {
        let before = rows
            .range(..first)
            .next_back()
            .map(|(_, row)| row.followers);
        let mut last = before;
        for day in &mut days {
            let Some(row) = rows.get(&day.day) else {
                day.followers += last.unwrap_or(0);
                continue;
            };
            let former = last.unwrap_or(row.followers - row.joined);
            let gained = row.joined.max(row.followers - former);
            day.followers += row.followers;
            day.gained += gained;
            day.lost += former + gained - row.followers;
            day.estimated |= row.estimated;
            last = Some(row.followers);
        }
    }
    days
}

fn change_of(days: &[Day]) -> Change {
    Change {
        gained: days.iter().map(|day| day.gained).sum(),
        lost: days.iter().map(|day| day.lost).sum(),
    }
}

fn show(counts: &[FollowerCount], days: &[Day]) -> Result<()> {
    let Some(width) = plot::width() else {
        let rows: Vec<_> = days.iter().map(row_of).collect();
        return output::table(HEADINGS, &rows, "There are no followers yet.");
    };
    print_plot(days, width)?;
    if counts.len() > 1 {
        let each = counts
            .iter()
            .map(|count| format!("{} {}", count.username, count.followers));
        output::line(&output::one_line(
            &each.collect::<Vec<_>>().join(", "),
            width,
        ))?;
    }
    output::line("")?;
    let rows: Vec<_> = days.iter().rev().take(LISTED).map(row_of).collect();
    output::table(HEADINGS, &rows, "There are no followers yet.")
}

/// Prints the number of followers, its change, and its plot.
pub(super) fn print_plot(days: &[Day], width: usize) -> Result<()> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return output::line("There are no followers yet.");
    };
    let followers = counted(
        usize::try_from(last.followers).unwrap_or_default(),
        "follower",
    );
    let change = change_of(days).text(&format!("since {}", first.day));
    output::line(&format!("{followers} {change}"))?;
    let values: Vec<i64> = days.iter().map(|day| day.followers).collect();
    if values.iter().all(|followers| *followers == 0) {
        return Ok(());
    }
    for line in plot::area(
        &values,
        width,
        &first.day.to_string(),
        &last.day.to_string(),
    ) {
        output::line(&line)?;
    }
    if days.iter().any(|day| day.estimated) {
        output::line("The first days are estimated from those who still follow.")?;
    }
    Ok(())
}

const HEADINGS: &[&str] = &["DAY", "FOLLOWERS", "GAINED", "LOST"];

fn row_of(day: &Day) -> Vec<String> {
    let about = if day.estimated { "~" } else { "" };
    vec![
        day.day.to_string(),
        format!("{about}{}", day.followers),
        day.gained.to_string(),
        day.lost.to_string(),
    ]
}

fn csv(days: &[Day]) -> Result<()> {
    let rows = days.iter().map(|day| {
        vec![
            day.day.to_string(),
            cell(Some(day.followers)),
            cell(Some(day.gained)),
            cell(Some(day.lost)),
            day.estimated.to_string(),
        ]
    });
    print_csv(&["day", "followers", "gained", "lost", "estimated"], rows)
}

pub(super) fn to_json(counts: &[FollowerCount], days: &[Day]) -> Value {
    let actors = counts
        .iter()
        .map(|count| json!({"username": count.username, "followers": count.followers}));
    let days = days.iter().map(|day| {
        json!({
            "day": day.day.to_string(), "followers": day.followers, "gained": day.gained, "lost": day.lost,
            "estimated": day.estimated,
        })
    });
    json!({"actors": actors.collect::<Value>(), "days": days.collect::<Value>()})
}

/// Returns the followers as JSON, for a summary.
pub(super) async fn json_since(node: &Node, conn: &mut Conn, since: i64) -> Result<Value> {
    let days = days_since(node, conn, None, since).await?;
    Ok(to_json(&counts_of(node, conn, None).await?, &days))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(day: &str, followers: i64, joined: i64) -> FollowerDay {
        FollowerDay {
            day: day.to_owned(),
            local_actor_id: 1,
            followers,
            joined,
            estimated: false,
        }
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn gaps_are_filled_and_losses_worked_out() {
        let rows = [
            row("2026-01-01", 10, 10),
            row("2026-01-03", 12, 4),
            row("2026-01-04", 11, 0),
        ];
        let days = fill(&rows, date("2026-01-01"), date("2026-01-05"));
        let numbers: Vec<_> = days
            .iter()
            .map(|day| (day.followers, day.gained, day.lost))
            .collect();
        assert_eq!(
            numbers,
            [(10, 10, 0), (10, 0, 0), (12, 4, 2), (11, 0, 1), (11, 0, 0)]
        );
        let change = change_of(&fill(&rows, date("2026-01-03"), date("2026-01-05")));
        assert_eq!((change.gained, change.lost), (4, 3));
    }

    #[test]
    fn a_join_that_no_count_of_its_day_saw_is_a_gain_of_the_next() {
        let days = fill(
            &[row("2026-01-01", 1, 1), row("2026-01-02", 2, 0)],
            date("2026-01-01"),
            date("2026-01-02"),
        );
        assert_eq!((days[1].gained, days[1].lost), (1, 0));
    }
}
