//! An activity whose sender is proven.

use crate::{
    federation::objects::response_size::{self, Room},
    node::{
        Context, drop_reason::DropReason, error::InboxError, remote_actor::RemoteActor,
        urls::same_origin_text,
    },
    protocol::{Activity, same_id},
    quota::Sender,
    store::Tx,
};
use url::Url;

/// A verified activity: its actor signed the request, or the activity itself.
#[derive(Debug)]
pub struct Received {
    pub id: Url,
    /// What tells a repeat of it.
    pub receipt: String,
    pub actor_url: Url,
    pub activity: Activity,
    pub actor: RemoteActor,
    /// The host that delivered it.
    pub sender_host: String,
    /// The activity as it came, if it may be passed on to others.
    pub passable: Option<String>,
}

impl Received {
    /// Returns the id of the object. The actor's own id is returned as it is stored.
    pub fn object_id(&self) -> Result<String, InboxError> {
        let id = self.activity.object.id();
        let id = id.ok_or_else(|| InboxError::malformed("the activity has no object"))?;
        check_length(&id)?;
        match self.is_actor(&id) {
            true => Ok(self.actor.row.uri.clone()),
            false => Ok(id),
        }
    }

    /// Returns whether an id is that of the activity's actor, in any spelling.
    pub fn is_actor(&self, id: &str) -> bool {
        same_id(id, &self.actor.row.uri)
    }

    /// Returns the id of the instrument: what a request is for.
    pub fn instrument_id(&self, missing: &str) -> Result<String, InboxError> {
        let id = self.activity.instrument.id();
        let id = id.ok_or_else(|| InboxError::malformed(missing))?;
        check_length(&id)?;
        Ok(id)
    }

    /// Returns the sender, as budgets see it.
    pub async fn sender(&self, data: &Context) -> Result<Sender, InboxError> {
        let actor = &self.actor.row;
        Ok(data
            .quota
            .sender(&actor.uri, &actor.host, &data.store)
            .await?)
    }

    /// Charges the sender for a request that is answered, and returns the room for the answer.
    ///
    /// # Errors
    /// [`InboxError::Later`] if the sender has stored enough for now, or its inbox got enough answers.
    pub async fn room_for_answer(&self, data: &Context) -> Result<Room, InboxError> {
        let sender = self.sender(data).await?;
        data.quota.charge_stored(&sender, ANSWER)?;
        response_size::room_for(&self.actor.row, data)
    }

    /// Begins the one transaction in which it is received and carried out, with its actor as a row to refer to.
    ///
    /// # Errors
    /// [`InboxError::Dropped`] if it was received before.
    pub async fn begin(&self, data: &Context) -> Result<Tx, InboxError> {
        // Whether the domain is known is remembered then, so that nothing in the transaction has to ask.
        self.sender(data).await?;
        let mut tx = self.begin_without_actor(data).await?;
        self.actor.store_in(&mut tx).await?;
        Ok(tx)
    }

    /// The same for what refers to nobody: a stranger is not stored.
    ///
    /// # Errors
    /// As [`Received::begin`].
    pub async fn begin_without_actor(&self, data: &Context) -> Result<Tx, InboxError> {
        let mut tx = data.store.begin().await?;
        if !tx.add_receipt(&self.receipt).await? {
            return Err(InboxError::Dropped(DropReason::Duplicate));
        }
        tx.revive_host(&self.sender_host).await?;
        Ok(tx)
    }

    /// Whether something is on the actor's own host.
    pub fn owns_host_of(&self, id: &str) -> bool {
        same_origin_text(id, self.actor_url.as_str())
    }
}

/// What an answer takes until it is delivered and beyond, in bytes.
const ANSWER: usize = 2048;
/// Longest id of an object, in bytes.
pub(super) const MAX_ID: usize = 2048;

fn check_length(id: &str) -> Result<(), InboxError> {
    match id.len() <= MAX_ID {
        true => Ok(()),
        false => Err(InboxError::malformed("an id is too long")),
    }
}

/// Makes a type that carries one kind of activity through `activitypub_federation`'s trait: `check`
/// says what it must prove, `apply` what it changes.
macro_rules! handles {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name(pub $crate::federation::verified_activity::Received);

        #[async_trait::async_trait]
        impl activitypub_federation::traits::Activity for $name {
            type DataType = $crate::node::Node;
            type Error = $crate::node::error::InboxError;

            fn id(&self) -> &url::Url {
                &self.0.id
            }

            fn actor(&self) -> &url::Url {
                &self.0.actor_url
            }

            async fn verify(&self, data: &$crate::node::Context) -> Result<(), Self::Error> {
                self.check(data).await
            }

            async fn receive(self, data: &$crate::node::Context) -> Result<(), Self::Error> {
                self.apply(data).await
            }
        }
    };
}
pub(super) use handles;
