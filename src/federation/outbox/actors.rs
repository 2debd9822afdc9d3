//! What became of our actors: new authors, other names and descriptions.

use super::outgoing::Outgoing;
use crate::{
    federation::{
        Node, NodeError, documents,
        locals::{self, Local},
        told,
    },
    store::{ActorKind, Tx},
};
use serde_json::Value;

/// Who is told of a changed actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Followers,
    /// Every server that we ever delivered to: a new key matters to all who may remember the old one.
    Everyone,
}

/// Tells followers of a site whose name, description or kind was changed in the configuration.
pub(super) async fn tell_of_site(node: &Node) -> Result<(), NodeError> {
    let site = node.site().await?;
    let mut tx = node.store.begin().await?;
    let told = tx.actor_told(site.row.id).await?;
    if told.is_some_and(|told| told != told::of_actor(node, &site)) {
        tell_of_actor(node, &mut tx, site.row.id, Audience::Followers).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Tells that one of our actors has changed, in the transaction that changed it. The row of the `Update`.
pub async fn tell_of_actor(
    node: &Node,
    tx: &mut Tx,
    local_id: i64,
    audience: Audience,
) -> Result<i64, NodeError> {
    let local = node.locals.in_transaction(tx, local_id).await?;
    let document = documents::actor(node, &local);
    let id = actor_update(&local, &document).add(node, tx).await?;
    match audience {
        Audience::Followers => tx.enqueue_to_followers(id, local_id).await?,
        Audience::Everyone => tx.enqueue_to_everyone(id).await?,
    };
    tx.set_actor_told(local_id, &told::of_actor(node, &local))
        .await?;
    Ok(id)
}

fn actor_update<'a>(local: &'a Local, document: &str) -> Outgoing<'a> {
    Outgoing {
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

/// Makes the actor of a federated author, or tells the author's followers of a new name or description.
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
        let local = node.locals.in_transaction(tx, row.id).await?;
        let hash = told::of_actor(node, &local);
        if tx.actor_told(row.id).await?.as_ref() == Some(&hash) {
            return Ok(());
        }
        let document = documents::actor(node, &local);
        actor_update(&local, &document)
            .enqueue(node, tx, &[&local])
            .await?;
        return Ok(tx.set_actor_told(row.id, &hash).await?);
    }
    if tx.local_actor(username).await?.is_some() {
        tracing::warn!(
            username,
            "an author has the name of another actor and can't be federated"
        );
        return Ok(());
    }
    let id = locals::ensure(tx, username, ActorKind::Author, Some(author.id)).await?;
    let local = node.locals.in_transaction(tx, id).await?;
    Ok(tx.set_actor_told(id, &told::of_actor(node, &local)).await?)
}
