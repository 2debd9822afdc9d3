//! What became of our actors: new authors, other names and descriptions.

use super::outgoing::Outgoing;
use crate::{
    federation::{
        Node, NodeError, documents,
        locals::{self, Local},
        signatures::BodyDigest,
    },
    store::{ActorKind, Tx},
};
use serde_json::Value;

/// Tells followers of a site whose name, description or kind was changed in the configuration.
pub(super) async fn tell_of_site(node: &Node) -> Result<(), NodeError> {
    const TOLD: &str = "site_actor_told";
    let site = node.site().await?;
    let document = documents::actor(node, &site);
    let hash = BodyDigest::of(document.as_bytes()).digest_value();
    let mut tx = node.store.begin().await?;
    let told = tx.setting(TOLD).await?;
    if told.as_deref() == Some(hash.as_str()) {
        return Ok(());
    }
    if told.is_some() {
        let update = actor_update(&site, &document);
        update.enqueue(node, &mut tx, &[&site]).await?;
    }
    tx.set_setting(TOLD, &hash).await?;
    tx.commit().await?;
    Ok(())
}

fn actor_update<'a>(local: &'a Local, document: &str) -> Outgoing<'a> {
    Outgoing {
        author: local,
        kind: "Update",
        object_uri: &local.uri,
        object: serde_json::from_str(document).unwrap_or(Value::Null),
        published: None,
        cc: vec![local.followers()],
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
        let document = documents::actor(node, &local);
        let update = actor_update(&local, &document);
        return update.enqueue(node, tx, &[&local]).await;
    }
    if tx.local_actor(username).await?.is_some() {
        tracing::warn!(
            username,
            "an author has the name of another actor and can't be federated"
        );
        return Ok(());
    }
    locals::ensure(tx, username, ActorKind::Author, Some(author.id)).await?;
    Ok(())
}
