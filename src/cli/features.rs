//! `pamphlet features`: lists the collections on other servers that feature the publication or its authors.

use super::{
    Options, log,
    output::{self, Format, Page},
};
use crate::{
    federation::outbox,
    node::{Inner, Node},
    store::Feature,
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;

/// See the collections (starter packs) that feature the publication, and leave them.
#[derive(Debug, Subcommand)]
pub enum Features {
    /// List collections, the newest first.
    List(List),
    /// Leave a collection, and notify its owner and the followers' servers.
    Revoke {
        /// The collection's number in the list, or its address.
        #[arg(value_name = "ID|URL")]
        collection: String,
    },
}

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    format: Format,
}

impl Features {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let done = match self {
            Features::List(list) => list.run(&node).await,
            Features::Revoke { collection } => revoke(&node, &collection).await,
        };
        node.store.close().await;
        done
    }
}

impl List {
    async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let features = conn.features(self.page.before(), self.page.limit).await?;
        if self.format.json {
            let list: Vec<_> = features.iter().map(|row| to_json(node, row)).collect();
            return output::json(&list);
        }
        let row = |feature: &Feature| {
            vec![
                feature.id.to_string(),
                output::time(feature.created_at),
                Inner::remote_handle(&feature.username, &feature.handle_host),
                feature.featured.clone(),
                feature.state.clone(),
                output::one_line(&feature.name, 40),
                output::one_line(&feature.collection_uri, 80),
            ]
        };
        output::table(
            &[
                "ID",
                "SINCE",
                "HANDLE",
                "WHO",
                "STATE",
                "NAME",
                "COLLECTION",
            ],
            &features.iter().map(row).collect::<Vec<_>>(),
            "No collection was admitted.",
        )
    }
}

async fn revoke(node: &Node, text: &str) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let found = tx.find_features(text.parse().unwrap_or(-1), text).await?;
    let standing: Vec<&Feature> = found.iter().filter(|row| !row.is_revoked()).collect();
    if standing.is_empty() {
        match found.is_empty() {
            true => bail!("there is no collection {text}: `pamphlet features list` shows them all"),
            false => bail!("the collection {text} was left already"),
        }
    }
    for feature in &standing {
        outbox::revoke_feature(node, &mut tx, feature).await?;
        let why = Some(feature.collection_uri.as_str());
        log::decision(&mut tx, "revoke feature", &feature.actor_uri, why).await?;
    }
    tx.commit().await?;
    output::line(&format!("Revoked: {}", standing[0].collection_uri))
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
