//! `pamphlet actor alias`: lists and changes the aliases of local actors.

use super::actor::ActorArg;
use crate::{
    cli::common::{
        Format,
        lookup::{asking, fetch_context},
        output::{self, Listing},
    },
    federation::{account::migration, remote::webfinger},
    node::Node,
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;

/// The maximum number of aliases of an actor: other servers read no more.
const MAX_ALIASES: usize = 20;

#[derive(Debug, Subcommand)]
pub(crate) enum Alias {
    /// Add an account on another server as an alias.
    #[command(after_help = "Examples:
  pamphlet actor alias add @blog@old.example")]
    Add(Account),
    /// Remove an alias.
    #[command(after_help = "Examples:
  pamphlet actor alias remove @blog@old.example")]
    Remove(Account),
    /// List the aliases.
    #[command(after_help = "Examples:
  pamphlet actor alias list")]
    List {
        #[command(flatten)]
        actor: ActorArg,
        #[command(flatten)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Account {
    /// A handle (@user@example.org) or an actor URL (https://...).
    #[arg(value_name = "HANDLE|URL")]
    account: String,
    #[command(flatten)]
    actor: ActorArg,
    #[command(flatten)]
    format: Format,
}

impl Alias {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        match self {
            Alias::Add(account) => account.add(node).await,
            Alias::Remove(account) => account.remove(node).await,
            Alias::List { actor, format } => {
                let list = Listing {
                    items: &actor.find(node).await?.aliases(),
                    headings: &["ACCOUNT"],
                    empty: "There are no aliases.",
                };
                list.print(&format, String::clone, |alias| vec![alias.clone()])
            }
        }
    }
}

impl Account {
    async fn add(&self, node: &Node) -> Result<()> {
        let local = self.actor.find(node).await?;
        let ctx = fetch_context(node).await?;
        let asking = asking(&self.account);
        let actor = webfinger::actor(&self.account, &ctx).await?;
        drop(asking);
        let mut aliases = local.aliases();
        if aliases.contains(&actor.row.uri) {
            bail!("{} is already an alias", actor.handle());
        }
        if aliases.len() >= MAX_ALIASES {
            bail!("an actor can't have more than {MAX_ALIASES} aliases: remove one first");
        }
        aliases.push(actor.row.uri.clone());
        migration::set_aliases(node, &local, &aliases).await?;
        let text = format!(
            "{} is now an alias of {}. To move its followers here, start the move on its server.",
            actor.handle(),
            node.handle(&local.row)
        );
        output::result(&self.format, &json!({"added": actor.row.uri}), &text)
    }

    async fn remove(&self, node: &Node) -> Result<()> {
        let local = self.actor.find(node).await?;
        let mut aliases = local.aliases();
        let uri = if aliases.contains(&self.account) {
            // Needs no request: the account's server may be gone.
            self.account.clone()
        } else {
            let ctx = fetch_context(node).await?;
            webfinger::actor(&self.account, &ctx).await?.row.uri
        };
        if !aliases.contains(&uri) {
            bail!("{uri} is not an alias: run `pamphlet actor alias list` to list aliases");
        }
        aliases.retain(|alias| *alias != uri);
        migration::set_aliases(node, &local, &aliases).await?;
        let text = format!("Removed alias: {uri}");
        output::result(&self.format, &json!({"removed": uri}), &text)
    }
}
