//! `pamphlet post share` and `unshare`.

use super::SlugArg;
use crate::{
    cli::common::{Format, lookup, output},
    node::{Node, drafts},
    store,
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;
use std::time::Duration;

/// The draft to share.
#[derive(Debug, Args)]
pub(crate) struct Share {
    /// The draft's slug.
    slug: String,
    /// The time after which the link ends, such as "7d" or "12 hours".
    #[arg(long = "for", value_name = "TIME", default_value = "7d", value_parser = lifetime)]
    lifetime: Duration,
    #[command(flatten)]
    format: Format,
}

/// The longest lifetime of a link.
const MAX_LIFETIME: Duration = Duration::from_secs(366 * 24 * 60 * 60);

fn lifetime(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if !time.is_zero() && time <= MAX_LIFETIME => Ok(time),
        Ok(_) => Err("write a time of at most a year".to_owned()),
        Err(_) => Err("write a time such as \"7d\" or \"12 hours\"".to_owned()),
    }
}

impl Share {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let article = lookup::article(&mut conn, &self.slug).await?;
        if article.is_visible() {
            let url = node.urls().permalink(&article);
            bail!("{} is published: share its address {url}", article.slug);
        }
        let milliseconds = i64::try_from(self.lifetime.as_millis())?;
        let until = store::now().saturating_add(milliseconds);
        let url = drafts::link(node, &mut conn, &article, until).await?;
        if self.format.json {
            return output::json(&json!({"url": url, "until": output::timestamp(until)}));
        }
        output::line(&format!(
            "{url}\nEveryone who has this link can read the draft until {}, or until `pamphlet post unshare {}`.",
            output::time(until),
            article.slug
        ))
    }
}

/// Ends all links to a draft.
pub(super) async fn unshare(node: &Node, arg: &SlugArg) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let article = lookup::article(&mut tx, &arg.slug).await?;
    tx.revoke_draft_links(article.id).await?;
    tx.commit().await?;
    if arg.format.json {
        return output::json(&json!({"slug": article.slug, "shared": false}));
    }
    output::line(&format!(
        "All links to the draft {} have ended.",
        article.slug
    ))
}
