//! Followers synchronization (FEP-8fcf) as the sender: a fan-out carries the digest of the followers on the receiving
//! server, so that the receiver notices a lost `Follow` or `Undo`.

use super::{Worker, activity_cache::PreparedActivity};
use crate::{
    federation::followers_sync::FollowersDigest,
    node::NodeError,
    store::{Destination, FollowerDigest},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// By local actor, the digest of its followers on a destination's server. Empty if there are none.
pub(super) type Digests = HashMap<i64, String>;

/// Returns the digests that the claimed destinations need for some activities, by destination.
pub(super) async fn digests(
    worker: &Worker,
    claimed: &[Destination],
    activities: &[Arc<PreparedActivity>],
) -> Result<HashMap<i64, Digests>, NodeError> {
    let fan_outs = activities.iter().filter(|it| it.to_followers);
    let actors: BTreeSet<i64> = fan_outs.map(|it| it.sender.row.id).collect();
    if actors.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<i64> = claimed.iter().map(|destination| destination.id).collect();
    let mut known: HashMap<i64, Digests> = HashMap::new();
    for row in worker
        .node
        .store
        .read()
        .await?
        .follower_digests(&ids)
        .await?
    {
        let digests = known.entry(row.destination_id).or_default();
        digests.insert(row.local_actor_id, row.digest);
    }
    let missing: Vec<&Destination> = claimed
        .iter()
        .filter(|destination| {
            let digests = known.get(&destination.id);
            !actors
                .iter()
                .all(|actor| digests.is_some_and(|digests| digests.contains_key(actor)))
        })
        .collect();
    for row in compute_missing(worker, &actors, &missing).await? {
        let digests = known.entry(row.destination_id).or_default();
        digests.insert(row.local_actor_id, row.digest);
    }
    Ok(known)
}

/// Computes the digests of the followers on these servers, and stores them for the next fan-out.
async fn compute_missing(
    worker: &Worker,
    actors: &BTreeSet<i64>,
    missing: &[&Destination],
) -> Result<Vec<FollowerDigest>, NodeError> {
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let hosts: BTreeSet<&str> = missing
        .iter()
        .map(|destination| destination.host.as_str())
        .collect();
    let mut sums: HashMap<(i64, String), FollowersDigest> = HashMap::new();
    let mut tx = worker.node.store.begin().await?;
    tx.each_follower_on(&hosts, |actor, host, uri| {
        sums.entry((actor, host)).or_default().add(&uri);
    })
    .await?;
    let mut rows = Vec::new();
    for destination in missing {
        for actor in actors {
            let sum = sums.get(&(*actor, destination.host.clone()));
            rows.push(FollowerDigest {
                local_actor_id: *actor,
                destination_id: destination.id,
                digest: sum.map(|sum| sum.to_hex()).unwrap_or_default(),
            });
        }
    }
    tx.save_follower_digests(&rows).await?;
    tx.commit().await?;
    Ok(rows)
}

/// Returns the value of `Collection-Synchronization` for a delivery to followers.
pub(super) fn header(prepared: &PreparedActivity, digests: &Digests) -> Option<String> {
    if !prepared.to_followers {
        return None;
    }
    let digest = digests.get(&prepared.sender.row.id)?;
    let sender = &prepared.sender;
    (!digest.is_empty()).then(|| {
        format!(
            "collectionId=\"{}\", url=\"{}\", digest=\"{digest}\"",
            sender.followers(),
            sender.partial_followers()
        )
    })
}
