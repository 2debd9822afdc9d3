//! `pamphlet notices`: what came in that no page shows.

use super::{
    Options,
    output::{self, Format, Page},
};
use anyhow::Result;
use clap::Subcommand;
use serde_json::json;

/// Reports, mentions and private answers that came in.
#[derive(Debug, Subcommand)]
pub enum Notices {
    /// List notices, the newest first.
    List {
        #[command(flatten)]
        page: Page,
        #[command(flatten)]
        format: Format,
    },
    /// Count the activities that were authentic but nothing to us, by reason.
    Dropped {
        #[command(flatten)]
        format: Format,
    },
}

impl Notices {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let mut conn = node.store.read().await?;
        match self {
            Notices::List { page, format } => {
                let notices = conn.notices(page.before(), page.limit).await?;
                if format.json {
                    let list: Vec<_> = notices
                        .iter()
                        .map(|n| {
                            json!({"id": n.id, "kind": n.kind, "actor": n.actor_uri, "object": n.object_uri,
                                "text": n.text, "received": output::timestamp(n.created_at)})
                        })
                        .collect();
                    return output::json(&list);
                }
                let row = |n: &crate::store::Notice| {
                    vec![
                        n.id.to_string(),
                        output::time(n.created_at),
                        n.kind.clone(),
                        output::one_line(&n.text, 100),
                    ]
                };
                output::table(
                    &["ID", "RECEIVED", "KIND", "TEXT"],
                    &notices.iter().map(row).collect::<Vec<_>>(),
                    "There are no notices.",
                )
            }
            Notices::Dropped { format } => {
                let counts = conn.dropped_counts().await?;
                if format.json {
                    let counts: serde_json::Map<_, _> = counts
                        .into_iter()
                        .map(|(what, times)| (what, json!(times)))
                        .collect();
                    return output::json(&counts);
                }
                let rows: Vec<_> = counts
                    .into_iter()
                    .map(|(what, times)| vec![times.to_string(), what])
                    .collect();
                output::table(&["TIMES", "WHAT"], &rows, "Nothing was dropped.")
            }
        }
    }
}
