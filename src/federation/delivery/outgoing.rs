//! Activities ready to be sent: bytes, digest and key, read once and shared by all their deliveries.

use crate::federation::{
    Node, NodeError,
    locals::{Local, SigningKey},
    signatures::BodyDigest,
};
use bytes::Bytes;
use moka::future::Cache;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// Bytes of activities kept in memory.
const MEMORY: u64 = 16 * 1024 * 1024;

/// An activity of ours with all that a delivery of it needs.
pub struct Prepared {
    pub body: Bytes,
    pub digest: BodyDigest,
    pub key: SigningKey,
    pub sender: Arc<Local>,
    pub kind: String,
    /// Whether its audience is the sender's followers.
    pub to_followers: bool,
}

pub struct Outgoing(Cache<i64, Arc<Prepared>>);

impl Default for Outgoing {
    fn default() -> Self {
        Outgoing(
            Cache::builder()
                .max_capacity(MEMORY)
                .weigher(|_, prepared: &Arc<Prepared>| {
                    prepared.body.len().try_into().unwrap_or(u32::MAX)
                })
                .build(),
        )
    }
}

impl Outgoing {
    /// The activity of this row; `None` if it was deleted.
    pub async fn get(&self, node: &Node, id: i64) -> Result<Option<Arc<Prepared>>, NodeError> {
        if let Some(found) = self.0.get(&id).await {
            return Ok(Some(found));
        }
        let Some(row) = node.store.read().await?.activity(id).await? else {
            return Ok(None);
        };
        let sender = node.locals.by_id(&node.store, row.local_actor_id).await?;
        let to_followers = names_in_audience(&row.body, &sender.followers());
        let body = Bytes::from(row.body);
        let prepared = Arc::new(Prepared {
            digest: BodyDigest::of(&body),
            body,
            key: sender.key_for(id),
            sender,
            to_followers,
            kind: row.kind,
        });
        self.0.insert(id, prepared.clone()).await;
        Ok(Some(prepared))
    }
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
