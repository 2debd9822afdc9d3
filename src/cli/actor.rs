//! `pamphlet actor`: who the publication is to other servers, and where it moves.

use super::{
    Options, local_actor, log,
    output::{self, Format},
    people,
};
use crate::{
    federation::{
        account::migration,
        objects::documents,
        remote::{signed_client::federation_config, webfinger},
    },
    node::{Node, local_actors::Local},
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use std::sync::Arc;

/// Aliases of one actor: other servers read no more.
const MAX_ALIASES: usize = 20;

/// See the publication's actor as other servers do, and move it.
#[derive(Debug, Subcommand)]
pub enum Actor {
    /// Show an actor of this node.
    Show {
        /// Its user name [default: the publication's].
        username: Option<String>,
        #[command(flatten)]
        format: Format,
    },
    /// Say which other accounts are yours, so that their followers can move here.
    #[command(subcommand)]
    Alias(Alias),
    /// Send all followers to another account, which must name this one as its alias.
    Move(Move),
    /// Erase all that is kept about somebody of another server, or about who comments without an account.
    Erase(people::Erase),
}

#[derive(Debug, Subcommand)]
pub enum Alias {
    /// Name an account of yours on another server.
    Add(Account),
    /// Name it no longer.
    Remove(Account),
    /// List the accounts that are named.
    List {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub struct Account {
    /// A handle (@user@example.org) or an actor's address (https://...).
    #[arg(value_name = "HANDLE|URL")]
    account: String,
    #[command(flatten)]
    of: Of,
}

#[derive(Debug, Args)]
pub struct Move {
    /// The new account: a handle (@user@example.org) or an actor's address (https://...).
    #[arg(
        long,
        value_name = "HANDLE|URL",
        required_unless_present = "cancel",
        conflicts_with = "cancel"
    )]
    to: Option<String>,
    /// Take a move back; followers who went along stay where they are.
    #[arg(long)]
    cancel: bool,
    #[command(flatten)]
    of: Of,
}

#[derive(Debug, Args)]
pub struct Of {
    /// Of this actor of the node [default: the publication].
    #[arg(long, value_name = "USERNAME")]
    actor: Option<String>,
}

impl Actor {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let done = match self {
            Actor::Show { username, format } => show(&node, username, &format).await,
            Actor::Alias(alias) => alias.run(&node).await,
            Actor::Move(command) => command.run(&node).await,
            Actor::Erase(erase) => erase.run(&node).await,
        };
        node.store.close().await;
        done
    }
}

impl Of {
    async fn local(&self, node: &Node) -> Result<Arc<Local>> {
        local_actor(node, self.actor.as_deref()).await
    }
}

async fn show(node: &Node, username: Option<String>, format: &Format) -> Result<()> {
    let local = local_actor(node, username.as_deref()).await?;
    let document: serde_json::Value = serde_json::from_str(&documents::actor(node, &local))?;
    if format.json {
        return output::json(&document);
    }
    let followers = node
        .store
        .read()
        .await?
        .count_followers(local.row.id)
        .await?;
    output::line(&format!(
        "{}\n  Name       {}\n  Actor      {}\n  Page       {}\n  Inbox      {}\n  Followers  {followers}",
        node.handle(&local.row),
        document["name"].as_str().unwrap_or_default(),
        local.uri,
        document["url"].as_str().unwrap_or_default(),
        document["inbox"].as_str().unwrap_or_default(),
    ))?;
    match &local.row.moved_to {
        Some(target) => output::line(&format!("  Moved to   {target}")),
        None => Ok(()),
    }
}

impl Alias {
    async fn run(self, node: &Node) -> Result<()> {
        match self {
            Alias::Add(account) => account.add(node).await,
            Alias::Remove(account) => account.remove(node).await,
            Alias::List { of, format } => {
                let aliases = of.local(node).await?.aliases();
                if format.json {
                    return output::json(&aliases);
                }
                let rows: Vec<Vec<String>> = aliases.into_iter().map(|alias| vec![alias]).collect();
                output::table(&["ACCOUNT"], &rows, "No other account is named.")
            }
        }
    }
}

impl Account {
    async fn add(&self, node: &Node) -> Result<()> {
        let local = self.of.local(node).await?;
        let data = federation_config(&node).await?.to_request_data();
        let actor = webfinger::actor(&self.account, &data).await?;
        let mut aliases = local.aliases();
        if aliases.contains(&actor.row.uri) {
            bail!("{} is an alias already", actor.handle());
        }
        if aliases.len() >= MAX_ALIASES {
            bail!(
                "there are {MAX_ALIASES} aliases, and other servers read no more: remove one first"
            );
        }
        aliases.push(actor.row.uri.clone());
        migration::set_aliases(node, &local, &aliases).await?;
        output::line(&format!(
            "{} is an alias of {} now. Start the move on its own server: its followers then come here.",
            actor.handle(),
            node.handle(&local.row)
        ))
    }

    async fn remove(&self, node: &Node) -> Result<()> {
        let local = self.of.local(node).await?;
        let mut aliases = local.aliases();
        let uri = match aliases.contains(&self.account) {
            // Its server may be gone.
            true => self.account.clone(),
            false => {
                let data = federation_config(&node).await?.to_request_data();
                webfinger::actor(&self.account, &data).await?.row.uri
            }
        };
        if !aliases.contains(&uri) {
            bail!("{uri} is not an alias: `pamphlet actor alias list` shows those that are");
        }
        aliases.retain(|alias| *alias != uri);
        migration::set_aliases(node, &local, &aliases).await?;
        output::line(&format!("No longer an alias: {uri}"))
    }
}

impl Move {
    async fn run(self, node: &Node) -> Result<()> {
        let local = self.of.local(node).await?;
        let Some(to) = self.to else {
            if local.row.moved_to.is_none() {
                bail!("{} has not moved", node.handle(&local.row));
            }
            migration::stay(node, &local).await?;
            return output::line(&format!("{} is back.", node.handle(&local.row)));
        };
        if let Some(target) = &local.row.moved_to {
            bail!(
                "{} has moved to {target} already: `pamphlet actor move --cancel` takes that back",
                node.handle(&local.row)
            );
        }
        let data = federation_config(&node).await?.to_request_data();
        let target = webfinger::actor(&to, &data).await?;
        migration::move_to(&data, &local, &target).await?;
        let mut tx = node.store.begin().await?;
        let (about, why) = (&local.uri, format!("to {}", target.row.uri));
        log::decision(&mut tx, "move", about, Some(&why)).await?;
        tx.commit().await?;
        output::line(&format!(
            "{} has moved to {}; its followers' servers are told.",
            node.handle(&local.row),
            target.handle()
        ))
    }
}
