//! Whether the publication is closed, which another process may have done.

use crate::node::{Node, NodeError};
use crate::{
    base::wait,
    store::{Closing, StoreError},
};
use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The time between two looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// The end of the publication, as far as this process knows.
#[derive(Default)]
pub struct KnownClosing(RwLock<Option<Closing>>);

impl KnownClosing {
    pub(in crate::node) fn new(closing: Option<Closing>) -> Self {
        KnownClosing(RwLock::new(closing))
    }
}

impl Node {
    /// Returns when the publication was closed; `None` if it is open.
    pub fn closing(&self) -> Option<Closing> {
        *self
            .known_closing
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_closing(&self, closing: Option<Closing>) {
        *self
            .known_closing
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner) = closing;
    }

    /// Refuses to send anything from a closed publication.
    ///
    /// # Errors
    /// [`StoreError::Closed`] if it is closed.
    pub fn refuse_if_closed(&self) -> Result<(), NodeError> {
        match self.closing() {
            Some(_) => Err(StoreError::Closed.into()),
            None => Ok(()),
        }
    }
}

/// Notices that another process closed the publication, until `stop`.
pub async fn run(node: Node, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match read(&node).await {
            Ok(closing) => {
                if closing.is_some() && node.closing().is_none() {
                    tracing::warn!("the publication is closed: every address responds with 410");
                }
                node.set_closing(closing);
            }
            Err(error) => {
                tracing::debug!(%error, "could not read whether the publication is closed")
            }
        }
        wait::sleep(INTERVAL, &stop).await;
    }
}

async fn read(node: &Node) -> Result<Option<Closing>, StoreError> {
    node.store.read().await?.closing().await
}
