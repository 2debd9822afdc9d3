//! `pamphlet quotes`: lists and revokes quotes of the articles.

use crate::{
    cli::common::{
        Format, Options, Pagination, Yes, audit,
        output::{self, Listing},
    },
    federation::outbox,
    node::{Inner, Node},
    store::Quote,
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;

/// List quotes of the articles, and revoke approvals.
#[derive(Debug, Subcommand)]
pub(crate) enum Quotes {
    /// List quotes, newest first.
    #[command(after_help = "Examples:
  pamphlet quotes list")]
    List(List),
    /// Revoke the approval of a quote: pages and other servers stop showing it.
    #[command(after_help = "Examples:
  pamphlet quotes revoke 4")]
    Revoke {
        /// The quote's ID, as shown by `quotes list`, or the URL of the quoting post.
        #[arg(value_name = "ID|URL")]
        quote: String,
        #[command(flatten)]
        yes: Yes,
        #[command(flatten)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    page: Pagination,
    #[command(flatten)]
    format: Format,
}

impl Quotes {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Quotes::List(list) => list.run(node).await,
            Quotes::Revoke { quote, yes, format } => revoke(node, &quote, &yes, &format).await,
        };
        options.with_node(run).await
    }
}

impl List {
    async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let quotes = conn.quotes(self.page.before(), self.page.limit).await?;
        let list = Listing {
            items: &quotes,
            headings: &["ID", "SINCE", "HANDLE", "ARTICLE", "STATE", "POST"],
            empty: "There are no quotes.",
        };
        let to_json = |quote: &Quote| to_json(node, quote);
        list.print(&self.format, to_json, |quote| {
            vec![
                quote.id.to_string(),
                output::time(quote.created_at),
                Inner::remote_handle(&quote.username, &quote.handle_host),
                quote.slug.clone(),
                quote.state.to_string(),
                output::one_line(&quote.post_uri, 80),
            ]
        })
    }
}

async fn revoke(node: &Node, text: &str, yes: &Yes, format: &Format) -> Result<()> {
    let mut conn = node.store.read().await?;
    let found = conn.find_quotes(text.parse().unwrap_or(-1), text).await?;
    let active: Vec<&Quote> = found.iter().filter(|quote| !quote.is_revoked()).collect();
    if active.is_empty() {
        if found.is_empty() {
            bail!("no such quote: {text}. Run `pamphlet quotes list` to list quotes")
        } else {
            bail!("quote {text} is already revoked")
        }
    }
    drop(conn);
    let name = output::one_line(&active[0].post_uri, 200);
    yes.confirm(&format!("Revoke the approval of {name}?"))?;
    let mut tx = node.store.begin().await?;
    for quote in &active {
        outbox::revoke_quote(node, &mut tx, quote).await?;
        let why = Some(quote.post_uri.as_str());
        audit::record(&mut tx, "revoke quote", &quote.actor_uri, why).await?;
    }
    tx.commit().await?;
    let uri = &active[0].post_uri;
    output::result(format, &json!({"revoked": uri}), &format!("Revoked: {uri}"))
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
