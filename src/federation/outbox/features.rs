//! Ends an entry in a collection (FEP-7aa9): deletes its authorization and notifies the servers that may have seen
//! it.

use crate::{
    federation::objects::activities::{PublicActivity, destinations_of},
    node::{Node, NodeError},
    store::{Feature, Tx},
};
use serde_json::json;

/// Removes a local actor from a collection, and notifies the collection's owner and the actor's followers.
pub async fn revoke_feature(node: &Node, tx: &mut Tx, feature: &Feature) -> Result<(), NodeError> {
    tx.revoke_feature(feature.id).await?;
    let local = node
        .local_actors
        .in_transaction(tx, feature.local_actor_id)
        .await?;
    let authorization = node.urls().feature(&feature.uid);
    let owner = tx.remote_actor(&feature.actor_uri).await?;
    let owner: Vec<_> = owner.into_iter().collect();
    let others = destinations_of(node, tx, &owner).await?;
    let delete = PublicActivity {
        author: &local,
        kind: "Delete",
        object_uri: &authorization,
        // As for quotes, the object is the id alone.
        object: json!(authorization),
        published: None,
        cc: vec![local.followers(), feature.actor_uri.clone()],
    };
    delete.enqueue_also(node, tx, &[&local], &others).await?;
    Ok(())
}
