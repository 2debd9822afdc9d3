//! Revokes authorizations of quotes (FEP-044f), and notifies the servers that may have seen them.

use crate::{
    federation::{objects::activities::PublicActivity, remote::actors},
    node::{Node, NodeError},
    store::{Quote, Tx},
};
use serde_json::json;

/// Revokes a quote's authorization, and notifies its author and the article's followers.
pub async fn revoke_quote(node: &Node, tx: &mut Tx, quote: &Quote) -> Result<(), NodeError> {
    tx.revoke_quote(quote).await?;
    let Some(publication) = tx.publication(&quote.article_uid).await? else {
        return Ok(());
    };
    let author = node
        .local_actors
        .in_transaction(tx, publication.local_actor_id)
        .await?;
    if author.row.is_gone() {
        return Ok(());
    }
    let authorization = node.urls().quote(&quote.uid);
    let delete = PublicActivity {
        author: &author,
        kind: "Delete",
        object_uri: &authorization,
        // The id alone, as Mastodon sends and reads it.
        object: json!(authorization),
        published: None,
        cc: vec![author.followers(), quote.actor_uri.clone()],
    };
    let id = delete.add(node, tx).await?;
    tx.enqueue_to_followers(id, author.row.id).await?;
    tx.enqueue_to_followers(id, node.site_id()).await?;
    if let Some(actor) = tx.remote_actor(&quote.actor_uri).await? {
        // An unusable inbox can't be notified.
        if let Ok(destination) = actors::destination_of(&actor, node, tx).await {
            tx.enqueue_to(id, destination).await?;
        }
    }
    Ok(())
}
