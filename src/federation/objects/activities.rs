//! Activities of local actors: stores them and enqueues their deliveries.

use crate::{
    content::Announcement,
    federation::{objects::documents, remote::fetch},
    node::{Node, NodeError, local_actors::LocalActor, urls::host_of},
    protocol::{OutgoingActivity, PUBLIC},
    store::{self, NewActivity, RemoteActorRow, Tx},
};
use serde_json::{Map, Value};

/// A public activity of a local actor.
pub(crate) struct PublicActivity<'a> {
    pub author: &'a LocalActor,
    pub kind: &'static str,
    pub object_uri: &'a str,
    pub object: Value,
    pub published: Option<String>,
    pub cc: Vec<String>,
}

impl<'a> PublicActivity<'a> {
    fn addressed(self) -> LocalActivity<'a> {
        LocalActivity {
            author: self.author,
            kind: self.kind,
            object_uri: self.object_uri,
            object: self.object,
            published: self.published,
            to: vec![PUBLIC.to_owned()],
            cc: self.cc,
            more: Map::new(),
            public: true,
        }
    }

    /// Stores the activity. Returns its row id.
    pub(crate) async fn add(self, node: &Node, tx: &mut Tx) -> Result<i64, NodeError> {
        self.addressed().add(node, tx).await
    }

    /// Stores the activity, and enqueues it to the followers of these actors.
    pub(crate) async fn enqueue(
        self,
        node: &Node,
        tx: &mut Tx,
        followed: &[&LocalActor],
    ) -> Result<(), NodeError> {
        self.enqueue_also(node, tx, followed, &[]).await.map(drop)
    }

    /// Stores the activity, and enqueues it to the followers of these actors and to other destinations, once for each.
    /// Returns its row id.
    pub(crate) async fn enqueue_also(
        self,
        node: &Node,
        tx: &mut Tx,
        followed: &[&LocalActor],
        others: &[i64],
    ) -> Result<i64, NodeError> {
        self.addressed().enqueue(node, tx, followed, others).await
    }

    /// Stores the activity, and enqueues it only to the servers that have its object, which was never announced.
    pub(crate) async fn enqueue_to_holders(
        self,
        node: &Node,
        tx: &mut Tx,
        object_uid: &str,
    ) -> Result<(), NodeError> {
        if self.author.row.is_gone() {
            return self.enqueue(node, tx, &[]).await;
        }
        let holders = holders_of(node, tx, object_uid).await?;
        let (kind, object) = (self.kind, self.object_uri);
        let id = self.add(node, tx).await?;
        let deliveries = tx.enqueue_to_all(id, &holders).await?;
        tracing::info!(
            activity = kind,
            object,
            deliveries,
            "published to servers that have it"
        );
        Ok(())
    }

    /// Stores the activity, so that the outbox lists it, and enqueues it as [`PublicActivity::enqueue_also`] does unless
    /// it is silent.
    pub(crate) async fn announce(
        self,
        node: &Node,
        tx: &mut Tx,
        (followed, others): (&[&LocalActor], &[i64]),
        announcement: Announcement,
    ) -> Result<(), NodeError> {
        match announcement {
            Announcement::Tell => self.enqueue_also(node, tx, followed, others).await,
            Announcement::Silent => self.add(node, tx).await,
        }
        .map(drop)
    }
}

/// An activity of a local actor with any audience.
pub(crate) struct LocalActivity<'a> {
    pub author: &'a LocalActor,
    pub kind: &'static str,
    pub object_uri: &'a str,
    pub object: Value,
    pub published: Option<String>,
    pub to: Vec<String>,
    pub cc: Vec<String>,
    /// Further properties that depend on its type.
    pub more: Map<String, Value>,
    /// Whether it can be fetched by its id.
    pub public: bool,
}

impl LocalActivity<'_> {
    /// Stores the activity. Returns its row id.
    pub(crate) async fn add(self, node: &Node, tx: &mut Tx) -> Result<i64, NodeError> {
        let uid = store::new_uid();
        let body = documents::activity(
            &OutgoingActivity {
                id: node.urls().activity_of(&self.author.uri, &uid),
                kind: self.kind,
                actor: self.author.uri.clone(),
                published: self.published,
                to: self.to,
                cc: self.cc,
                object: self.object,
                more: self.more,
            },
            self.author,
        );
        let activity = NewActivity {
            uid,
            local_actor_id: self.author.row.id,
            kind: self.kind,
            object_uri: self.object_uri.to_owned(),
            body,
            public: self.public,
        };
        Ok(tx.add_activity(&activity).await?)
    }

    /// Stores the activity, and enqueues it to the followers of some actors and to other destinations. Returns its row id.
    ///
    /// A deleted actor sends nothing more: its activity is stored, and neither served nor sent.
    pub(crate) async fn enqueue(
        self,
        node: &Node,
        tx: &mut Tx,
        followed: &[&LocalActor],
        others: &[i64],
    ) -> Result<i64, NodeError> {
        node.refuse_if_closed()?;
        if self.author.row.is_gone() {
            let unserved = LocalActivity {
                public: false,
                ..self
            };
            return unserved.add(node, tx).await;
        }
        let (kind, object) = (self.kind, self.object_uri);
        let id = self.add(node, tx).await?;
        let mut deliveries = 0;
        for actor in followed {
            deliveries += tx.enqueue_to_followers(id, actor.row.id).await?;
        }
        for destination in others {
            tx.enqueue_to(id, *destination).await?;
        }
        let directly = others.len();
        tracing::info!(activity = kind, object, deliveries, directly, "published");
        Ok(id)
    }
}

/// Returns the destinations of the servers that have a post although it was never announced.
pub(crate) async fn holders_of(
    node: &Node,
    tx: &mut Tx,
    object_uid: &str,
) -> Result<Vec<i64>, NodeError> {
    let actors = tx.actors_with_object(object_uid).await?;
    destinations_of(node, tx, &actors).await
}

/// Returns the destinations of remote actors: their shared inboxes, or else their own. A blocked actor, or one whose inbox
/// this node never connects to, has none.
pub(crate) async fn destinations_of(
    node: &Node,
    tx: &mut Tx,
    actors: &[RemoteActorRow],
) -> Result<Vec<i64>, NodeError> {
    let mut destinations = Vec::new();
    for actor in actors {
        if node.is_blocked(tx, &actor.uri, &actor.host).await? {
            continue;
        }
        let inboxes = [actor.shared_inbox.as_deref(), Some(&actor.inbox)];
        let usable = inboxes
            .into_iter()
            .flatten()
            .find_map(|inbox| fetch::check_inbox(inbox, node.config.development).ok());
        if let Some(inbox) = usable {
            let host = host_of(&inbox).unwrap_or_default();
            let id = tx.destination_for(inbox.as_str(), &host).await?;
            if !destinations.contains(&id) {
                destinations.push(id);
            }
        }
    }
    Ok(destinations)
}
