//! Who may comment where only followers may.

use crate::{
    federation::Node,
    store::{ArticleGate, StoreError, Tx},
};

/// Whether an actor follows the site or the article's author, granted.
pub async fn is_follower(
    tx: &mut Tx,
    node: &Node,
    article: &ArticleGate,
    actor_id: i64,
) -> Result<bool, StoreError> {
    let told = tx.publication(&article.uid).await?;
    let author = told.map_or(node.site_id(), |told| told.local_actor_id);
    tx.follows_either(actor_id, [author, node.site_id()]).await
}
