//! `pamphlet keys`: lists and rotates the signing keys of local actors.

use crate::{
    cli::common::{Format, Options, Yes, lookup::local_actor, output},
    federation::account::key_rotation::{self, OldKeys},
    node::{Node, local_actors::LocalActor},
};
use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use std::sync::Arc;

/// List and rotate the signing keys of local actors.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Replace an actor's keys. Pending deliveries are still signed with the old ones, for at most a week.
    #[command(after_help = "Examples:
  pamphlet keys rotate
  pamphlet keys rotate --actor ada --compromised --yes")]
    Rotate {
        /// The local actor: a user name, or "instance" for the actor that signs fetches [default: the publication].
        #[arg(long, value_name = "USERNAME")]
        actor: Option<String>,
        /// Never use the old keys again, because they were leaked. Some servers then refuse deliveries until they fetch
        /// the new keys, which can take a day.
        #[arg(long)]
        compromised: bool,
        #[command(flatten)]
        yes: Yes,
        #[command(flatten)]
        format: Format,
    },
    /// List the keys of all actors.
    #[command(after_help = "Examples:
  pamphlet keys list")]
    List {
        #[command(flatten)]
        format: Format,
    },
}

impl Keys {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Keys::Rotate {
                actor,
                compromised,
                yes,
                format,
            } => rotate(node, actor, compromised, &yes, &format).await,
            Keys::List { format } => list(node, &format).await,
        };
        options.with_node(run).await
    }
}

async fn rotate(
    node: &Node,
    actor: Option<String>,
    compromised: bool,
    yes: &Yes,
    format: &Format,
) -> Result<()> {
    let local = match actor.as_deref() {
        Some("instance") => node.instance().await?,
        named => local_actor(node, named).await?,
    };
    let handle = node.handle(&local.row);
    yes.confirm(&format!(
        "Replace the keys of {handle}? The old ones can't be brought back."
    ))?;
    let former = if compromised {
        OldKeys::Discard
    } else {
        OldKeys::Finish
    };
    let key_id = key_rotation::rotate(node, &local, former).await?;
    let document = json!({"actor": handle, "id": key_id});
    output::result(
        format,
        &document,
        &format!("{handle} now signs with {key_id}."),
    )
}

async fn list(node: &Node, format: &Format) -> Result<()> {
    let rows = node.store.read().await?.local_actors().await?;
    let mut keys = Vec::new();
    for row in rows {
        let local = node.local_actors.by_id(&node.store, row.id).await?;
        keys.extend(keys_of(node, &local));
    }
    if format.json {
        let key =
            |[actor, id, state]: &[String; 3]| json!({"actor": actor, "id": id, "state": state});
        return output::json(&keys.iter().map(key).collect::<Vec<_>>());
    }
    let rows: Vec<Vec<String>> = keys.into_iter().map(Vec::from).collect();
    output::table(&["ACTOR", "KEY", "STATE"], &rows, "There are no keys.")
}

/// Returns actor, id and state of each key.
fn keys_of(node: &Node, local: &Arc<LocalActor>) -> Vec<[String; 3]> {
    let row = |id: String, state: &str| [node.handle(&local.row), id, state.to_owned()];
    let replaced = local.replaced.iter();
    let replaced = replaced.map(|key| row(key.id.clone(), "replaced"));
    [local.key_id(), local.ed25519_key_id()]
        .map(|id| row(id, "in use"))
        .into_iter()
        .chain(replaced)
        .collect()
}
