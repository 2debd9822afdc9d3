//! `FeatureRequest`: an actor asks to add a local actor to a collection (FEP-7aa9). The configuration decides. The
//! collection's owner ends it with `Undo`, `Remove` or `Delete`; the admin can end it too.

use crate::{
    config::CanFeature,
    content::clean_line,
    federation::{
        comments::create,
        objects::{documents, features},
        remote::actors,
        verified_activity::{MAX_ID, handles},
    },
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        local_actors::LocalActor,
        notices::{self, NoticeEvent},
    },
    protocol::{Object, OutgoingActivity},
    store::{self, ActorKind, NewActivity, NewFeature, NoticeKind, Tx},
};
use serde_json::{Map, json};
use std::sync::Arc;

handles!(
    /// A request to add a local actor to a collection.
    FeatureRequest
);

/// The size of a collection beside its id, in bytes: its row and the notice.
const ROW: usize = 1024;
/// The maximum length of a stored collection name, in characters.
const MAX_NAME: usize = 100;

impl FeatureRequest {
    async fn check(&self, _: &Context) -> Result<(), InboxError> {
        self.0.object_id()?;
        match self.0.owns_host_of(&self.collection()?) {
            true => Ok(()),
            false => Err(InboxError::forbidden(
                "the collection is on another host than its actor",
            )),
        }
    }

    fn collection(&self) -> Result<String, InboxError> {
        self.0.instrument_id("the request names no collection")
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        let local = self.wanted(data).await?;
        let collection = self.collection()?;
        self.0.room_for_answer(data).await?;
        // The fetch precedes the transaction, because others wait for that.
        let name = self.name_of(&collection, &local, data).await?;
        let mut tx = self.0.begin(data).await?;
        let uid = self
            .admit(&local, &collection, &name, &mut tx, data)
            .await?;
        let answer = self.answer(uid.as_deref(), &local, data);
        let destination = actors::destination_of(&self.0.actor.row, data, &mut tx).await?;
        let activity = tx.add_activity(&answer).await?;
        tx.enqueue_to(activity, destination).await?;
        tx.commit().await?;
        data.store.wake();
        Ok(())
    }

    /// Returns the requested local actor.
    async fn wanted(&self, data: &Context) -> Result<Arc<LocalActor>, InboxError> {
        const NOBODY: InboxError = InboxError::Dropped(DropReason::FeatureRequestForNonLocalActor);
        let Some(username) = data.urls().actor_at(&self.0.object_id()?) else {
            return Err(NOBODY);
        };
        let found = data.local_actors.by_name(&data.store, &username).await;
        found
            .map_err(InboxError::internal)?
            .filter(|local| local.row.kind != ActorKind::Instance)
            .ok_or(NOBODY)
    }

    /// Returns the collection's name, for the admin. A missing collection is no error, since some servers publish a
    /// collection only once it has a member; a collection of another owner is one.
    async fn name_of(
        &self,
        id: &str,
        local: &LocalActor,
        data: &Context,
    ) -> Result<String, InboxError> {
        let mut conn = data.store.read().await?;
        if conn.feature_in(local.row.id, id).await?.is_some() {
            return Ok(String::new());
        }
        drop(conn);
        let owner = Some(self.0.actor.row.uri.as_str());
        let is_own = |collection: &Object| collection.attributed_to.as_deref() == owner;
        let embedded = self.0.activity.instrument.as_object().filter(is_own);
        let collection = match embedded {
            Some(embedded) => Some(embedded),
            None => match create::fetch_object(id, data).await {
                Ok(collection) if is_own(&collection) => Some(collection),
                Ok(_) => {
                    return Err(InboxError::Dropped(
                        DropReason::FeatureRequestForForeignCollection,
                    ));
                }
                Err(error @ (InboxError::Store(_) | InboxError::Busy(_))) => return Err(error),
                Err(_) => None,
            },
        };
        let name = collection.as_ref().and_then(|collection| collection.name());
        Ok(clean_line(name.unwrap_or_default(), MAX_NAME))
    }

    /// Decides about a collection by the configuration. Returns the uid of its authorization, if it is allowed.
    async fn admit(
        &self,
        local: &LocalActor,
        collection: &str,
        name: &str,
        tx: &mut Tx,
        data: &Context,
    ) -> Result<Option<String>, InboxError> {
        let (actor, request) = (&self.0.actor.row, self.0.id.as_str());
        if let Some(known) = tx.feature_in(local.row.id, collection).await? {
            if known.is_revoked() || known.actor_id != actor.id {
                return Ok(None);
            }
            tx.set_feature_request(known.id, request).await?;
            return Ok(Some(known.uid));
        }
        let is_allowed = match features::allowed(data, local) {
            CanFeature::Everyone => true,
            CanFeature::Followers => {
                tx.follows_any_of(actor.id, [local.row.id, data.site_id()])
                    .await?
            }
            CanFeature::Nobody => false,
        };
        if !is_allowed {
            return Ok(None);
        }
        let sender = self.0.sender(data).await?;
        data.quota.charge_stored(&sender, ROW + collection.len())?;
        let uid = store::new_uid();
        tx.add_feature(&NewFeature {
            uid: &uid,
            local_actor_id: local.row.id,
            actor_id: actor.id,
            collection_uri: collection,
            name,
            request_uri: request,
        })
        .await?;
        let (who, whom) = (self.0.actor.handle(), &local.row.username);
        let text = match name {
            "" => format!("{who} put @{whom} into a collection."),
            name => format!("{who} put @{whom} into the collection “{name}”."),
        };
        let subject = format!("{collection} {}", local.uri);
        let event = NoticeEvent {
            kind: NoticeKind::Feature,
            object: Some(collection),
            subject: Some(&subject),
            text: &text,
        };
        notices::add(tx, data, actor, event).await?;
        Ok(Some(uid))
    }

    /// Mastodon finds its request by the bare id.
    fn answer(
        &self,
        authorization: Option<&str>,
        local: &LocalActor,
        data: &Context,
    ) -> NewActivity {
        let uid = store::new_uid();
        let kind = match authorization {
            Some(_) => "Accept",
            None => "Reject",
        };
        let result =
            authorization.map(|uid| ("result".to_owned(), json!(data.urls().feature(uid))));
        let activity = OutgoingActivity {
            id: data.urls().activity(&uid),
            kind,
            actor: local.uri.clone(),
            published: None,
            to: vec![self.0.actor.row.uri.clone()],
            cc: Vec::new(),
            object: json!(self.0.id),
            more: result.into_iter().collect::<Map<_, _>>(),
        };
        NewActivity {
            uid,
            local_actor_id: local.row.id,
            kind,
            object_uri: self.0.id.to_string(),
            body: documents::activity(&activity, local),
            public: false,
        }
    }
}

handles!(
    /// Processes `Add` or `Remove`: a change to an actor's collection. It concerns us only if a local actor is in it.
    CollectionChange
);

impl CollectionChange {
    async fn check(&self, _: &Context) -> Result<(), InboxError> {
        Ok(())
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        let mut tx = self.0.begin(data).await?;
        let (actor, item) = (self.0.actor.row.id, self.0.activity.object.id());
        let authorization = self.0.activity.object.as_object();
        let authorization = authorization.and_then(|item| item.feature_authorization);
        let uid = authorization.and_then(|url| data.urls().feature_uid(&url));
        let item = item.filter(|item| item.len() <= MAX_ID && self.0.owns_host_of(item));
        let is_known = match (self.0.activity.kind(), item) {
            ("Add", Some(item)) => match uid {
                Some(uid) => tx.set_feature_item(actor, &uid, &item).await?,
                None => false,
            },
            (_, Some(item)) => {
                // Uses the authorization if the entry itself was never announced.
                if let Some(uid) = uid {
                    tx.set_feature_item(actor, &uid, &item).await?;
                }
                tx.forget_features(actor, &item).await?
            }
            (_, None) => false,
        };
        if !is_known {
            return Err(InboxError::Dropped(DropReason::ForeignCollection));
        }
        tx.commit().await?;
        Ok(())
    }
}
