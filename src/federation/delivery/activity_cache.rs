//! A cache of activities that are ready to send: each body, digest and sender is loaded once for all deliveries.

use crate::{
    crypto::{ld_signatures, signatures::BodyDigest},
    federation::objects::documents,
    node::{
        Node, NodeError,
        local_actors::{LocalActor, SigningKey},
    },
    store::StoredActivity,
};
use bytes::Bytes;
use chrono::Utc;
use moka::future::Cache;
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, OnceLock},
};

/// The capacity of the cache, in bytes of activities.
const CAPACITY: u64 = 16 * 1024 * 1024;

/// A request body and its digest.
pub(super) struct Payload {
    pub body: Bytes,
    pub digest: BodyDigest,
}

impl Payload {
    fn of(body: String) -> Arc<Self> {
        let body = Bytes::from(body);
        Arc::new(Payload {
            digest: BodyDigest::of(&body),
            body,
        })
    }
}

/// A local activity with everything that its deliveries need.
pub(super) struct PreparedActivity {
    /// The row id of the activity.
    pub id: i64,
    pub uid: String,
    pub object_uri: String,
    /// The activity with its whole object.
    pub full: Arc<Payload>,
    with_object_id: OnceLock<Option<Arc<Payload>>>,
    pub sender: Arc<LocalActor>,
    pub kind: String,
    /// Whether its audience is the sender's followers.
    pub to_followers: bool,
    /// Whether the activity and its object can be fetched.
    pub public: bool,
}

impl PreparedActivity {
    /// Returns a `Create` with only the id of its object, for servers that accept no large bodies: they fetch the object.
    pub(super) fn with_object_id(&self) -> Option<Arc<Payload>> {
        if self.kind != "Create" || !self.public {
            return None;
        }
        let make = || documents::with_object_id(&self.full.body, &self.sender).map(Payload::of);
        self.with_object_id.get_or_init(make).clone()
    }
}

/// Prepared activities by row id.
pub(super) struct ActivityCache(Cache<i64, Arc<PreparedActivity>>);

impl Default for ActivityCache {
    fn default() -> Self {
        ActivityCache(
            Cache::builder()
                .max_capacity(CAPACITY)
                .weigher(|_, prepared: &Arc<PreparedActivity>| {
                    prepared.full.body.len().try_into().unwrap_or(u32::MAX)
                })
                .build(),
        )
    }
}

impl ActivityCache {
    /// Returns the activity with this row id, or `None` if it was deleted.
    pub(super) async fn get(
        &self,
        node: &Node,
        id: i64,
    ) -> Result<Option<Arc<PreparedActivity>>, NodeError> {
        if let Some(found) = self.0.get(&id).await {
            return Ok(Some(found));
        }
        let Some(row) = node.store.read().await?.activity(id).await? else {
            return Ok(None);
        };
        let sender = node
            .local_actors
            .by_id(&node.store, row.local_actor_id)
            .await?;
        Ok(Some(self.prepare(row, sender).await))
    }

    /// Returns the activities with these row ids that were not deleted. One statement reads all that are not cached.
    pub(super) async fn load(
        &self,
        node: &Node,
        ids: BTreeSet<i64>,
    ) -> Result<Vec<Arc<PreparedActivity>>, NodeError> {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for id in ids {
            match self.0.get(&id).await {
                Some(prepared) => found.push(prepared),
                None => missing.push(id),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let rows = node.store.read().await?.activities(&missing).await?;
        let mut senders: HashMap<i64, Arc<LocalActor>> = HashMap::new();
        for row in rows {
            let id = row.local_actor_id;
            let sender = match senders.get(&id) {
                Some(sender) => sender.clone(),
                None => node.local_actors.by_id(&node.store, id).await?,
            };
            senders.insert(id, sender.clone());
            found.push(self.prepare(row, sender).await);
        }
        Ok(found)
    }

    async fn prepare(&self, row: StoredActivity, sender: Arc<LocalActor>) -> Arc<PreparedActivity> {
        let id = row.id;
        let to_followers = names_in_audience(&row.body, &sender.followers());
        let body = sign_for_forwarding(row.clone(), sender.key()).await;
        let prepared = Arc::new(PreparedActivity {
            id,
            uid: row.uid,
            object_uri: row.object_uri,
            full: Payload::of(body),
            with_object_id: OnceLock::new(),
            sender,
            to_followers,
            kind: row.kind,
            public: row.public,
        });
        self.0.insert(id, prepared.clone()).await;
        prepared
    }
}

/// Builds the body of an activity. A public reply gets a Linked Data Signature for the servers that it is forwarded
/// to. Signing runs on a blocking thread.
async fn sign_for_forwarding(row: StoredActivity, key: SigningKey) -> String {
    if !row.public || row.kind == "Forward" {
        return row.body;
    }
    let signed = tokio::task::spawn_blocking({
        let body = row.body.clone();
        move || ld_signatures::signed_reply(&body, &key.key, &key.id, Utc::now())
    });
    // Only a panic in the canonicalization ends the task early; the activity then goes out unsigned.
    signed.await.ok().flatten().unwrap_or(row.body)
}

fn names_in_audience(body: &str, collection: &str) -> bool {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Audience {
        to: Value,
        cc: Value,
    }
    let named = |value: &Value| match value {
        Value::Array(list) => list.iter().any(|one| one == collection),
        one => one == collection,
    };
    let audience: Audience = serde_json::from_str(body).unwrap_or_default();
    named(&audience.to) || named(&audience.cc)
}
