//! Moves: other accounts of the same owner (`alsoKnownAs`), from which followers may come to one of our
//! actors, and the new account to which they go (`movedTo`, `Move`).
//!
//! Both sides must agree: servers move a follower only if the new account names the old one.

use crate::{
    federation::{
        objects::documents,
        outbox::{Audience, tell_of_actor},
        remote::actors,
    },
    node::{
        Context, Node, NodeError, error::InboxError, local_actors::LocalActor,
        remote_actor::RemoteActor,
    },
    protocol::OutgoingActivity,
    store::{self, NewActivity},
};
use serde_json::json;

/// Why one of our actors can't move, in a sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    #[error("{0} can't be reached: {1}")]
    OutOfReach(String, InboxError),
    #[error(
        "{target} does not name {ours} as one of its aliases: add it there first (in Mastodon: Preferences, Account, \
         Moving from a different account), then try again"
    )]
    NotNamed { target: String, ours: String },
    #[error("{0} has moved on itself: name the account where it is now")]
    Onward(String),
    #[error(transparent)]
    Node(#[from] NodeError),
}

impl From<store::StoreError> for MoveError {
    fn from(error: store::StoreError) -> Self {
        MoveError::Node(error.into())
    }
}

/// Replaces the aliases of one of our actors, and tells its followers' servers.
pub async fn set_aliases(
    node: &Node,
    local: &LocalActor,
    aliases: &[String],
) -> Result<(), NodeError> {
    let mut tx = node.store.begin().await?;
    tx.set_aliases(local.row.id, &json!(aliases).to_string())
        .await?;
    tell_of_actor(node, &mut tx, local.row.id, Audience::Followers).await?;
    Ok(tx.commit().await?)
}

/// Sends the followers of one of our actors to another account, which must name ours.
///
/// # Errors
/// A [`MoveError`]; then nothing has changed.
pub async fn move_to(
    ctx: &Context,
    local: &LocalActor,
    target: &RemoteActor,
) -> Result<(), MoveError> {
    let target = actors::refetch(&target.row.uri, ctx)
        .await
        .map_err(|error| MoveError::OutOfReach(target.handle(), error))?;
    let aliases: Vec<String> = serde_json::from_str(&target.row.aliases).unwrap_or_default();
    if !aliases.contains(&local.uri) {
        return Err(MoveError::NotNamed {
            target: target.handle(),
            ours: ctx.handle(&local.row),
        });
    }
    if target.row.moved_to.is_some() {
        return Err(MoveError::Onward(target.handle()));
    }
    let id = local.row.id;
    let mut tx = ctx.store.begin().await?;
    tx.set_moved_to(id, Some(&target.row.uri)).await?;
    // Before the Move, since some servers ask the old account for where it went.
    tell_of_actor(ctx, &mut tx, id, Audience::Followers).await?;
    let activity = tx.add_activity(&move_of(ctx, local, &target)).await?;
    tx.enqueue_to_followers(activity, id).await?;
    Ok(tx.commit().await?)
}

/// Says that an actor is back, to whom those who did not follow along may come again.
pub async fn cancel(node: &Node, local: &LocalActor) -> Result<(), NodeError> {
    let mut tx = node.store.begin().await?;
    tx.set_moved_to(local.row.id, None).await?;
    tell_of_actor(node, &mut tx, local.row.id, Audience::Followers).await?;
    Ok(tx.commit().await?)
}

fn move_of(node: &Node, local: &LocalActor, target: &RemoteActor) -> NewActivity {
    let uid = store::new_uid();
    let activity = OutgoingActivity {
        id: node.urls().activity(&uid),
        kind: "Move",
        actor: local.uri.clone(),
        published: None,
        to: vec![local.followers()],
        cc: Vec::new(),
        object: json!(local.uri),
        more: [("target".to_owned(), json!(target.row.uri))]
            .into_iter()
            .collect(),
    };
    NewActivity {
        uid,
        local_actor_id: local.row.id,
        kind: "Move",
        object_uri: local.uri.clone(),
        body: documents::activity(&activity, local),
        public: true,
    }
}
