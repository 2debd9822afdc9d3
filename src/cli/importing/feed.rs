//! `pamphlet import feed`: a feed in RSS, Atom or JSON.

use super::ImportArgs;
use crate::{cli::common::Options, importing::formats::feed};
use anyhow::Result;
use clap::Args;
use std::path::Path;
use url::Url;

/// Import the articles of a feed in RSS, Atom or JSON. Most feeds have only the newest ones.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet import feed https://old.example/feed/ --dry-run\n  pamphlet import feed export.atom --author ada\n  pamphlet import feed feed.json --no-download --json"
)]
pub(crate) struct Feed {
    /// The address or the file of the feed.
    #[arg(value_name = "URL|FILE")]
    feed: String,
    #[command(flatten)]
    import: ImportArgs,
}

impl Feed {
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        let address = Url::parse(&self.feed).ok();
        let address = address.filter(|url| matches!(url.scheme(), "http" | "https"));
        let Some(address) = address else {
            let path = Path::new(&self.feed);
            return self.import.import(options, || feed::open(path)).await;
        };
        let fetched = options.with_node(async |node| {
            let source = feed::fetch(node, &address).await?;
            self.import.run(node, source).await
        });
        fetched.await
    }
}
