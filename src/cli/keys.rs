//! `pamphlet keys`: the keys that our actors sign with.

use super::{
    Options, local_actor,
    output::{self, Format},
};
use crate::{
    federation::account::key_rotation::{self, Former},
    node::{Node, local_actors::Local},
};
use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use std::sync::Arc;

/// See and replace the keys that actors sign with.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Give an actor new keys. What is on its way is still signed with the old ones, for a week at most.
    Rotate {
        /// Of this actor: a user name, or "instance" for the one that signs fetches [default: the publication].
        #[arg(long, value_name = "USERNAME")]
        actor: Option<String>,
        /// The old keys are in wrong hands: never use them again. Some servers then refuse what comes
        /// from here until they look for the new ones, which may take them a day.
        #[arg(long)]
        compromised: bool,
    },
    /// List the keys of all actors.
    List {
        #[command(flatten)]
        format: Format,
    },
}

impl Keys {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let done = match self {
            Keys::Rotate { actor, compromised } => rotate(&node, actor, compromised).await,
            Keys::List { format } => list(&node, &format).await,
        };
        node.store.close().await;
        done
    }
}

async fn rotate(node: &Node, actor: Option<String>, compromised: bool) -> Result<()> {
    let local = match actor.as_deref() {
        Some("instance") => node.instance().await?,
        named => local_actor(node, named).await?,
    };
    let former = match compromised {
        true => Former::Discard,
        false => Former::Finish,
    };
    let key_id = key_rotation::rotate(node, &local, former).await?;
    output::line(&format!(
        "{} signs with {key_id} from now on.",
        node.handle(&local.row)
    ))
}

async fn list(node: &Node, format: &Format) -> Result<()> {
    let rows = node.store.read().await?.local_actors().await?;
    let mut keys = Vec::new();
    for row in rows {
        let local = node.locals.by_id(&node.store, row.id).await?;
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

/// Actor, id and state of each key.
fn keys_of(node: &Node, local: &Arc<Local>) -> Vec<[String; 3]> {
    let row = |id: String, state: &str| [node.handle(&local.row), id, state.to_owned()];
    let replaced = local.replaced.iter();
    let replaced = replaced.map(|key| row(key.id.clone(), "replaced"));
    [local.key_id(), local.ed25519_key_id()]
        .map(|id| row(id, "in use"))
        .into_iter()
        .chain(replaced)
        .collect()
}
