//! Responses to a `Follow`: `Accept` or `Reject`, at once or later by the admin's decision.

use crate::{
    federation::objects::{
        documents,
        response_size::{self, SizeLimit},
    },
    node::{Node, NodeError, local_actors::LocalActor},
    protocol::OutgoingActivity,
    store::{self, NewActivity, StoredFollow, Tx},
};
use serde_json::{Value, json};

/// Returns the form of a `Follow` that is stored until the admin decides, and that responses embed. A large or unusual
/// one is reduced to its essential properties.
pub fn stored_form(follow: &Value, id: &str, follower: &str) -> Value {
    response_size::embedded_request(documents::embedded(follow), || {
        let followed = match &follow["object"] {
            Value::String(id) => json!(id),
            object => object["id"].clone(),
        };
        json!({"id": id, "type": "Follow", "actor": follower, "object": followed})
    })
}

/// Accepts a pending follow, and notifies the follower's server.
pub async fn accept(
    node: &Node,
    tx: &mut Tx,
    local: &LocalActor,
    follow: &StoredFollow,
) -> Result<(), NodeError> {
    tx.accept_follower(local.row.id, follow.actor_id).await?;
    respond(node, tx, local, follow, "Accept").await
}

/// Rejects a pending follow or removes a follower, and notifies the follower's server.
pub async fn reject(
    node: &Node,
    tx: &mut Tx,
    local: &LocalActor,
    follow: &StoredFollow,
) -> Result<(), NodeError> {
    tx.remove_follower(local.row.id, follow.actor_id).await?;
    respond(node, tx, local, follow, "Reject").await
}

async fn respond(
    node: &Node,
    tx: &mut Tx,
    local: &LocalActor,
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
    let actor = tx.remote_actor_by_id(follow.actor_id).await?;
    let limit = actor
        .as_ref()
        .map_or(SizeLimit::NONE, response_size::limit_for);
    let (follower, follow_uri) = (&follow.actor_uri, &follow.follow_uri);
    // If even the shortest response is too large, the server is not notified.
    if let Some(response) = response(node, local, follower, follow_uri, object, kind, limit) {
        let id = tx.add_activity(&response).await?;
        tx.enqueue_to(id, follow.destination_id).await?;
    }
    Ok(())
}

/// Returns an `Accept` or `Reject` that embeds the `Follow`, since some servers find their request by it, or only its id
/// if the size limit allows no more.
pub fn response(
    node: &Node,
    local: &LocalActor,
    follower: &str,
    follow_uri: &str,
    follow: Value,
    kind: &'static str,
    limit: SizeLimit,
) -> Option<NewActivity> {
    limit.first_fitting([follow, json!(follow_uri)], |object| {
        response_with(node, local, follower, follow_uri, object, kind)
    })
}

fn response_with(
    node: &Node,
    local: &LocalActor,
    follower: &str,
    follow_uri: &str,
    follow: Value,
    kind: &'static str,
) -> NewActivity {
    let uid = store::new_uid();
    let activity = OutgoingActivity {
        id: node.urls().activity_of(&local.uri, &uid),
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
