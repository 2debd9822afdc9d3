//! Changes of pinned articles become Add and Remove, for the site's followers.

use crate::{
    federation::objects::activities::LocalActivity,
    node::{Node, NodeError},
    protocol::PUBLIC,
    store::{PinState, Tx},
};
use serde_json::{Map, json};

/// Publishes a change of the pinned articles. A silent one is visible in the collection, and nobody gets an activity.
pub(super) async fn handle_pin(
    node: &Node,
    tx: &mut Tx,
    id: &str,
    is_silent: bool,
) -> Result<(), NodeError> {
    let Ok(id) = id.parse() else { return Ok(()) };
    let kind = match tx.pin_state(id).await? {
        Some(PinState::Waiting) => {
            tx.set_pin_published(id).await?;
            "Add"
        }
        Some(PinState::Removed) => {
            tx.delete_pin(id).await?;
            "Remove"
        }
        _ => return Ok(()),
    };
    if is_silent {
        return Ok(());
    }
    let Some(article) = tx.article_by_id(id).await? else {
        return Ok(());
    };
    let publication = tx.publication(&article.uid).await?;
    if !publication.is_some_and(|publication| publication.is_live() && publication.form != "no") {
        return Ok(());
    }
    let site = node.local_actors.in_transaction(tx, node.site_id()).await?;
    let object_uri = node
        .urls()
        .article_id(&article.uid, article.object_uri.as_deref());
    let target = site.featured();
    let activity = LocalActivity {
        author: &site,
        kind,
        object: json!(object_uri),
        object_uri: &object_uri,
        published: None,
        to: vec![PUBLIC.to_owned()],
        cc: vec![site.followers()],
        more: Map::from_iter([("target".to_owned(), json!(target))]),
        public: true,
    };
    activity.enqueue(node, tx, &[&site], &[]).await?;
    if kind == "Add" {
        // Followers' servers fetch the article by the id in the activity.
        tx.set_announced(&article.uid).await?;
    }
    Ok(())
}
