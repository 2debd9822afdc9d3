//! `pamphlet quotes`: posts of others that quote the articles.

use super::{
    Options, log,
    output::{self, Format, Page},
};
use crate::{
    federation::outbox,
    node::{Inner, Node},
    store::Quote,
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;

/// See who quotes the articles, and take admissions back.
#[derive(Debug, Subcommand)]
pub enum Quotes {
    /// List quotes, the newest first.
    List(List),
    /// Admit a quote no longer: it leaves the page, and other servers are told to show it no more.
    Revoke {
        /// Its number in the list, or the address of the quoting post.
        #[arg(value_name = "ID|URL")]
        quote: String,
    },
}

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    format: Format,
}

impl Quotes {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let done = match self {
            Quotes::List(list) => list.run(&node).await,
            Quotes::Revoke { quote } => revoke(&node, &quote).await,
        };
        node.store.close().await;
        done
    }
}

impl List {
    async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let quotes = conn.quotes(self.page.before(), self.page.limit).await?;
        if self.format.json {
            let quotes: Vec<_> = quotes.iter().map(|quote| to_json(node, quote)).collect();
            return output::json(&quotes);
        }
        let row = |quote: &Quote| {
            vec![
                quote.id.to_string(),
                output::time(quote.created_at),
                Inner::remote_handle(&quote.username, &quote.handle_host),
                quote.slug.clone(),
                quote.state.clone(),
                output::one_line(&quote.post_uri, 80),
            ]
        };
        output::table(
            &["ID", "SINCE", "HANDLE", "ARTICLE", "STATE", "POST"],
            &quotes.iter().map(row).collect::<Vec<_>>(),
            "Nobody quotes an article.",
        )
    }
}

async fn revoke(node: &Node, text: &str) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let found = tx.find_quotes(text.parse().unwrap_or(-1), text).await?;
    let standing: Vec<&Quote> = found.iter().filter(|quote| !quote.is_revoked()).collect();
    if standing.is_empty() {
        match found.is_empty() {
            true => bail!("there is no quote {text}: `pamphlet quotes list` shows them all"),
            false => bail!("the quote {text} was revoked already"),
        }
    }
    for quote in &standing {
        outbox::revoke_quote(node, &mut tx, quote).await?;
        log::decision(
            &mut tx,
            "revoke quote",
            &quote.actor_uri,
            Some(&quote.post_uri),
        )
        .await?;
    }
    tx.commit().await?;
    output::line(&format!("Revoked: {}", standing[0].post_uri))
}

fn to_json(node: &Node, quote: &Quote) -> serde_json::Value {
    json!({
        "id": quote.id,
        "article": quote.slug,
        "actor": quote.actor_uri,
        "handle": Inner::remote_handle(&quote.username, &quote.handle_host),
        "post": quote.post_uri,
        "authorization": node.urls().quote(&quote.uid),
        "state": quote.state,
        "since": output::timestamp(quote.created_at),
    })
}
