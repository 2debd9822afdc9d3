//! `pamphlet doctor`: finds what breaks federation before the admin does. One file for each group of checks; docs/doctor.md
//! explains each finding.

mod addresses;
mod codes;
mod database;
mod deliveries;
mod discovery;
mod documents;
mod inbox;
mod mends;
mod report;
mod services;
mod site;
mod tls;
mod web;

use crate::{
    cli::common::{Format, Options, options::explain, output, progress::Progress},
    config::Config,
    node::Node,
    store::{Store, StoreError},
};
use anyhow::{Result, bail};
use clap::Args;
use futures_util::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use report::Check;
use serde_json::json;
use site::Site;
use std::time::Duration;

/// The time for one check.
const PATIENCE: Duration = Duration::from_secs(30);

/// Find what breaks federation: DNS, TLS, proxies, keys, deliveries, emails, files.
///
/// Each finding says what is wrong, why it matters, and the line that mends it. The exit code is 1 if there is any. The
/// doctor changes nothing. It sends requests only to the site's own public URL and domain, its mail server and its
/// bucket; one of them is a signed delivery to ourselves, which shows what a proxy does to deliveries.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet doctor\n  pamphlet doctor --offline\n  \
                  pamphlet doctor --json | jq '.checks[] | select(.ok | not)'"
)]
pub(crate) struct Doctor {
    /// Use no network: check only the database, the files and the disk.
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    format: Format,
}

impl Doctor {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let config = options.load()?;
        // Checked before the database is opened, which creates files beside it.
        let mut checks = vec![services::files(&config)];
        let progress = Progress::spinner("Opening the database");
        let node = match open(config.clone()).await? {
            Ok(node) => Some(node),
            Err(check) => {
                checks.push(check);
                None
            }
        };
        progress.set_message(&format!("Asking {}", config.public_url));
        let mut site = Site::new(config, node)?;
        if !self.offline {
            site.health = Some(site.get(&site.config.url("/healthz"), "*/*").await);
        }
        checks.extend(self.examine(&site).await);
        drop(progress);
        if let Some(node) = &site.node {
            node.store.close().await;
        }
        self.report(&checks)
    }

    /// Makes all checks at once.
    async fn examine(&self, site: &Site) -> Vec<Check> {
        let mut pending: Vec<BoxFuture<'_, Check>> = vec![
            timed("database", database::database(site)).boxed(),
            timed("own-keys", documents::own_keys(site)).boxed(),
            timed("media", services::media(site, self.offline)).boxed(),
        ];
        if self.offline {
            let names = [
                "dns",
                "tls",
                "public-url",
                "listen",
                "http2",
                "redirects",
                "clock",
                "webfinger",
                "host-meta",
                "nodeinfo",
                "actor",
                "encoding",
                "inbox",
                "smtp",
            ];
            for name in names {
                pending.push(async move { Check::skipped(name, "--offline") }.boxed());
            }
        } else {
            pending.extend([
                timed("dns", addresses::dns(site)).boxed(),
                timed("tls", tls::tls(site)).boxed(),
                async { web::public_url(site) }.boxed(),
                timed("listen", web::listen(site)).boxed(),
                timed("http2", web::http2(site)).boxed(),
                timed("redirects", web::redirects(site)).boxed(),
                async { web::clock(site) }.boxed(),
                timed("webfinger", discovery::webfinger(site)).boxed(),
                timed("host-meta", discovery::host_meta(site)).boxed(),
                timed("nodeinfo", discovery::nodeinfo(site)).boxed(),
                timed("actor", documents::actor(site)).boxed(),
                timed("encoding", documents::encoding(site)).boxed(),
                timed("inbox", inbox::inbox(site)).boxed(),
                timed("smtp", services::smtp(site)).boxed(),
            ]);
        }
        let (mut checks, stored) = tokio::join!(join_all(pending), stored(site));
        checks.push(database::disk(site));
        checks.extend(stored);
        checks
    }

    fn report(&self, checks: &[Check]) -> Result<()> {
        let findings = checks.iter().filter(|check| !check.is_well()).count();
        if self.format.json {
            output::json(&json!({
                "ok": findings == 0,
                "checks": checks.iter().map(Check::to_json).collect::<Vec<_>>(),
            }))?;
        } else {
            checks.iter().try_for_each(Check::print)?;
        }
        match findings {
            0 => Ok(()),
            1 => bail!("1 problem found"),
            more => bail!("{more} problems found"),
        }
    }
}

/// Opens the node. A database that can't be used is a finding; one that is missing is an error, as for every command.
async fn open(config: Config) -> Result<Result<Node, Check>> {
    let store = match Store::open_for_command(config.direct_database_url()).await {
        Ok(store) => store,
        Err(error @ StoreError::NoPublication(_)) => return Err(explain(&config, error)),
        Err(error) => return Ok(Err(database::unusable(&error.into(), &config))),
    };
    let opened = Node::open(config.clone(), store).await;
    Ok(opened.map_err(|error| database::unusable(&error.into(), &config)))
}

/// Makes a check within its time.
async fn timed(name: &'static str, check: impl Future<Output = Check>) -> Check {
    let seconds = PATIENCE.as_secs();
    let checked = tokio::time::timeout(PATIENCE, check).await;
    checked
        .unwrap_or_else(|_| Check::skipped(name, format!("it took longer than {seconds} seconds")))
}

/// Makes the checks of what the database has stored.
async fn stored(site: &Site) -> Vec<Check> {
    let Some(node) = &site.node else {
        return vec![Check::skipped("deliveries", "the database can't be used")];
    };
    match tokio::time::timeout(PATIENCE, deliveries::all(node)).await {
        Ok(Ok(checks)) => checks,
        Ok(Err(error)) => vec![database::unusable(&error, &site.config)],
        Err(_) => vec![Check::skipped("deliveries", "the database is too slow")],
    }
}
