//! Sends an article's activities again, for servers that lost them.

use crate::{
    node::{Node, NodeError},
    store::Article,
};
use std::collections::BTreeMap;

/// Enqueues again the activities that other servers need to know the current article, to one host if it is named.
/// Returns the number of deliveries by type of activity.
///
/// # Errors
/// If the database is unavailable.
pub async fn resend(
    node: &Node,
    article: &Article,
    host: Option<&str>,
) -> Result<BTreeMap<String, u64>, NodeError> {
    node.refuse_if_closed()?;
    let mut tx = node.store.begin().await?;
    let id = node
        .urls()
        .article_id(&article.uid, article.object_uri.as_deref());
    let sent = tx.activities_about(&id).await?;
    let mut enqueued = BTreeMap::new();
    for (id, kind, author) in still_needed(&sent) {
        let mut followed = vec![*author, node.site_id()];
        followed.dedup();
        for actor in followed {
            if let Some(host) = host {
                tx.add_object_host_of_followers(&article.uid, actor, host)
                    .await?;
            }
            *enqueued.entry(kind.clone()).or_default() +=
                tx.enqueue_again(*id, actor, host).await?;
        }
    }
    if host.is_none() {
        tx.set_announced(&article.uid).await?;
    }
    tx.commit().await?;
    node.store.wake();
    Ok(enqueued)
}

/// Leaves out updates before the last one, and everything but the `Delete` of a withdrawn article.
fn still_needed(sent: &[(i64, String, i64)]) -> Vec<&(i64, String, i64)> {
    let last = |kind: &str| sent.iter().rfind(|(_, known, _)| known == kind);
    if let Some(end) = last("Delete") {
        return vec![end];
    }
    let last_update = last("Update").map(|(id, ..)| *id);
    sent.iter()
        .filter(|(id, kind, _)| kind != "Update" || Some(*id) == last_update)
        .collect()
}
