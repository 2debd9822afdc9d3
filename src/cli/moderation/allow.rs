//! `pamphlet allow`: hosts and actors whose comments are never held for moderation.

use crate::{
    cli::common::{
        Format, HostOrActor, Options, audit,
        output::{self, Listing},
    },
    node::Node,
    store::{Allow as Row, BlockKind},
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;

/// Never hold comments from certain hosts and actors.
#[derive(Debug, Subcommand)]
pub(crate) enum Allow {
    /// Add a host with its subdomains, or an actor, to the allow list.
    #[command(after_help = "Examples:
  pamphlet allow add example.org
  pamphlet allow add @friend@example.org --reason \"known for years\"")]
    Add(Add),
    /// Remove a host or an actor from the allow list.
    #[command(after_help = "Examples:
  pamphlet allow remove example.org")]
    Remove(HostOrActor),
    /// List the allowed hosts and actors.
    #[command(after_help = "Examples:
  pamphlet allow list
  pamphlet allow list --json")]
    List {
        #[command(flatten)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    target: HostOrActor,
    /// The reason, for your own records.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Allow {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Allow::Add(add) => add.run(node).await,
            Allow::Remove(target) => remove(&target, node).await,
            Allow::List { format } => list(node, &format).await,
        };
        options.with_node(run).await
    }
}

impl Add {
    async fn run(self, node: &Node) -> Result<()> {
        let mut tx = node.store.begin().await?;
        let (kind, value) = self.target.resolve(&mut tx).await?;
        let reason = self.reason.as_deref();
        if !tx.add_allow(kind, &value, reason).await? {
            let text = format!("{value} is already allowed.");
            return print_change(&self.target, kind, &value, false, &text);
        }
        let about = format!("{} {value}", kind.as_str());
        audit::record(&mut tx, "allow", &about, reason).await?;
        tx.commit().await?;
        print_change(
            &self.target,
            kind,
            &value,
            true,
            &format!("Allowed: {value}"),
        )
    }
}

fn print_change(
    target: &HostOrActor,
    kind: BlockKind,
    value: &str,
    is_changed: bool,
    text: &str,
) -> Result<()> {
    let document = json!({"kind": kind, "value": value, "changed": is_changed});
    output::result(&target.format, &document, text)
}

async fn remove(target: &HostOrActor, node: &Node) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let (kind, value) = target.resolve(&mut tx).await?;
    if !tx.remove_allow(kind, &value).await? {
        bail!("{value} is not allowed: run `pamphlet allow list` to list allowed hosts and actors");
    }
    let about = format!("{} {value}", kind.as_str());
    audit::record(&mut tx, "allow no longer", &about, None).await?;
    tx.commit().await?;
    let text = format!("Removed from the allow list: {value}");
    print_change(target, kind, &value, true, &text)
}

async fn list(node: &Node, format: &Format) -> Result<()> {
    let list = Listing {
        items: &node.store.read().await?.allows().await?,
        headings: &["SINCE", "KIND", "HOST OR ACTOR", "REASON"],
        empty: "The allow list is empty.",
    };
    let to_json = |row: &Row| {
        json!({
            "kind": row.kind,
            "value": row.value,
            "reason": row.reason,
            "since": output::timestamp(row.created_at),
        })
    };
    list.print(format, to_json, |row| {
        vec![
            output::time(row.created_at),
            row.kind.to_string(),
            row.value.clone(),
            row.reason.clone().unwrap_or_default(),
        ]
    })
}
