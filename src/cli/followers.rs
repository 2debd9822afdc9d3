//! `pamphlet followers`: who follows, who asks to, and who no longer may.

use super::{
    Options, local_actor, log,
    output::{self, Format, Page},
};
use crate::{
    content::Handle,
    federation::account::follow_requests,
    node::{Inner, Node, local_actors::Local},
    protocol::is_address,
    store::{Conn, Follower, FollowerState, StoredFollow},
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use std::sync::Arc;

/// See who follows, and decide who may.
#[derive(Debug, Subcommand)]
pub enum Followers {
    /// List followers, the newest first.
    List(List),
    /// List those who ask to follow, the newest first.
    Requests(List),
    /// Let them follow.
    Accept(Accept),
    /// Refuse those who ask to follow.
    Reject(Who),
    /// End the follow of those who follow.
    Remove(Who),
}

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub struct Of {
    /// Of this actor of the node [default: the publication].
    #[arg(long, value_name = "USERNAME")]
    of: Option<String>,
}

#[derive(Debug, Args)]
pub struct Who {
    /// Handles (@user@example.org) or addresses (https://...) of actors.
    #[arg(value_name = "HANDLE|URL", required = true)]
    who: Vec<String>,
    #[command(flatten)]
    of: Of,
}

#[derive(Debug, Args)]
pub struct Accept {
    /// Handles (@user@example.org) or addresses (https://...) of actors.
    #[arg(
        value_name = "HANDLE|URL",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    who: Vec<String>,
    /// Everyone who asks.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    of: Of,
}

impl Followers {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let done = match self {
            Followers::List(list) => list.run(&node, FollowerState::Accepted).await,
            Followers::Requests(list) => list.run(&node, FollowerState::Pending).await,
            Followers::Accept(accept) => accept.run(&node).await,
            Followers::Reject(who) => who.end(&node, FollowerState::Pending).await,
            Followers::Remove(who) => who.end(&node, FollowerState::Accepted).await,
        };
        node.store.close().await;
        done
    }
}

impl Of {
    async fn local(&self, node: &Node) -> Result<Arc<Local>> {
        local_actor(node, self.of.as_deref()).await
    }
}

impl List {
    async fn run(self, node: &Node, state: FollowerState) -> Result<()> {
        let local = self.of.local(node).await?;
        let mut conn = node.store.read().await?;
        let rows = conn
            .followers(local.row.id, state, self.page.before(), self.page.limit)
            .await?;
        if self.format.json {
            return output::json(&rows.iter().map(to_json).collect::<Vec<_>>());
        }
        if state == FollowerState::Accepted {
            output::line(&format!(
                "{} followers of {}",
                conn.count_followers(local.row.id).await?,
                node.handle(&local.row)
            ))?;
        }
        let row = |f: &Follower| {
            vec![
                f.id.to_string(),
                output::time(f.created_at),
                Inner::remote_handle(&f.username, &f.handle_host),
                output::one_line(&f.name, 40),
            ]
        };
        let empty = match state {
            FollowerState::Accepted => "Nobody yet.",
            FollowerState::Pending => "Nobody asks.",
        };
        output::table(
            &["ID", "SINCE", "HANDLE", "NAME"],
            &rows.iter().map(row).collect::<Vec<_>>(),
            empty,
        )
    }
}

impl Accept {
    async fn run(self, node: &Node) -> Result<()> {
        let local = self.of.local(node).await?;
        match self.all {
            true => accept_all(node, &local).await,
            false => accept(node, &local, &self.who).await,
        }
    }
}

async fn accept(node: &Node, local: &Local, who: &[String]) -> Result<()> {
    let mut tx = node.store.begin().await?;
    for text in who {
        let follow = find(&mut tx, local, text).await?;
        if follow.state != FollowerState::Pending.as_str() {
            bail!("{text} follows already");
        }
        follow_requests::accept(node, &mut tx, local, &follow).await?;
        log::decision(&mut tx, "accept follower", &follow.actor_uri, None).await?;
    }
    tx.commit().await?;
    output::line(&format!("Accepted: {}", who.join(", ")))
}

/// A hundred at a time, so that no other writer waits for long.
async fn accept_all(node: &Node, local: &Local) -> Result<()> {
    let mut accepted = 0;
    loop {
        let mut tx = node.store.begin().await?;
        let asking = tx
            .followers(local.row.id, FollowerState::Pending, i64::MAX, 100)
            .await?;
        for follower in &asking {
            let follow = find(&mut tx, local, &follower.uri).await?;
            follow_requests::accept(node, &mut tx, local, &follow).await?;
            log::decision(&mut tx, "accept follower", &follow.actor_uri, None).await?;
        }
        tx.commit().await?;
        accepted += asking.len();
        if asking.is_empty() {
            return output::line(&format!("Accepted: {accepted}"));
        }
    }
}

impl Who {
    /// Ends follows that are in this state.
    async fn end(self, node: &Node, state: FollowerState) -> Result<()> {
        let local = self.of.local(node).await?;
        let mut tx = node.store.begin().await?;
        for text in &self.who {
            let follow = find(&mut tx, &local, text).await?;
            match (follow.state == state.as_str(), state) {
                (true, _) => {}
                (false, FollowerState::Pending) => {
                    bail!("{text} follows already: `pamphlet followers remove` ends that")
                }
                (false, FollowerState::Accepted) => {
                    bail!("{text} only asks to follow: `pamphlet followers reject` refuses that")
                }
            }
            follow_requests::reject(node, &mut tx, &local, &follow).await?;
            let action = match state {
                FollowerState::Pending => "reject follower",
                FollowerState::Accepted => "remove follower",
            };
            log::decision(&mut tx, action, &follow.actor_uri, None).await?;
        }
        tx.commit().await?;
        let what = match state {
            FollowerState::Pending => "Rejected",
            FollowerState::Accepted => "Removed",
        };
        output::line(&format!("{what}: {}", self.who.join(", ")))
    }
}

/// The follow of somebody who is named by handle or address.
async fn find(conn: &mut Conn, local: &Local, text: &str) -> Result<StoredFollow> {
    let uri = match is_address(text) {
        true => Some(text.to_owned()),
        false => {
            let handle: Handle = text.parse()?;
            conn.actor_by_handle(handle.user(), &handle.host().to_string())
                .await?
        }
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
        format!("{text} neither follows nor asks to: `pamphlet followers list` and `requests` show who does")
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
