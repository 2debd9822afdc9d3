//! Changes of local actors become Updates: new authors, changed names and descriptions.

use crate::{
    federation::objects::{activities::PublicActivity, content_hash, documents},
    node::{
        Node, NodeError,
        local_actors::{self, LocalActor},
    },
    store::{ActorKind, ChangeKind, PendingAnnouncement, Tx},
};
use serde_json::Value;

/// The recipients of a changed actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Followers,
    /// Every server that received a delivery: any of them may remember the old key.
    Everyone,
}

/// Applies the current configuration and the table of authors to local actors: to the names on their comments here, and
/// to their profiles on the followers' servers.
pub(super) async fn publish_actors(node: &Node) -> Result<(), NodeError> {
    let mut tx = node.store.begin().await?;
    for row in tx.local_actors().await? {
        let local = node.local_actors.in_transaction(&mut tx, row.id).await?;
        rename_comments(node, &mut tx, &local).await?;
    }
    publish_site(node, &mut tx, false).await?;
    tx.commit().await?;
    Ok(())
}

/// Sends the followers an `Update` if the site's profile has changed: its name or pictures, for example, or whether
/// it shows the newest articles because none is pinned. A silent change is only recorded.
pub(super) async fn publish_site(
    node: &Node,
    tx: &mut Tx,
    is_silent: bool,
) -> Result<(), NodeError> {
    let site = node.local_actors.in_transaction(tx, node.site_id()).await?;
    let profile = content_hash::of_actor(node, tx, &site).await?;
    let published = tx.published_profile_hash(site.row.id).await?;
    if published.is_none_or(|published| published == profile) {
        return Ok(());
    }
    if is_silent {
        return Ok(tx.set_published_profile_hash(site.row.id, &profile).await?);
    }
    publish_actor(node, tx, site.row.id, Audience::Followers).await?;
    Ok(())
}

/// Sets the current name of a local actor on its comments.
async fn rename_comments(node: &Node, tx: &mut Tx, local: &LocalActor) -> Result<(), NodeError> {
    let site = &node.config.site.name;
    let name = local.row.name.as_ref().unwrap_or(site);
    let url = node.urls().profile(local.row.kind, &local.row.username);
    let ids = node.urls().note("");
    Ok(tx
        .update_own_comment_author(local.row.id, &ids, name, &url)
        .await?)
}

/// Enqueues an `Update` of a local actor in the transaction that changes it. Returns the activity's row id.
pub async fn publish_actor(
    node: &Node,
    tx: &mut Tx,
    local_id: i64,
    audience: Audience,
) -> Result<i64, NodeError> {
    let local = node.local_actors.in_transaction(tx, local_id).await?;
    let document = documents::actor(node, &local);
    let id = actor_update(&local, &document).add(node, tx).await?;
    match audience {
        Audience::Followers => tx.enqueue_to_followers(id, local_id).await?,
        Audience::Everyone => tx.enqueue_to_everyone(id).await?,
    };
    let hash = content_hash::of_actor(node, tx, &local).await?;
    tx.set_published_profile_hash(local_id, &hash).await?;
    Ok(id)
}

fn actor_update<'a>(local: &'a LocalActor, document: &str) -> PublicActivity<'a> {
    PublicActivity {
        author: local,
        kind: "Update",
        object_uri: &local.uri,
        object: serde_json::from_str(document).unwrap_or(Value::Null),
        published: None,
        cc: match local.row.kind {
            ActorKind::Instance => Vec::new(),
            _ => vec![local.followers()],
        },
    }
}

/// Creates the actor of a federated author, or sends the author's followers a changed name or description.
pub(super) async fn handle_author(
    node: &Node,
    tx: &mut Tx,
    username: &str,
) -> Result<(), NodeError> {
    let author = tx
        .author(username)
        .await?
        .filter(|author| author.username == username);
    let Some(author) = author.filter(|author| author.federated) else {
        return Ok(());
    };
    if let Some(row) = tx.local_actor_of_author(author.id).await? {
        let local = node.local_actors.in_transaction(tx, row.id).await?;
        rename_comments(node, tx, &local).await?;
        let hash = content_hash::of_actor(node, tx, &local).await?;
        if tx.published_profile_hash(row.id).await?.as_ref() == Some(&hash) {
            return Ok(());
        }
        let pending = tx
            .pending_announcement(ChangeKind::Author, username)
            .await?;
        if pending != PendingAnnouncement::Silent {
            let document = documents::actor(node, &local);
            actor_update(&local, &document)
                .enqueue(node, tx, &[&local])
                .await?;
        }
        return Ok(tx.set_published_profile_hash(row.id, &hash).await?);
    }
    if tx.local_actor(username).await?.is_some() {
        tracing::warn!(
            username,
            "an author has the name of another actor and can't be federated"
        );
        return Ok(());
    }
    let id = local_actors::ensure(tx, username, ActorKind::Author, Some(author.id)).await?;
    let local = node.local_actors.in_transaction(tx, id).await?;
    let hash = content_hash::of_actor(node, tx, &local).await?;
    Ok(tx.set_published_profile_hash(id, &hash).await?)
}
