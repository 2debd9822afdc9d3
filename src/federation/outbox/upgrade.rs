//! Runs after an upgrade, before anything is published: replaces the hashes by which an older version recognized
//! edits. Nothing that was published is sent again.

use crate::{
    content::FederatedForm,
    federation::objects::content_hash,
    node::{Node, NodeError},
    store::{Publication, Tx},
};
use std::str::FromStr;

/// The number of publications per transaction.
const BATCH: i64 = 16;

/// Stores the current hash of everything that has no pending change. Returns false while another node handles
/// changes: the call must then be repeated.
///
/// An object with a pending change keeps its old hash, or none, and so counts as edited.
pub(super) async fn replace_hashes(node: &Node) -> Result<bool, NodeError> {
    let mut after = String::new();
    loop {
        let mut tx = node.store.begin().await?;
        let found = tx.publications_to_compare(content_hash::VERSION, &after, BATCH);
        let Some(found) = found.await? else {
            return Ok(false);
        };
        let Some(last) = found.last() else {
            compare_actors(node, &mut tx).await?;
            tx.commit().await?;
            return Ok(true);
        };
        after.clone_from(&last.article_uid);
        for publication in found {
            compare(node, &mut tx, publication).await?;
        }
        tx.commit().await?;
    }
}

async fn compare(node: &Node, tx: &mut Tx, publication: Publication) -> Result<(), NodeError> {
    let article = tx.article_by_uid(&publication.article_uid).await?;
    let form = FederatedForm::from_str(&publication.form);
    if let (Some(article), Ok(form)) = (article, form) {
        let hash = content_hash::of_article(&article, form, &node.config);
        tx.save_publication(&Publication {
            hash,
            ..publication
        })
        .await?;
    }
    Ok(())
}

async fn compare_actors(node: &Node, tx: &mut Tx) -> Result<(), NodeError> {
    for row in tx.actors_without_profile_hash().await? {
        let local = node.local_actors.in_transaction(tx, row.id).await?;
        let hash = content_hash::of_actor(node, tx, &local).await?;
        tx.set_published_profile_hash(row.id, &hash).await?;
    }
    Ok(())
}
