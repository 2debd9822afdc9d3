//! An actor of another server, stored or only remembered.

use super::{Node, error::InboxError, urls::link_or_id};
use crate::{
    node::caches::strangers::Stranger,
    store::{RemoteActorRow, StoreError, Tx},
};
use std::{fmt, sync::Arc};
use url::Url;

/// A remote actor, which has a row or will have one.
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
    /// Makes an actor of a stored row.
    pub(crate) fn of(row: RemoteActorRow) -> Result<Self, InboxError> {
        let uri = Url::parse(&row.uri)
            .map_err(|_| InboxError::malformed("an actor's id is not a URL"))?;
        Ok(RemoteActor {
            row,
            uri,
            stranger: None,
        })
    }

    /// Makes an actor of a stranger, who has no row yet.
    pub(crate) fn of_stranger(stranger: Arc<Stranger>) -> Result<Self, InboxError> {
        let row = stranger.actor.to_row(stranger.id, stranger.fetched_at);
        Ok(RemoteActor {
            stranger: Some(stranger),
            ..RemoteActor::of(row)?
        })
    }

    /// Returns the stranger, if the actor has no row yet.
    pub fn stranger(&self) -> Option<&Arc<Stranger>> {
        self.stranger.as_ref()
    }

    /// Stores the actor in the transaction that refers to it, unless it is stored.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if another process stored it under another id: a retry finds that row.
    pub async fn store_in(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let Some(stranger) = &self.stranger else {
            return Ok(());
        };
        let (id, time) = (stranger.id, stranger.fetched_at);
        if tx.add_remote_actor(id, time, &stranger.actor).await? {
            Ok(())
        } else {
            Err(StoreError::Missing("the actor has another row".into()))
        }
    }

    /// Returns the handle, `@user@host`.
    pub fn handle(&self) -> String {
        super::Inner::remote_handle(&self.row.username, &self.row.handle_host)
    }

    /// Returns the handle as it is now, for a row that stores it: a confirmation may be in progress.
    pub async fn handle_now(&self, tx: &mut Tx, node: &Node) -> Result<String, StoreError> {
        if !node.handle_lookups.may_change(self.row.id) {
            return Ok(self.handle());
        }
        let host = tx.lock_handle_host(self.row.id).await?;
        let host = host.as_deref().unwrap_or(&self.row.handle_host);
        Ok(super::Inner::remote_handle(&self.row.username, host))
    }

    /// Returns the address of the actor's page for readers.
    pub fn link(&self) -> String {
        link_or_id(self.row.url.as_deref(), &self.row.uri)
    }
}
