//! Account migration: the aliases from which followers may move to a local actor (`alsoKnownAs`), and the new account to
//! which its followers move (`movedTo`, `Move`).
//!
//! Both sides must agree: servers move a follower only if the new account names the old one.

use crate::{
    federation::{
        objects::documents,
        outbox::{Audience, publish_actor},
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

/// The reason why a local actor can't move.
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

/// Replaces the aliases of a local actor, and announces the change to its followers' servers.
pub async fn set_aliases(
    node: &Node,
    local: &LocalActor,
    aliases: &[String],
) -> Result<(), NodeError> {
    let mut tx = node.store.begin().await?;
    tx.set_aliases(local.row.id, &json!(aliases).to_string())
        .await?;
    publish_actor(node, &mut tx, local.row.id, Audience::Followers).await?;
    Ok(tx.commit().await?)
}

/// Moves the followers of a local actor to another account, which must have the local actor as an alias.
///
/// # Errors
/// See [`MoveError`]. Nothing has changed then.
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
    ctx.refuse_if_closed()?;
    let id = local.row.id;
    let mut tx = ctx.store.begin().await?;
    tx.set_moved_to(id, Some(&target.row.uri)).await?;
    // The `Update` goes before the `Move`, since some servers then read `movedTo` of the old account.
    publish_actor(ctx, &mut tx, id, Audience::Followers).await?;
    let activity = tx
        .add_activity(&move_of(ctx, local, &target.row.uri))
        .await?;
    tx.enqueue_to_followers(activity, id).await?;
    Ok(tx.commit().await?)
}

/// Cancels a migration: the actor can be followed again. Followers that have moved do not come back.
pub async fn cancel(node: &Node, local: &LocalActor) -> Result<(), NodeError> {
    let mut tx = node.store.begin().await?;
    tx.set_moved_to(local.row.id, None).await?;
    publish_actor(node, &mut tx, local.row.id, Audience::Followers).await?;
    Ok(tx.commit().await?)
}

pub(super) fn move_of(node: &Node, local: &LocalActor, target: &str) -> NewActivity {
    let uid = store::new_uid();
    let activity = OutgoingActivity {
        id: node.urls().activity_of(&local.uri, &uid),
        kind: "Move",
        actor: local.uri.clone(),
        published: None,
        to: vec![local.followers()],
        cc: Vec::new(),
        object: json!(local.uri),
        more: [("target".to_owned(), json!(target))].into_iter().collect(),
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
