//! What was told of an article is told once more, to servers that lost it.

use crate::{
    node::{Node, NodeError},
    store::Article,
};
use std::collections::BTreeMap;

/// Enqueues again what other servers must have heard of an article to know it as it is now; the deliveries
/// by kind of activity. To one host only, if it is named.
///
/// # Errors
/// If the database is out of reach.
pub async fn resend(
    node: &Node,
    article: &Article,
    host: Option<&str>,
) -> Result<BTreeMap<String, u64>, NodeError> {
    let mut tx = node.store.begin().await?;
    let told = tx
        .activities_about(&node.urls().article(&article.uid))
        .await?;
    let mut enqueued = BTreeMap::new();
    for (id, kind, author) in still_true(&told) {
        let mut followed = vec![*author, node.site_id()];
        followed.dedup();
        for actor in followed {
            *enqueued.entry(kind.clone()).or_default() +=
                tx.enqueue_again(*id, actor, host).await?;
        }
    }
    tx.commit().await?;
    node.store.wake();
    Ok(enqueued)
}

/// Without the updates that a later one has overtaken; of what is withdrawn, the end alone.
fn still_true(told: &[(i64, String, i64)]) -> Vec<&(i64, String, i64)> {
    let last = |kind: &str| told.iter().rfind(|(_, known, _)| known == kind);
    if let Some(end) = last("Delete") {
        return vec![end];
    }
    let last_update = last("Update").map(|(id, ..)| *id);
    told.iter()
        .filter(|(id, kind, _)| kind != "Update" || Some(*id) == last_update)
        .collect()
}
