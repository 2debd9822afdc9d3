//! `pamphlet actor`: shows the publication as other servers see it, and moves it.

use super::{alias::Alias, erase::Erase};
use crate::{
    cli::common::{
        Format, Options, Yes, audit,
        lookup::{asking, fetch_context, local_actor},
        output,
    },
    federation::{account::migration, objects::documents, remote::webfinger},
    node::{Node, local_actors::LocalActor},
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use std::sync::Arc;

/// Show the publication's actor as other servers see it, and move it.
#[derive(Debug, Subcommand)]
pub(crate) enum Actor {
    /// Show a local actor.
    #[command(after_help = "Examples:
  pamphlet actor show
  pamphlet actor show ada --json")]
    Show {
        /// The user name [default: the publication's].
        username: Option<String>,
        #[command(flatten)]
        format: Format,
    },
    /// Manage the other accounts whose followers can move here.
    #[command(subcommand)]
    Alias(Alias),
    /// Move all followers to another account, which must list this one as an alias.
    #[command(after_help = "Examples:
  pamphlet actor move --to @blog@new.example
  pamphlet actor move --cancel")]
    Move(Move),
    /// Erase all data about a remote actor, or about a guest who comments without an account.
    #[command(after_help = "Examples:
  pamphlet actor erase @person@example.org --dry-run
  pamphlet actor erase guest@example.org --yes")]
    Erase(Erase),
}

#[derive(Debug, Args)]
pub(crate) struct Move {
    /// The new account: a handle (@user@example.org) or an actor URL (https://...).
    #[arg(
        long,
        value_name = "HANDLE|URL",
        required_unless_present = "cancel",
        conflicts_with = "cancel"
    )]
    to: Option<String>,
    /// Undo a move. Followers who have moved do not come back.
    #[arg(long)]
    cancel: bool,
    #[command(flatten)]
    actor: ActorArg,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    format: Format,
}

/// The local actor that a command is about.
#[derive(Debug, Args)]
pub(crate) struct ActorArg {
    /// The local actor [default: the publication].
    #[arg(long, value_name = "USERNAME")]
    actor: Option<String>,
}

impl Actor {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Actor::Show { username, format } => show(node, username, &format).await,
            Actor::Alias(alias) => alias.run(node).await,
            Actor::Move(command) => command.run(node).await,
            Actor::Erase(erase) => erase.run(node).await,
        };
        options.with_node(run).await
    }
}

impl ActorArg {
    /// Finds the actor.
    ///
    /// # Errors
    /// If no local actor has this name.
    pub(super) async fn find(&self, node: &Node) -> Result<Arc<LocalActor>> {
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

impl Move {
    async fn run(self, node: &Node) -> Result<()> {
        let local = self.actor.find(node).await?;
        let handle = node.handle(&local.row);
        let Some(to) = self.to else {
            if local.row.moved_to.is_none() {
                bail!("{handle} has not moved");
            }
            migration::cancel(node, &local).await?;
            let document = json!({"actor": local.uri, "moved_to": null});
            let text = format!("Undone: {handle} is active again.");
            return output::result(&self.format, &document, &text);
        };
        if let Some(target) = &local.row.moved_to {
            bail!(
                "{handle} has already moved to {target}: run `pamphlet actor move --cancel` to undo the move"
            );
        }
        let ctx = fetch_context(node).await?;
        let asking = asking(&to);
        let target = webfinger::actor(&to, &ctx).await?;
        drop(asking);
        self.yes.confirm(&format!(
            "Move all followers of {handle} to {}? They can't be moved back.",
            target.handle()
        ))?;
        migration::move_to(&ctx, &local, &target).await?;
        let mut tx = node.store.begin().await?;
        let why = format!("to {}", target.row.uri);
        audit::record(&mut tx, "move", &local.uri, Some(&why)).await?;
        tx.commit().await?;
        let document = json!({"actor": local.uri, "moved_to": target.row.uri});
        let text = format!(
            "Moved {handle} to {}. The followers' servers will be notified.",
            target.handle()
        );
        output::result(&self.format, &document, &text)
    }
}
