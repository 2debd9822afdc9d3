//! The end of an admission to a collection (FEP-7aa9): its authorization is deleted, and who may have seen it is
//! told.

use super::outgoing::{Outgoing, destinations_of};
use crate::{
    federation::{Node, NodeError},
    store::{Feature, Tx},
};
use serde_json::json;

/// Takes an actor of ours out of a collection, and tells the collection's owner and the actor's followers.
pub async fn revoke_feature(node: &Node, tx: &mut Tx, feature: &Feature) -> Result<(), NodeError> {
    tx.revoke_feature(feature.id).await?;
    let local = node
        .locals
        .in_transaction(tx, feature.local_actor_id)
        .await?;
    let authorization = node.urls().feature(&feature.uid);
    let owner = tx.remote_actor(&feature.actor_uri).await?;
    let owner: Vec<_> = owner.into_iter().collect();
    let others = destinations_of(node, tx, &owner).await?;
    let delete = Outgoing {
        author: &local,
        kind: "Delete",
        object_uri: &authorization,
        // As of quotes: the id alone.
        object: json!(authorization),
        published: None,
        cc: vec![local.followers(), feature.actor_uri.clone()],
    };
    delete.enqueue_also(node, tx, &[&local], &others).await?;
    Ok(())
}
