//! `pamphlet followers`: lists, accepts, rejects and removes followers.

use crate::{
    cli::common::{
        Format, Options, Pagination, Yes, audit,
        lookup::local_actor,
        output::{self, Listing},
    },
    content::Handle,
    federation::account::follow_requests,
    node::{Inner, Node, local_actors::LocalActor},
    protocol::is_http_url,
    store::{Conn, Follower, FollowerState, StoredFollow, Tx},
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use std::sync::Arc;

/// The most follow requests that a rehearsal lists.
const MOST_REHEARSED: i64 = 1000;

/// Manage followers and follow requests.
#[derive(Debug, Subcommand)]
pub(crate) enum Followers {
    /// List followers, newest first.
    #[command(after_help = "Examples:
  pamphlet followers list
  pamphlet followers list --of ada --json")]
    List(List),
    /// List follow requests, newest first.
    #[command(after_help = "Examples:
  pamphlet followers requests")]
    Requests(List),
    /// Accept follow requests.
    #[command(after_help = "Examples:
  pamphlet followers accept @reader@example.org
  pamphlet followers accept --all")]
    Accept(Accept),
    /// Reject follow requests.
    #[command(after_help = "Examples:
  pamphlet followers reject @stranger@example.org")]
    Reject(Actors),
    /// Remove followers.
    #[command(after_help = "Examples:
  pamphlet followers remove @stranger@example.org")]
    Remove(Removal),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    actor: ActorArg,
    #[command(flatten)]
    page: Pagination,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(super) struct ActorArg {
    /// The local actor [default: the publication].
    #[arg(long, alias = "actor", value_name = "USERNAME")]
    of: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Actors {
    /// Handles (@user@example.org) or actor URLs (https://...).
    #[arg(value_name = "HANDLE|URL", required = true)]
    who: Vec<String>,
    #[command(flatten)]
    actor: ActorArg,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Removal {
    #[command(flatten)]
    actors: Actors,
    #[command(flatten)]
    yes: Yes,
}

#[derive(Debug, Args)]
pub(crate) struct Accept {
    /// Handles (@user@example.org) or actor URLs (https://...).
    #[arg(
        value_name = "HANDLE|URL",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    who: Vec<String>,
    /// Accept all follow requests.
    #[arg(long)]
    all: bool,
    /// Only print whose requests would be accepted.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    actor: ActorArg,
    #[command(flatten)]
    format: Format,
}

impl Followers {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Followers::List(list) => list.run(node, FollowerState::Accepted).await,
            Followers::Requests(list) => list.run(node, FollowerState::Pending).await,
            Followers::Accept(accept) => accept.run(node).await,
            Followers::Reject(actors) => actors.end(node, FollowerState::Pending).await,
            Followers::Remove(removal) => removal.run(node).await,
        };
        options.with_node(run).await
    }
}

impl ActorArg {
    async fn find(&self, node: &Node) -> Result<Arc<LocalActor>> {
        local_actor(node, self.of.as_deref()).await
    }
}

impl List {
    async fn run(self, node: &Node, state: FollowerState) -> Result<()> {
        let local = self.actor.find(node).await?;
        let mut conn = node.store.read().await?;
        let rows = conn
            .followers(local.row.id, state, self.page.before(), self.page.limit)
            .await?;
        if state == FollowerState::Accepted && !self.format.json {
            output::line(&format!(
                "{} followers of {}",
                conn.count_followers(local.row.id).await?,
                node.handle(&local.row)
            ))?;
        }
        let list = Listing {
            items: &rows,
            headings: &["ID", "SINCE", "HANDLE", "NAME"],
            empty: match state {
                FollowerState::Accepted => "There are no followers.",
                FollowerState::Pending => "There are no follow requests.",
            },
        };
        list.print(&self.format, to_json, |follower| {
            vec![
                follower.id.to_string(),
                output::time(follower.created_at),
                Inner::remote_handle(&follower.username, &follower.handle_host),
                output::one_line(&follower.name, 40),
            ]
        })
    }
}

impl Accept {
    async fn run(self, node: &Node) -> Result<()> {
        let local = self.actor.find(node).await?;
        if self.dry_run {
            return self.rehearse(node, &local).await;
        }
        let (count, text) = if self.all {
            let count = accept_all(node, &local).await?;
            (count, count.to_string())
        } else {
            accept_named(node, &local, &self.who).await?;
            (self.who.len(), self.who.join(", "))
        };
        let document = json!({"accepted": count, "dry_run": false});
        output::result(&self.format, &document, &format!("Accepted: {text}"))
    }

    /// Prints whose requests would be accepted.
    async fn rehearse(&self, node: &Node, local: &LocalActor) -> Result<()> {
        let mut conn = node.store.read().await?;
        let mut who = Vec::new();
        if self.all {
            let state = FollowerState::Pending;
            let asking = conn
                .followers(local.row.id, state, i64::MAX, MOST_REHEARSED)
                .await?;
            who.extend(asking.into_iter().map(|follower| follower.uri));
        }
        for text in &self.who {
            who.push(find(&mut conn, local, text).await?.actor_uri);
        }
        let document = json!({"accepted": who.len(), "dry_run": true, "actors": who});
        let text = match who.is_empty() {
            true => "There are no follow requests.".to_owned(),
            false => format!("Would accept: {}", who.join(", ")),
        };
        output::result(&self.format, &document, &text)
    }
}

async fn accept_named(node: &Node, local: &LocalActor, who: &[String]) -> Result<()> {
    let mut tx = node.store.begin().await?;
    for text in who {
        let follow = find(&mut tx, local, text).await?;
        if follow.state != FollowerState::Pending {
            bail!("{text} is already a follower");
        }
        accept(node, &mut tx, local, &follow).await?;
    }
    Ok(tx.commit().await?)
}

/// Accepts all follow requests, a hundred per transaction, so that other writers do not wait long. Returns how many.
async fn accept_all(node: &Node, local: &LocalActor) -> Result<usize> {
    let mut accepted = 0;
    loop {
        let mut tx = node.store.begin().await?;
        let asking = tx
            .followers(local.row.id, FollowerState::Pending, i64::MAX, 100)
            .await?;
        for follower in &asking {
            let follow = find(&mut tx, local, &follower.uri).await?;
            accept(node, &mut tx, local, &follow).await?;
        }
        tx.commit().await?;
        accepted += asking.len();
        if asking.is_empty() {
            return Ok(accepted);
        }
    }
}

async fn accept(node: &Node, tx: &mut Tx, local: &LocalActor, follow: &StoredFollow) -> Result<()> {
    follow_requests::accept(node, tx, local, follow).await?;
    audit::record(tx, "accept follower", &follow.actor_uri, None).await
}

impl Removal {
    async fn run(self, node: &Node) -> Result<()> {
        let local = self.actors.actor.find(node).await?;
        let mut conn = node.store.read().await?;
        for text in &self.actors.who {
            find(&mut conn, &local, text).await?;
        }
        drop(conn);
        let who = self.actors.who.join(", ");
        self.yes.confirm(&format!("Remove the followers {who}?"))?;
        self.actors.end(node, FollowerState::Accepted).await
    }
}

impl Actors {
    /// Rejects follow requests or removes followers, depending on the state that the follows must have.
    async fn end(self, node: &Node, state: FollowerState) -> Result<()> {
        let local = self.actor.find(node).await?;
        let mut tx = node.store.begin().await?;
        for text in &self.who {
            let follow = find(&mut tx, &local, text).await?;
            match (follow.state == state, state) {
                (true, _) => {}
                (false, FollowerState::Pending) => {
                    bail!(
                        "{text} is already a follower: run `pamphlet followers remove` to remove it"
                    )
                }
                (false, FollowerState::Accepted) => {
                    bail!(
                        "{text} is not a follower yet: run `pamphlet followers reject` to reject the request"
                    )
                }
            }
            follow_requests::reject(node, &mut tx, &local, &follow).await?;
            let action = match state {
                FollowerState::Pending => "reject follower",
                FollowerState::Accepted => "remove follower",
            };
            audit::record(&mut tx, action, &follow.actor_uri, None).await?;
        }
        tx.commit().await?;
        let (verb, name) = match state {
            FollowerState::Pending => ("Rejected", "rejected"),
            FollowerState::Accepted => ("Removed", "removed"),
        };
        let text = format!("{verb}: {}", self.who.join(", "));
        output::result(&self.format, &json!({name: self.who.len()}), &text)
    }
}

/// Finds a follow or follow request by the follower's handle or URL.
async fn find(conn: &mut Conn, local: &LocalActor, text: &str) -> Result<StoredFollow> {
    let uri = if is_http_url(text) {
        Some(text.to_owned())
    } else {
        let handle: Handle = text.parse()?;
        conn.actor_by_handle(handle.user(), &handle.host().to_string())
            .await?
    };
    let actor = match uri {
        Some(uri) => conn.remote_actor(&uri).await?,
        None => None,
    };
    let follow = match actor {
        Some(actor) => conn.follow_of(local.row.id, actor.id).await?,
        None => None,
    };
    follow.with_context(|| {
        format!("{text} is not a follower and has not requested to follow: run `pamphlet followers list` or `requests`")
    })
}

fn to_json(follower: &Follower) -> serde_json::Value {
    json!({
        "id": follower.id,
        "actor": follower.uri,
        "handle": Inner::remote_handle(&follower.username, &follower.handle_host),
        "name": follower.name,
        "state": follower.state,
        "since": output::timestamp(follower.created_at),
    })
}
