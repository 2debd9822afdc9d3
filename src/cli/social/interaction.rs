//! `pamphlet like`, `boost` and `report`: interactions of the publication with posts and actors of other servers.

use crate::{
    cli::common::{
        Format, Options,
        lookup::{asking, fetch_context},
        output,
    },
    federation::remote::remote_posts::{self, Remote},
    node::Node,
    store::{ChangeKind, Interaction, InteractionKind, RemoteActorRow},
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;

/// The post to like or boost.
#[derive(Debug, Args)]
pub(crate) struct PostTarget {
    /// A post on another server: the URL of its page, or its ActivityPub ID.
    #[arg(value_name = "URL")]
    url: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The URL of a post, or the handle or URL of an actor.
    #[arg(value_name = "URL|HANDLE")]
    what: String,
    /// The reason, for the moderators of the other server.
    why: String,
    #[command(flatten)]
    format: Format,
}

impl PostTarget {
    /// Likes or boosts the post.
    pub(crate) async fn run(self, options: &Options, kind: InteractionKind) -> Result<()> {
        let run = async |node: &Node| {
            let _asking = asking(&self.url);
            let post = remote_posts::post(&self.url, &fetch_context(node).await?).await?;
            if !post.is_public {
                bail!("{} is not public", self.url);
            }
            let new = NewInteraction {
                kind,
                by: node.site_id(),
                object: &post.uri,
                actor: &post.author,
                text: "",
            };
            new.store(node, &self.format).await
        };
        options.with_node(run).await
    }
}

impl Report {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        if self.why.trim().is_empty() {
            bail!("the reason is empty: the moderators of the other server need one");
        }
        let run = async |node: &Node| {
            let asking = asking(&self.what);
            let (uri, actor) =
                match remote_posts::find(&self.what, &fetch_context(node).await?).await? {
                    Remote::Actor(actor) => (actor.uri.clone(), actor),
                    Remote::Post(post) => (post.uri, post.author),
                };
            drop(asking);
            let new = NewInteraction {
                kind: InteractionKind::Report,
                // The instance actor reports, as on other servers, so that the reporter stays anonymous.
                by: node.instance().await?.row.id,
                object: &uri,
                actor: &actor,
                text: self.why.trim(),
            };
            new.store(node, &self.format).await
        };
        options.with_node(run).await
    }
}

/// An interaction to be stored.
pub(super) struct NewInteraction<'a> {
    pub(crate) kind: InteractionKind,
    /// The row of the local actor.
    pub(crate) by: i64,
    /// The id of the post or actor.
    pub(crate) object: &'a str,
    /// The actor, or the post's author.
    pub(crate) actor: &'a RemoteActorRow,
    /// The reason of a report.
    pub(crate) text: &'a str,
}

impl NewInteraction<'_> {
    /// Stores the interaction and prints it.
    ///
    /// # Errors
    /// If it exists already, or the database fails.
    pub(super) async fn store(&self, node: &Node, format: &Format) -> Result<()> {
        let mut tx = node.store.begin().await?;
        let added = tx
            .add_interaction(self.kind, self.by, self.object, self.actor.id, self.text)
            .await?;
        let Some(id) = added else {
            bail!("{} is already {}", self.object, self.state());
        };
        tx.add_change(ChangeKind::Interaction, &id.to_string())
            .await?;
        tx.commit().await?;
        self.print(&format!("{}-{id}", self.kind.as_str()), format)
    }

    /// Returns the state of an object that has had this interaction before.
    fn state(&self) -> &'static str {
        match self.kind {
            InteractionKind::Like => "liked",
            InteractionKind::Boost => "boosted",
            InteractionKind::Follow => "followed, or a follow request is pending",
            InteractionKind::Report => "reported",
        }
    }

    fn print(&self, name: &str, format: &Format) -> Result<()> {
        let uri = self.object;
        if format.json {
            return output::json(&json!({"id": name, "object": uri}));
        }
        let verb = match self.kind {
            InteractionKind::Report => return output::line(&format!("Reported: {uri}")),
            InteractionKind::Like => "Liked",
            InteractionKind::Boost => "Boosted",
            InteractionKind::Follow => "Follow requested",
        };
        output::line(&format!(
            "{verb}: {uri}\n\nTo undo this, run `pamphlet undo {name}`."
        ))
    }
}

/// Returns the name of an interaction for `undo`, such as `like-5`.
pub(super) fn name_of(row: &Interaction) -> String {
    format!("{}-{}", row.kind.as_str(), row.id)
}
