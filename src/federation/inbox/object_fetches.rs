//! Verifies signed fetches of posts that were never announced, and stores the servers that sent them.

use super::authorized_fetch;
use crate::{
    base::wait,
    crypto::signatures::RequestParts,
    federation::remote::{requests::permits, signed_client::federation_config, strangers},
    node::{Context, Node, NodeError, error::InboxError, object_fetches::SignedFetch},
    store::ObjectFetch,
};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The time between two looks at what has come.
const INTERVAL: Duration = Duration::from_millis(250);
/// The number of fetches that are verified at once.
const CONCURRENCY: usize = 8;

/// Verifies and stores fetches until `stop`.
pub async fn run(node: Node, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let waiting = node.object_fetches.take();
        if !waiting.is_empty()
            && let Err(error) = store(waiting, &node).await
        {
            tracing::warn!(%error, "the servers that fetched a post could not be stored");
        }
        wait::sleep(INTERVAL, &stop).await;
    }
}

async fn store(waiting: Vec<SignedFetch>, node: &Node) -> Result<(), NodeError> {
    let federation = federation_config(node).await?;
    let mut verified = Vec::new();
    let (mut waiting, mut in_flight) = (waiting.into_iter(), JoinSet::new());
    loop {
        while in_flight.len() < CONCURRENCY
            && let Some(fetch) = waiting.next()
        {
            let ctx = federation.to_request_data();
            in_flight.spawn(async move {
                let network = fetch.network.clone();
                // It takes permits as if the server still waited, so that floods do not pile up.
                permits::responding(network, verify(&fetch, &ctx)).await
            });
        }
        match in_flight.join_next().await {
            Some(Ok(Ok(fetch))) => verified.push(fetch),
            Some(Ok(Err(error))) => tracing::debug!(%error, "a fetch could not be verified"),
            Some(Err(error)) => tracing::warn!(%error, "the verification of a fetch failed"),
            None => break,
        }
    }
    if verified.is_empty() {
        return Ok(());
    }
    let mut tx = node.store.begin().await?;
    tx.add_object_hosts(&verified).await?;
    Ok(tx.commit().await?)
}

/// Verifies the signature, and stores its actor if it is a stranger.
async fn verify(fetch: &SignedFetch, ctx: &Context) -> Result<ObjectFetch, InboxError> {
    let request = RequestParts {
        method: &fetch.method,
        path_and_query: &fetch.path_and_query,
        headers: &fetch.headers,
        body: &[],
    };
    let actor = authorized_fetch::signer(&request, ctx).await?;
    if actor.stranger().is_some() {
        let stored = async {
            let mut tx = ctx.store.begin().await?;
            actor.store_in(&mut tx).await?;
            Ok(tx.commit().await?)
        };
        strangers::charged(&actor, ctx, stored).await?;
    }
    Ok(ObjectFetch {
        object_uid: fetch.object_uid.clone(),
        actor_uri: actor.row.uri,
    })
}
