//! An actor of another server, as it is stored or remembered.

use super::{Node, error::InboxError, urls::link_or_id};
use crate::{
    node::caches::strangers::Stranger,
    store::{RemoteActorRow, StoreError, Tx},
};
use std::{fmt, sync::Arc};
use url::Url;

/// A remote actor as it is stored, or as it will be.
#[derive(Clone)]
pub struct RemoteActor {
    pub row: RemoteActorRow,
    pub uri: Url,
    pub stranger: Option<Arc<Stranger>>,
}

impl fmt::Debug for RemoteActor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_tuple("RemoteActor").field(&self.row.uri).finish()
    }
}

impl RemoteActor {
    /// A stored row as an actor.
    pub(crate) fn of(row: RemoteActorRow) -> Result<Self, InboxError> {
        let uri = Url::parse(&row.uri)
            .map_err(|_| InboxError::malformed("an actor's id is not a URL"))?;
        Ok(RemoteActor {
            row,
            uri,
            stranger: None,
        })
    }

    /// An actor that is not stored.
    pub(crate) fn of_stranger(stranger: Arc<Stranger>) -> Result<Self, InboxError> {
        let row = stranger.actor.to_row(stranger.id, stranger.fetched_at);
        Ok(RemoteActor {
            stranger: Some(stranger),
            ..RemoteActor::of(row)?
        })
    }

    /// Returns what there is to store of an actor that is not stored.
    pub fn stranger(&self) -> Option<&Arc<Stranger>> {
        self.stranger.as_ref()
    }

    /// Stores the actor, unless it is, with what refers to it.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if another process stored it under another id: the next try finds that.
    pub async fn store_in(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let Some(stranger) = &self.stranger else {
            return Ok(());
        };
        let (id, time) = (stranger.id, stranger.fetched_at);
        match tx.add_remote_actor(id, time, &stranger.actor).await? {
            true => Ok(()),
            false => Err(StoreError::Missing("the actor has another row".into())),
        }
    }

    /// `@user@host`.
    pub fn handle(&self) -> String {
        super::Inner::remote_handle(&self.row.username, &self.row.handle_host)
    }

    /// The same as of now, for what is written down with it: it may be confirmed at this moment.
    pub async fn handle_now(&self, tx: &mut Tx, node: &Node) -> Result<String, StoreError> {
        if !node.handle_lookups.may_change(self.row.id) {
            return Ok(self.handle());
        }
        let host = tx.hold_handle_host(self.row.id).await?;
        let host = host.as_deref().unwrap_or(&self.row.handle_host);
        Ok(super::Inner::remote_handle(&self.row.username, host))
    }

    /// Where a reader finds them.
    pub fn link(&self) -> String {
        link_or_id(self.row.url.as_deref(), &self.row.uri)
    }
}
