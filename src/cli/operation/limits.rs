//! `pamphlet limits`: shows the limits for remote actors and hosts, and who has reached them.

use crate::{
    cli::common::{
        Format, Options,
        output::{self, Listing},
    },
    config::limits::{Limit, Limits as Values},
    node::Node,
    store::{self, LimitHit},
};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Show who has reached a limit recently.
#[derive(Debug, Args)]
pub(crate) struct Limits {
    /// List all limits and their values instead.
    #[arg(long)]
    all: bool,
    /// The number of days to look back.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=7))]
    days: i64,
    /// The maximum number of entries to list.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=2000))]
    limit: i64,
    #[command(flatten)]
    format: Format,
}

impl Limits {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        if self.all {
            return list_limits(&options.load()?.limits, &self.format);
        }
        options
            .with_node(async |node| self.print_hits(node).await)
            .await
    }

    async fn print_hits(&self, node: &Node) -> Result<()> {
        let since = store::now() - self.days * DAY;
        let mut conn = node.store.read().await?;
        let list = Listing {
            items: &conn.limit_hits_since(since, self.limit).await?,
            headings: &["LIMIT", "VALUE", "WHO", "TIMES", "LAST", "CONSEQUENCE"],
            empty: "No limit was reached.",
        };
        list.print(&self.format, hit_json, |hit| {
            hit_row(hit, &node.config.limits)
        })
    }
}

fn hit_row(hit: &LimitHit, values: &Values) -> Vec<String> {
    let limit = Limit::from_key(&hit.code);
    let value = limit.map_or_else(String::new, |limit| values.value(limit).to_string());
    let past = limit.map_or("", |limit| limit.rule().consequence);
    vec![
        hit.code.clone(),
        value,
        output::one_line(&hit.subject, 80),
        hit.times.to_string(),
        output::time(hit.last_at),
        past.to_owned(),
    ]
}

fn hit_json(hit: &LimitHit) -> Value {
    json!({
        "limit": hit.code,
        "subject": hit.subject,
        "times": hit.times,
        "first_at": output::timestamp(hit.first_at),
        "last_at": output::timestamp(hit.last_at),
    })
}

fn list_limits(values: &Values, format: &Format) -> Result<()> {
    let list = Listing {
        items: Limit::ALL,
        headings: &[
            "LIMIT",
            "VALUE",
            "DEFAULT",
            "FOR",
            "PERIOD",
            "OF",
            "CONSEQUENCE",
        ],
        empty: "",
    };
    let to_json = |limit: &Limit| limit_json(*limit, values);
    list.print(format, to_json, |limit| {
        let rule = limit.rule();
        vec![
            rule.key.to_owned(),
            values.value(*limit).to_string(),
            rule.default.to_string(),
            rule.scope.to_string(),
            rule.period.to_string(),
            rule.resource.to_owned(),
            rule.consequence.to_owned(),
        ]
    })
}

fn limit_json(limit: Limit, values: &Values) -> Value {
    let rule = limit.rule();
    json!({
        "limit": rule.key,
        "value": values.value(limit),
        "default": rule.default,
        "for": rule.scope.to_string(),
        "period": rule.period.to_string(),
        "of": rule.resource,
        "consequence": rule.consequence,
    })
}
