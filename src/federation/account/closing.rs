//! The end of a publication: a `Delete` of each actor to every server that knows it.
//!
//! The rows and keys of the actors stay, because the deliveries go on for days and are signed with them. From the commit
//! on, the web responds with 410 to everything but the actors' documents, which receivers need for the keys.

use crate::{
    federation::objects::activities::{PublicActivity, destinations_of},
    node::{Node, NodeError, local_actors::LocalActor},
    store::{self, ActorKind, Closing, LocalActorRow, Tx},
};
use serde_json::json;
use std::time::Duration;

/// The number of actors for whose servers one transaction creates destinations.
const BATCH: i64 = 200;
/// How often the lock on the change log is tried, and the pause in between.
const ATTEMPTS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// The reason why a publication can't be closed.
#[derive(Debug, thiserror::Error)]
pub enum ClosingError {
    #[error(
        "the publication is closed already: `pamphlet publication close --status` shows how far its end has come"
    )]
    Closed,
    #[error(
        "the node is publishing without a pause: stop `pamphlet serve`, close again, and start it afterwards"
    )]
    Busy,
    #[error(transparent)]
    Node(#[from] NodeError),
}

impl From<store::StoreError> for ClosingError {
    fn from(error: store::StoreError) -> Self {
        ClosingError::Node(error.into())
    }
}

/// The parts that end with the publication.
#[derive(Debug)]
pub struct ClosingPlan {
    pub actors: Vec<LocalActorRow>,
    pub servers: i64,
    pub followers: i64,
}

/// Returns what would end.
///
/// # Errors
/// [`ClosingError::Closed`] if it has ended already.
pub async fn plan(node: &Node) -> Result<ClosingPlan, ClosingError> {
    let mut conn = node.store.read().await?;
    if conn.closing().await?.is_some() {
        return Err(ClosingError::Closed);
    }
    let mut actors = conn.local_actors().await?;
    // The instance actor goes last: its signature fetches the keys by which others prove who they are.
    actors.sort_by_key(|actor| (actor.kind == ActorKind::Instance, actor.id));
    let mut followers = 0;
    for actor in &actors {
        followers += conn.count_followers(actor.id).await?;
    }
    Ok(ClosingPlan {
        servers: conn.count_knowing_servers().await?,
        actors,
        followers,
    })
}

/// Closes the publication. Changes and deliveries that wait are dropped, and the `Delete`s are enqueued. Those of actors
/// that were deleted before still go out.
///
/// # Errors
/// See [`ClosingError`]. The publication is open then.
pub async fn close(node: &Node) -> Result<Closing, ClosingError> {
    let plan = plan(node).await?;
    find_destinations(node).await?;
    for _ in 0..ATTEMPTS {
        let mut tx = node.store.begin().await?;
        if !tx.drop_pending_activities().await? {
            drop(tx);
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        if tx.closing().await?.is_some() {
            return Err(ClosingError::Closed);
        }
        for row in &plan.actors {
            let local = node.local_actors.in_transaction(&mut tx, row.id).await?;
            delete(node, &mut tx, &local).await?;
        }
        let closing = Closing {
            at: store::now(),
            servers: tx.closing_progress().await?.waiting.unsigned_abs(),
        };
        tx.set_closing(&closing).await?;
        tx.commit().await?;
        node.set_closing(Some(closing));
        node.store.wake();
        return Ok(closing);
    }
    Err(ClosingError::Busy)
}

async fn delete(node: &Node, tx: &mut Tx, local: &LocalActor) -> Result<(), NodeError> {
    let delete = PublicActivity {
        author: local,
        kind: "Delete",
        object_uri: &local.uri,
        // The id alone, as Mastodon sends and reads it.
        object: json!(local.uri),
        published: None,
        cc: Vec::new(),
    };
    let id = delete.add(node, tx).await?;
    tx.enqueue_to_all_known(id).await?;
    Ok(())
}

/// Creates destinations for the servers that only ever sent something.
async fn find_destinations(node: &Node) -> Result<(), NodeError> {
    let mut after = 0;
    loop {
        let mut tx = node.store.begin().await?;
        let actors = tx.actors_without_destination(after, BATCH).await?;
        let Some(last) = actors.last() else {
            return Ok(());
        };
        after = last.id;
        destinations_of(node, &mut tx, &actors).await?;
        tx.commit().await?;
    }
}
