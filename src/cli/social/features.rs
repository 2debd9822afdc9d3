//! `pamphlet features`: lists the collections on other servers that feature the publication or its authors.

use crate::{
    cli::common::{
        Format, Options, Pagination, Yes, audit,
        output::{self, Listing},
    },
    federation::outbox,
    node::{Inner, Node},
    store::Feature,
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;

/// List and leave the collections (starter packs) that feature the publication.
#[derive(Debug, Subcommand)]
pub(crate) enum Features {
    /// List collections, newest first.
    #[command(after_help = "Examples:
  pamphlet features list")]
    List(List),
    /// Leave a collection. Its owner and the servers of its followers are notified.
    #[command(after_help = "Examples:
  pamphlet features revoke 2")]
    Revoke {
        /// The collection's ID, as shown by `features list`, or its URL.
        #[arg(value_name = "ID|URL")]
        collection: String,
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

impl Features {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Features::List(list) => list.run(node).await,
            Features::Revoke {
                collection,
                yes,
                format,
            } => revoke(node, &collection, &yes, &format).await,
        };
        options.with_node(run).await
    }
}

impl List {
    async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let features = conn.features(self.page.before(), self.page.limit).await?;
        let list = Listing {
            items: &features,
            headings: &[
                "ID",
                "SINCE",
                "HANDLE",
                "FEATURED",
                "STATE",
                "NAME",
                "COLLECTION",
            ],
            empty: "No collection features the publication.",
        };
        let to_json = |feature: &Feature| to_json(node, feature);
        list.print(&self.format, to_json, |feature| {
            vec![
                feature.id.to_string(),
                output::time(feature.created_at),
                Inner::remote_handle(&feature.username, &feature.handle_host),
                feature.featured.clone(),
                feature.state.to_string(),
                output::one_line(&feature.name, 40),
                output::one_line(&feature.collection_uri, 80),
            ]
        })
    }
}

async fn revoke(node: &Node, text: &str, yes: &Yes, format: &Format) -> Result<()> {
    let mut conn = node.store.read().await?;
    let found = conn.find_features(text.parse().unwrap_or(-1), text).await?;
    let active: Vec<&Feature> = found.iter().filter(|row| !row.is_revoked()).collect();
    if active.is_empty() {
        if found.is_empty() {
            bail!("no such collection: {text}. Run `pamphlet features list` to list collections")
        } else {
            bail!("collection {text} is already revoked")
        }
    }
    drop(conn);
    let name = output::one_line(&active[0].collection_uri, 200);
    yes.confirm(&format!("Leave the collection {name}?"))?;
    let mut tx = node.store.begin().await?;
    for feature in &active {
        outbox::revoke_feature(node, &mut tx, feature).await?;
        let why = Some(feature.collection_uri.as_str());
        audit::record(&mut tx, "revoke feature", &feature.actor_uri, why).await?;
    }
    tx.commit().await?;
    let uri = &active[0].collection_uri;
    output::result(format, &json!({"revoked": uri}), &format!("Revoked: {uri}"))
}

fn to_json(node: &Node, feature: &Feature) -> serde_json::Value {
    json!({
        "id": feature.id,
        "featured": feature.featured,
        "actor": feature.actor_uri,
        "handle": Inner::remote_handle(&feature.username, &feature.handle_host),
        "collection": feature.collection_uri,
        "name": feature.name,
        "authorization": node.urls().feature(&feature.uid),
        "state": feature.state,
        "since": output::timestamp(feature.created_at),
    })
}
