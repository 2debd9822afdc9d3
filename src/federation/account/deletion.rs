//! Deletes the actor of a federated author.
//!
//! Its `Delete` goes to every known server: any of them may show its posts. Until it has arrived at all that are not dead,
//! the actor's document is still served, because receivers may have to fetch the key that signed it. After that, a
//! tombstone is served. The row and the keys stay, and the username is never given away again.

use crate::{
    federation::objects::activities::PublicActivity,
    node::{Node, NodeError, local_actors::LocalActor},
    store::Tx,
};
use serde_json::json;

/// Enqueues the `Delete` of an author's actor, and retires the actor in the same transaction. Returns the number of
/// servers that are told.
///
/// # Errors
/// If the database fails.
pub async fn delete_actor(node: &Node, tx: &mut Tx, local: &LocalActor) -> Result<u64, NodeError> {
    let delete = PublicActivity {
        author: local,
        kind: "Delete",
        object_uri: &local.uri,
        // The id alone, as Mastodon sends and reads it.
        object: json!(local.uri),
        published: None,
        cc: vec![local.followers()],
    };
    let id = delete.add(node, tx).await?;
    let servers = tx.enqueue_to_everyone(id).await?;
    tx.retire_local_actor(&local.row, &node.urls().note(""))
        .await?;
    Ok(servers)
}
