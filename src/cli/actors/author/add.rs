//! `pamphlet author add`.

use super::{
    profile::{Profile, parse_name, warning_of},
    show::print_changed,
};
use crate::{
    cli::common::{Format, output},
    content::Username,
    node::{Node, NodeError},
    store::{AuthorFields, StoreError},
};
use anyhow::{Result, bail};
use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet author add ada --name 'Ada Lovelace'
  pamphlet author add ada --name Ada --bio 'Writes about *engines*.' --picture ada.jpg --picture-alt 'Ada at her desk'
  pamphlet author add ada --name Ada --federated --link Website=https://ada.example/")]
pub(crate) struct Add {
    /// The user name: letters from a to z, digits and underscores. It can't be changed later.
    username: Username,
    /// The name that readers see.
    #[arg(long, value_parser = parse_name)]
    name: String,
    /// A short biography in Markdown.
    #[arg(long, default_value = "")]
    bio: String,
    /// Give the author an actor, which publishes their articles. The site boosts them.
    #[arg(long)]
    federated: bool,
    #[command(flatten)]
    profile: Profile,
    #[command(flatten)]
    format: Format,
}

impl Add {
    pub(super) async fn run(self, node: &Node) -> Result<()> {
        let username = self.username.as_str();
        let name = self.name.clone();
        refuse_taken_name(node, username).await?;
        let mut fields = AuthorFields {
            name: self.name,
            bio: self.bio,
            federated: self.federated,
            ..AuthorFields::default()
        };
        let claims = self.profile.apply_to(&mut fields, node).await?;
        let mut tx = node.store.begin().await?;
        match tx.add_author(username, &fields).await {
            Err(StoreError::Duplicate(_)) => {
                drop(tx);
                node.media.give_up(&claims).await;
                bail!("an author {username} already exists")
            }
            other => other?,
        };
        claims.release(&mut tx).await?;
        tx.commit().await?;
        if let Some(warning) = warning_of(&fields) {
            output::warn(warning);
        }
        let summary = format!("Added {name} (@{username}@{})", node.config.domain);
        print_changed(node, username, &self.format, &summary).await
    }
}

/// Refuses the username of an actor, present or deleted.
async fn refuse_taken_name(node: &Node, username: &str) -> Result<()> {
    let mut conn = node.store.read().await?;
    if conn.is_retired_name(username).await? {
        return Err(NodeError::RetiredName(username.to_owned()).into());
    }
    if conn.local_actor(username).await?.is_some() {
        bail!("a local actor @{username} already exists: choose another user name");
    }
    Ok(())
}
