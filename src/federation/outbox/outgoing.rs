//! Public activities of ours, on their way into the database.

use crate::{
    federation::{Node, NodeError, documents, locals::Local},
    protocol::{ActivityOut, PUBLIC},
    store::{self, NewActivity, Tx},
};
use serde_json::Value;

/// A public activity of ours.
pub(super) struct Outgoing<'a> {
    pub author: &'a Local,
    pub kind: &'static str,
    pub object_uri: &'a str,
    pub object: Value,
    pub published: Option<String>,
    pub cc: Vec<String>,
}

impl Outgoing<'_> {
    /// Stores it; its row.
    pub async fn add(self, node: &Node, tx: &mut Tx) -> Result<i64, NodeError> {
        let uid = store::new_uid();
        let activity = ActivityOut {
            id: node.urls().activity(&uid),
            kind: self.kind,
            actor: self.author.uri.clone(),
            published: self.published,
            to: vec![PUBLIC.to_owned()],
            cc: self.cc,
            object: self.object,
        };
        let body = documents::activity(&activity, self.author);
        let activity = NewActivity {
            uid,
            local_actor_id: self.author.row.id,
            kind: self.kind,
            object_uri: self.object_uri.to_owned(),
            body,
            public: true,
        };
        Ok(tx.add_activity(&activity).await?)
    }

    /// Stores it, and enqueues it to the followers of these actors.
    pub async fn enqueue(
        self,
        node: &Node,
        tx: &mut Tx,
        followed: &[&Local],
    ) -> Result<(), NodeError> {
        let (kind, object) = (self.kind, self.object_uri);
        let id = self.add(node, tx).await?;
        let mut deliveries = 0;
        for actor in followed {
            deliveries += tx.enqueue_to_followers(id, actor.row.id).await?;
        }
        tracing::info!(activity = kind, object, deliveries, "published");
        Ok(())
    }
}
