//! `pamphlet author remove`.

use super::show::find;
use crate::{
    cli::common::{
        Format, UsageError, Yes, audit,
        output::{self, counted},
        pictures::remove_unused,
    },
    content::Username,
    federation::account::deletion,
    node::{Node, local_actors::LocalActor},
    store::{Author, LocalActorRow},
};
use anyhow::Result;
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet author remove ada
  pamphlet author remove ada --yes
  pamphlet author remove ada --delete-actor

Other servers know a federated author. With --delete-actor they are told that the actor is gone, and remove its
posts for ever; the articles stay on this site. The user name can never be used again.")]
pub(crate) struct Remove {
    /// The author's user name.
    username: Username,
    /// Also delete the actor of a federated author.
    #[arg(long)]
    delete_actor: bool,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    format: Format,
}

/// A removed author, as it is reported.
struct Removed {
    articles: i64,
    /// The deleted actor, and the number of servers that are told.
    actor: Option<(LocalActorRow, String, u64)>,
}

impl Remove {
    pub(super) async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let author = find(&mut conn, self.username.as_str()).await?;
        let actor = conn.local_actor_of_author(author.id).await?;
        let articles = conn.count_articles_of(author.id).await?;
        let followers = match &actor {
            Some(actor) => conn.count_followers(actor.id).await?,
            None => 0,
        };
        drop(conn);
        let kept = match articles {
            0 => String::new(),
            1 => " 1 article keeps the name as byline.".to_owned(),
            _ => format!(" {articles} articles keep the name as byline."),
        };
        match &actor {
            Some(actor) => {
                let handle = node.handle(actor);
                let followers = counted(followers.unsigned_abs() as usize, "follower");
                if !self.delete_actor {
                    return Err(UsageError::new(format!(
                        "{} is federated: {handle} has {followers}, and other servers know its posts. To delete \
                         the actor too, add --delete-actor: they remove its posts, and the user name can never be \
                         used again",
                        author.username
                    ))
                    .into());
                }
                self.yes.confirm(&format!(
                    "Remove {} and delete {handle} with its {followers}? Other servers remove its posts for ever, \
                     and the user name can never be used again.{kept}",
                    author.name
                ))?;
            }
            None => self
                .yes
                .confirm(&format!("Remove the author {}?{kept}", author.name))?,
        }
        let removed = remove(node, &author, self.delete_actor, articles).await?;
        let picture = author.picture_url.as_deref().unwrap_or_default();
        remove_unused(node, &[picture, &author.bio]).await?;
        self.report(node, &author, &removed)
    }

    fn report(&self, node: &Node, author: &Author, removed: &Removed) -> Result<()> {
        if self.format.json {
            let actor = removed.actor.as_ref();
            return output::json(&json!({
                "username": author.username,
                "removed": true,
                "articles": removed.articles,
                "actor": actor.map(|(_, uri, _)| uri),
                "servers": actor.map(|(_, _, servers)| servers),
            }));
        }
        output::line(&format!("Removed {} ({})", author.name, author.username))?;
        match &removed.actor {
            Some((row, _, servers)) => output::line(&format!(
                "{} is deleted: {} will be told.",
                node.handle(row),
                counted(usize::try_from(*servers).unwrap_or(usize::MAX), "server"),
            )),
            None => Ok(()),
        }
    }
}

/// Removes an author, with their actor if `delete_actor` says so, in one transaction.
async fn remove(
    node: &Node,
    author: &Author,
    delete_actor: bool,
    articles: i64,
) -> Result<Removed> {
    let mut tx = node.store.begin().await?;
    let row = tx.local_actor_of_author(author.id).await?;
    let mut actor = None;
    if let Some(row) = row.filter(|_| delete_actor) {
        let local: std::sync::Arc<LocalActor> =
            node.local_actors.in_transaction(&mut tx, row.id).await?;
        let servers = deletion::delete_actor(node, &mut tx, &local).await?;
        audit::record(&mut tx, "delete-actor", &local.uri, None).await?;
        actor = Some((row, local.uri.clone(), servers));
    }
    tx.remove_author(author).await?;
    tx.commit().await?;
    node.store.wake();
    Ok(Removed { articles, actor })
}
