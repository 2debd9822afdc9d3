//! Sends and undoes likes, boosts, follows and reports of local actors.

use crate::{
    base::time::rfc3339,
    federation::objects::{
        activities::{LocalActivity, PublicActivity, destinations_of},
        documents,
    },
    node::{Node, NodeError, local_actors::LocalActor},
    store::{
        self, ChangeKind, Interaction, InteractionKind, InteractionState, RemoteActorRow,
        StoreError, Tx,
    },
};
use serde_json::{Map, Value, json};

/// Sends a waiting interaction, or undoes one.
pub(super) async fn handle_interaction(
    node: &Node,
    tx: &mut Tx,
    id: &str,
) -> Result<(), NodeError> {
    let Ok(id) = id.parse() else { return Ok(()) };
    let Some(row) = tx.lock_interaction(id).await? else {
        return Ok(());
    };
    let Some(actor) = tx.remote_actor_by_id(row.actor_id).await? else {
        return Ok(());
    };
    let author = node
        .local_actors
        .in_transaction(tx, row.local_actor_id)
        .await?;
    match row.state {
        InteractionState::Waiting => {
            let activity = send(node, tx, &row, &author, &actor).await?;
            tx.set_interaction_sent(row.id, activity).await?;
        }
        InteractionState::Undoing => {
            send_undo(node, tx, &row, &author, &actor).await?;
            tx.set_interaction_state(row.id, InteractionState::Undone)
                .await?;
        }
        _ => {}
    }
    Ok(())
}

/// Sends an interaction. Returns the activity's row id.
async fn send(
    node: &Node,
    tx: &mut Tx,
    row: &Interaction,
    author: &LocalActor,
    actor: &RemoteActorRow,
) -> Result<i64, NodeError> {
    let others = destinations_of(node, tx, std::slice::from_ref(actor)).await?;
    if row.kind == InteractionKind::Boost {
        let boost = PublicActivity {
            author,
            kind: "Announce",
            object_uri: &row.object_uri,
            object: json!(row.object_uri),
            published: Some(rfc3339(store::now())),
            cc: vec![author.followers(), actor.uri.clone()],
        };
        return boost.enqueue_also(node, tx, &[author], &others).await;
    }
    let (kind, object, more) = match row.kind {
        InteractionKind::Like => ("Like", json!(row.object_uri), Map::new()),
        InteractionKind::Follow => ("Follow", json!(row.object_uri), Map::new()),
        // As Mastodon does: the actor first, then the post.
        InteractionKind::Report => ("Flag", flagged(row, actor), content_of(row)),
        InteractionKind::Boost => ("Announce", json!(row.object_uri), Map::new()),
    };
    let activity = LocalActivity {
        author,
        kind,
        object_uri: &row.object_uri,
        object,
        published: None,
        to: vec![actor.uri.clone()],
        cc: Vec::new(),
        more,
        public: row.kind == InteractionKind::Like,
    };
    activity.enqueue(node, tx, &[], &others).await
}

fn flagged(row: &Interaction, actor: &RemoteActorRow) -> Value {
    if row.object_uri == actor.uri {
        json!([actor.uri])
    } else {
        json!([actor.uri, row.object_uri])
    }
}

fn content_of(row: &Interaction) -> Map<String, Value> {
    Map::from_iter([("content".to_owned(), json!(row.text))])
}

/// Sends an `Undo` to the recipients of the activity.
async fn send_undo(
    node: &Node,
    tx: &mut Tx,
    row: &Interaction,
    author: &LocalActor,
    actor: &RemoteActorRow,
) -> Result<(), NodeError> {
    let Some(id) = row.activity_id else {
        return Ok(());
    };
    let Some(sent) = tx.activity(id).await? else {
        return Ok(());
    };
    let sent_as: Value = serde_json::from_str(&sent.body).unwrap_or(Value::Null);
    let object = documents::embedded(&sent_as);
    let list = |name: &str| -> Vec<String> {
        serde_json::from_value(object[name].clone()).unwrap_or_default()
    };
    let (to, cc) = (list("to"), list("cc"));
    let others = destinations_of(node, tx, std::slice::from_ref(actor)).await?;
    let followed: &[&LocalActor] = match row.kind {
        InteractionKind::Boost => &[author],
        _ => &[],
    };
    let activity = LocalActivity {
        author,
        kind: "Undo",
        object_uri: &node.urls().activity(&sent.uid),
        object,
        published: None,
        to,
        cc,
        more: Map::new(),
        public: row.kind == InteractionKind::Boost,
    };
    activity.enqueue(node, tx, followed, &others).await?;
    tx.unlist_activity(id).await?;
    Ok(())
}

/// Undoes a like, boost or follow, and notifies its recipients. Returns false if it is already undone.
pub async fn undo(tx: &mut Tx, row: &Interaction) -> Result<bool, StoreError> {
    // The outbox may have sent it since it was found.
    let Some(row) = tx.lock_interaction(row.id).await? else {
        return Ok(false);
    };
    match row.state {
        // It was not sent yet.
        InteractionState::Waiting => {
            tx.set_interaction_state(row.id, InteractionState::Undone)
                .await?
        }
        InteractionState::Sent | InteractionState::Accepted | InteractionState::Rejected => {
            tx.set_interaction_state(row.id, InteractionState::Undoing)
                .await?;
            tx.add_change(ChangeKind::Interaction, &row.id.to_string())
                .await?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Undoes a follow that only the other server knows (FEP-8fcf).
pub async fn undo_unknown_follow(
    node: &Node,
    tx: &mut Tx,
    local: &LocalActor,
    actor: &RemoteActorRow,
) -> Result<(), NodeError> {
    let others = destinations_of(node, tx, std::slice::from_ref(actor)).await?;
    let activity = LocalActivity {
        author: local,
        kind: "Undo",
        object_uri: &actor.uri,
        // The follow's id is unknown; servers find the follow by its actor and object.
        object: json!({"type": "Follow", "actor": local.uri, "object": actor.uri}),
        published: None,
        to: vec![actor.uri.clone()],
        cc: Vec::new(),
        more: Map::new(),
        public: false,
    };
    activity.enqueue(node, tx, &[], &others).await.map(drop)
}
