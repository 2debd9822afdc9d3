//! `pamphlet limits`: shows the limits on what others may cost, and who has reached them.

use super::{
    Options,
    output::{self, Format},
};
use crate::{
    config::limits::{Limit, Limits as Values},
    store::{self, LimitHit},
};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// See who has reached a limit, in the last day or since a time ago.
#[derive(Debug, Args)]
pub struct Limits {
    /// List all limits with their values instead.
    #[arg(long)]
    all: bool,
    /// Look back so many days.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=7))]
    days: i64,
    /// Show at most so many lines.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=2000))]
    limit: i64,
    #[command(flatten)]
    format: Format,
}

impl Limits {
    pub async fn run(self, options: &Options) -> Result<()> {
        if self.all {
            return list(&options.load()?.limits, &self.format);
        }
        let node = options.node().await?;
        let since = store::now() - self.days * DAY;
        let mut conn = node.store.read().await?;
        let hits = conn.limit_hits_since(since, self.limit).await?;
        drop(conn);
        let done = match self.format.json {
            true => output::json(&hits.iter().map(to_json).collect::<Vec<_>>()),
            false => print(&hits, &node.config.limits),
        };
        node.store.close().await;
        done
    }
}

fn print(hits: &[LimitHit], values: &Values) -> Result<()> {
    let row = |hit: &LimitHit| {
        let limit = Limit::from_key(&hit.code);
        let value = limit.map_or_else(String::new, |limit| values.value(limit).to_string());
        let past = limit.map_or("", |limit| limit.rule().past);
        vec![
            hit.code.clone(),
            value,
            output::one_line(&hit.subject, 80),
            hit.times.to_string(),
            output::time(hit.last_at),
            past.to_owned(),
        ]
    };
    output::table(
        &["LIMIT", "VALUE", "WHO", "TIMES", "LAST", "CONSEQUENCE"],
        &hits.iter().map(row).collect::<Vec<_>>(),
        "Nobody has reached a limit.",
    )
}

fn to_json(hit: &LimitHit) -> Value {
    json!({
        "limit": hit.code,
        "subject": hit.subject,
        "times": hit.times,
        "first_at": output::timestamp(hit.first_at),
        "last_at": output::timestamp(hit.last_at),
    })
}

/// Lists the limits with their values.
fn list(values: &Values, format: &Format) -> Result<()> {
    if format.json {
        let limits: Vec<_> = Limit::ALL
            .iter()
            .map(|limit| described(*limit, values))
            .collect();
        return output::json(&limits);
    }
    let row = |limit: &Limit| {
        let rule = limit.rule();
        vec![
            rule.key.to_owned(),
            values.value(*limit).to_string(),
            rule.default.to_string(),
            rule.scope.to_string(),
            rule.period.to_string(),
            rule.what.to_owned(),
            rule.past.to_owned(),
        ]
    };
    output::table(
        &[
            "LIMIT",
            "VALUE",
            "DEFAULT",
            "FOR",
            "PERIOD",
            "OF",
            "CONSEQUENCE",
        ],
        &Limit::ALL.iter().map(row).collect::<Vec<_>>(),
        "",
    )
}

fn described(limit: Limit, values: &Values) -> Value {
    let rule = limit.rule();
    json!({
        "limit": rule.key,
        "value": values.value(limit),
        "default": rule.default,
        "for": rule.scope.to_string(),
        "period": rule.period.to_string(),
        "of": rule.what,
        "consequence": rule.past,
    })
}
