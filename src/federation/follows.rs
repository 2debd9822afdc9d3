//! The answers to a `Follow`, given at once or by the admin later: `Accept` and `Reject`.

use super::{Node, NodeError, documents, locals::Local};
use crate::{
    protocol::ActivityOut,
    store::{self, NewActivity, StoredFollow, Tx},
};
use serde_json::{Value, json};

/// The longest `Follow` that is kept while it waits, in bytes; of a longer one only what it says is.
const MAX_KEPT: usize = 16 * 1024;

/// What is kept of a `Follow` that waits for the admin.
pub fn to_keep(follow: &Value) -> Option<String> {
    Some(follow.to_string()).filter(|text| text.len() <= MAX_KEPT)
}

/// Grants a follow that waits, and says so.
pub async fn accept(
    node: &Node,
    tx: &mut Tx,
    local: &Local,
    follow: &StoredFollow,
) -> Result<(), NodeError> {
    tx.accept_follower(local.row.id, follow.actor_id).await?;
    answer(node, tx, local, follow, "Accept").await
}

/// Ends a follow, granted or not, and says so.
pub async fn reject(
    node: &Node,
    tx: &mut Tx,
    local: &Local,
    follow: &StoredFollow,
) -> Result<(), NodeError> {
    tx.remove_follower(local.row.id, follow.actor_id).await?;
    answer(node, tx, local, follow, "Reject").await
}

async fn answer(
    node: &Node,
    tx: &mut Tx,
    local: &Local,
    follow: &StoredFollow,
    kind: &'static str,
) -> Result<(), NodeError> {
    let kept = follow.follow.as_deref();
    let object = kept
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_else(|| {
            json!({
                "id": follow.follow_uri,
                "type": "Follow",
                "actor": follow.actor_uri,
                "object": local.uri,
            })
        });
    let answer = answer_to(
        node,
        local,
        &follow.actor_uri,
        &follow.follow_uri,
        object,
        kind,
    );
    let id = tx.add_activity(&answer).await?;
    tx.enqueue_to(id, follow.destination_id).await?;
    Ok(())
}

/// An `Accept` or `Reject` of a whole `Follow`, as it came: the sender finds its request by it.
pub fn answer_to(
    node: &Node,
    local: &Local,
    follower: &str,
    follow_uri: &str,
    follow: Value,
    kind: &'static str,
) -> NewActivity {
    let uid = store::new_uid();
    let activity = ActivityOut {
        id: node.urls().activity(&uid),
        kind,
        actor: local.uri.clone(),
        published: None,
        to: vec![follower.to_owned()],
        cc: Vec::new(),
        object: documents::embedded(&follow),
        more: Default::default(),
    };
    NewActivity {
        uid,
        local_actor_id: local.row.id,
        kind,
        object_uri: follow_uri.to_owned(),
        body: documents::activity(&activity, local),
        public: false,
    }
}
