//! Responses to replies, likes and boosts whose servers ask for approval (GoToSocial's interaction requests):
//! `Accept` with an authorization, or `Reject`.

use super::activities::destinations_of;
use crate::{
    federation::objects::{documents, response_size},
    node::{Node, NodeError, local_actors::LocalActor},
    protocol::{OutgoingActivity, PUBLIC},
    store::{self, Approval, ApprovalKind, ApprovalState, NewActivity, RemoteActorRow, Tx},
};
use serde_json::{Map, Value, json};

/// Responds to an interaction that asks for approval, and stores the decision.
///
/// The response to a request goes only to its sender. A reply without a request also reached other servers, which
/// drop it until they know that it was approved, so the response goes to the followers too.
pub async fn respond_to_request(
    node: &Node,
    tx: &mut Tx,
    approval: &Approval,
    is_approved: bool,
) -> Result<(), NodeError> {
    let state = if is_approved {
        ApprovalState::Accepted
    } else {
        ApprovalState::Rejected
    };
    tx.set_approval_state(approval.id, state).await?;
    let Some(actor) = tx.remote_actor_by_id(approval.actor_id).await? else {
        return Ok(());
    };
    let local = node
        .local_actors
        .in_transaction(tx, approval.local_actor_id)
        .await?;
    let is_for_all = is_approved && approval.request_uri.is_none();
    let limit = response_size::limit_for(&actor);
    let whole = request_of(approval, &actor);
    let objects = [whole, json!(approval.request_uri)];
    // The response embeds only the id of the request if the size limit allows no more.
    let objects = objects
        .into_iter()
        .take(1 + usize::from(approval.request_uri.is_some()));
    let response = limit.first_fitting(objects, |object| {
        response_with(
            node,
            approval,
            &local,
            &actor,
            is_approved,
            is_for_all,
            object,
        )
    });
    let Some(response) = response else {
        return Ok(());
    };
    let id = tx.add_activity(&response).await?;
    for destination in destinations_of(node, tx, std::slice::from_ref(&actor)).await? {
        tx.enqueue_to(id, destination).await?;
    }
    if is_for_all {
        tx.enqueue_to_followers(id, local.row.id).await?;
        tx.enqueue_to_followers(id, node.site_id()).await?;
    }
    Ok(())
}

fn response_with(
    node: &Node,
    approval: &Approval,
    local: &LocalActor,
    actor: &RemoteActorRow,
    is_approved: bool,
    is_for_all: bool,
    object: Value,
) -> NewActivity {
    let uid = store::new_uid();
    let kind = if is_approved { "Accept" } else { "Reject" };
    let mut more = Map::new();
    if is_approved {
        let authorization = node.urls().authorization(&approval.uid);
        more.insert("result".into(), json!(authorization));
    }
    if approval.request_uri.is_none() {
        more.insert("target".into(), json!(approval.target_uri));
    }
    let activity = OutgoingActivity {
        id: node.urls().activity_of(&local.uri, &uid),
        kind,
        actor: local.uri.clone(),
        published: None,
        to: vec![actor.uri.clone()],
        cc: if is_for_all {
            vec![PUBLIC.to_owned(), local.followers()]
        } else {
            Vec::new()
        },
        object,
        more,
    };
    let body = if is_for_all {
        // The integrity proof lets other servers verify a forwarded response.
        documents::activity(&activity, local)
    } else {
        documents::about_approvals(&serde_json::to_value(&activity).unwrap_or(Value::Null))
    };
    NewActivity {
        uid,
        local_actor_id: local.row.id,
        kind,
        object_uri: approval.object_uri.clone(),
        body,
        public: is_for_all,
    }
}

/// Returns the object of a response: the request, or a reply that came without one.
fn request_of(approval: &Approval, actor: &RemoteActorRow) -> Value {
    match &approval.request_uri {
        Some(request) => json!({
            "id": request,
            "type": request_type(approval.kind),
            "actor": actor.uri,
            "object": approval.target_uri,
            "instrument": approval.object_uri,
        }),
        None => json!(approval.object_uri),
    }
}

fn request_type(kind: ApprovalKind) -> &'static str {
    match kind {
        ApprovalKind::Reply => "ReplyRequest",
        ApprovalKind::Like => "LikeRequest",
        ApprovalKind::Announce => "AnnounceRequest",
    }
}
