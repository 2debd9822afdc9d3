//! `pamphlet follow`, `unfollow` and `following`: the actors that the publication follows.

use super::{
    interaction::{NewInteraction, name_of},
    undo::undo_interaction,
};
use crate::{
    cli::common::{
        Format, Options, Pagination,
        lookup::{asking, fetch_context},
        output::{self, Listing},
        withdrawal::print_undone,
    },
    content::Handle,
    federation::remote::webfinger,
    node::{Inner, Node},
    store::{FollowedActor, InteractionKind, InteractionState},
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;

/// The actor to follow or unfollow.
#[derive(Debug, Args)]
pub(crate) struct FollowTarget {
    /// A handle (@user@example.org) or an actor URL (https://...).
    #[arg(value_name = "HANDLE|URL")]
    who: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Following {
    #[command(flatten)]
    page: Pagination,
    #[command(flatten)]
    format: Format,
}

impl FollowTarget {
    pub(crate) async fn follow(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| {
            let asking = asking(&self.who);
            let actor = webfinger::actor(&self.who, &fetch_context(node).await?).await?;
            drop(asking);
            let new = NewInteraction {
                kind: InteractionKind::Follow,
                by: node.site_id(),
                object: &actor.row.uri,
                actor: &actor.row,
                text: "",
            };
            new.store(node, &self.format).await
        };
        options.with_node(run).await
    }

    pub(crate) async fn unfollow(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| {
            let uri = actor_uri(&self.who, node).await?;
            let mut tx = node.store.begin().await?;
            let interactions = tx.interactions_with(&uri).await?;
            let follow = interactions
                .iter()
                .find(|row| row.kind == InteractionKind::Follow);
            let Some(follow) = follow else {
                bail!(
                    "the publication does not follow {}: run `pamphlet following` to list followed actors",
                    self.who
                );
            };
            undo_interaction(&mut tx, follow).await?;
            tx.commit().await?;
            print_undone(&name_of(follow), &uri, &self.format)
        };
        options.with_node(run).await
    }
}

impl Following {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        options.with_node(async |node| self.print(node).await).await
    }

    async fn print(&self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let rows = conn
            .following(node.site_id(), false, self.page.before(), self.page.limit)
            .await?;
        let list = Listing {
            items: &rows,
            headings: &["ID", "SINCE", "HANDLE", "NAME", "STATE"],
            empty: "The publication follows nobody: run `pamphlet follow @user@example.org` to follow an actor.",
        };
        list.print(&self.format, to_json, |row| {
            vec![
                row.id.to_string(),
                output::time(row.created_at),
                handle_of(row),
                output::one_line(&row.name, 40),
                state_of(row).to_owned(),
            ]
        })
    }
}

fn to_json(row: &FollowedActor) -> serde_json::Value {
    json!({
        "id": format!("follow-{}", row.id),
        "actor": row.uri,
        "handle": handle_of(row),
        "name": row.name,
        "state": state_of(row),
        "since": output::timestamp(row.created_at),
    })
}

fn handle_of(row: &FollowedActor) -> String {
    Inner::remote_handle(&row.username, &row.handle_host)
}

fn state_of(row: &FollowedActor) -> &'static str {
    match row.state {
        InteractionState::Waiting | InteractionState::Sent => "asked",
        other => other.as_str(),
    }
}

/// Returns an actor's id. A known handle needs no request.
pub(super) async fn actor_uri(who: &str, node: &Node) -> Result<String> {
    let mut conn = node.store.read().await?;
    let known = match who.parse::<Handle>() {
        Ok(handle) => {
            let host = handle.host().to_string();
            conn.remote_actor_by_handle(handle.user(), &host).await?
        }
        Err(_) => conn.remote_actor(who).await?,
    };
    drop(conn);
    match known {
        Some(row) => Ok(row.uri),
        None => Ok(webfinger::actor(who, &fetch_context(node).await?)
            .await?
            .row
            .uri),
    }
}
