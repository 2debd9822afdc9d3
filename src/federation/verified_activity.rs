//! A verified activity.

use crate::{
    federation::objects::response_size::{self, SizeLimit},
    node::{
        Context, drop_reason::DropReason, error::InboxError, remote_actor::RemoteActor,
        urls::same_origin_text,
    },
    protocol::{Activity, same_id},
    quota::Sender,
    store::Tx,
};
use url::Url;

/// An activity whose actor signed the request, or the activity itself.
#[derive(Debug)]
pub struct VerifiedActivity {
    pub id: Url,
    /// The key by which a repetition is recognized.
    pub receipt: String,
    pub actor_url: Url,
    /// The activity as it was sent.
    pub payload: Activity,
    pub actor: RemoteActor,
    /// The host that delivered the activity.
    pub sender_host: String,
    /// The body of the request, if it may be forwarded to others.
    pub forwardable: Option<String>,
}

impl VerifiedActivity {
    /// Returns the id of the object; the actor's own id as it is stored.
    ///
    /// # Errors
    /// [`InboxError::Malformed`] if there is none, or it is too long.
    pub fn object_id(&self) -> Result<String, InboxError> {
        let id = self.payload.object.id();
        let id = id.ok_or_else(|| InboxError::malformed("the activity has no object"))?;
        check_length(&id)?;
        if self.is_actor(&id) {
            Ok(self.actor.row.uri.clone())
        } else {
            Ok(id)
        }
    }

    /// Returns whether an id is that of the activity's actor, in any spelling.
    pub fn is_actor(&self, id: &str) -> bool {
        same_id(id, &self.actor.row.uri)
    }

    /// Returns the id of the instrument: the thing that a request asks about.
    ///
    /// # Errors
    /// [`InboxError::Malformed`] if there is none, with the text `missing`, or it is too long.
    pub fn instrument_id(&self, missing: &str) -> Result<String, InboxError> {
        let id = self.payload.instrument.id();
        let id = id.ok_or_else(|| InboxError::malformed(missing))?;
        check_length(&id)?;
        Ok(id)
    }

    /// Returns the sender, for its budgets.
    pub async fn sender(&self, ctx: &Context) -> Result<Sender, InboxError> {
        let actor = &self.actor.row;
        Ok(ctx
            .quota
            .sender(&actor.uri, &actor.host, &ctx.store)
            .await?)
    }

    /// Charges the sender for a request that gets a response activity. Returns the size that the response may have.
    ///
    /// # Errors
    /// [`InboxError::Later`] if the sender's storage budget is spent, or its inbox got enough responses for now.
    pub async fn room_for_response(&self, ctx: &Context) -> Result<SizeLimit, InboxError> {
        let sender = self.sender(ctx).await?;
        ctx.quota.charge_stored(&sender, RESPONSE)?;
        response_size::charged_limit_for(&self.actor.row, ctx)
    }

    /// Begins the one transaction that stores the activity's receipt and its changes. Its actor is stored first, so that
    /// other rows can refer to it.
    ///
    /// # Errors
    /// [`InboxError::Dropped`] if the activity was received before.
    pub async fn begin(&self, ctx: &Context) -> Result<Tx, InboxError> {
        // This caches whether the domain is known, so that nothing in the transaction needs another connection.
        self.sender(ctx).await?;
        let mut tx = self.begin_without_actor(ctx).await?;
        self.actor.store_in(&mut tx).await?;
        Ok(tx)
    }

    /// Begins the transaction without storing the actor, if nothing refers to it.
    ///
    /// # Errors
    /// [`InboxError::Dropped`] if the activity was received before.
    pub async fn begin_without_actor(&self, ctx: &Context) -> Result<Tx, InboxError> {
        let mut tx = ctx.store.begin().await?;
        if !tx.add_receipt(&self.receipt).await? {
            return Err(InboxError::Dropped(DropReason::Duplicate));
        }
        tx.revive_host(&self.sender_host).await?;
        Ok(tx)
    }

    /// Returns whether an id is on the actor's own host.
    pub fn owns_host_of(&self, id: &str) -> bool {
        same_origin_text(id, self.actor_url.as_str())
    }
}

/// The storage that a response activity takes, in bytes.
const RESPONSE: usize = 2048;
/// The maximum length of an object's id, in bytes.
pub(super) const MAX_ID: usize = 2048;

fn check_length(id: &str) -> Result<(), InboxError> {
    if id.len() <= MAX_ID {
        Ok(())
    } else {
        Err(InboxError::malformed("an id is too long"))
    }
}
