//! Writes the results of batches to the database, many in one transaction.

use super::InFlight;
use crate::{
    node::Node,
    store::{BatchResult, StoreError},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
};

/// The maximum number of results in one transaction, and how long the first of them waits for others.
const BATCH: usize = 500;
const WAIT: Duration = Duration::from_millis(20);

/// The handle of the task that writes results.
pub(super) struct ResultWriter {
    sender: mpsc::Sender<BatchResult>,
    written: Arc<Notify>,
}

impl ResultWriter {
    /// Starts the task. It ends when the handle is dropped and all results are written.
    pub(super) fn start(
        node: Node,
        owner: String,
        in_flight: Arc<InFlight>,
    ) -> (ResultWriter, JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(2 * BATCH);
        let written = Arc::new(Notify::new());
        let task = tokio::spawn(write_all(node, owner, in_flight, receiver, written.clone()));
        (ResultWriter { sender, written }, task)
    }

    /// Queues a result.
    pub(super) async fn record(&self, settlement: BatchResult) {
        if self.sender.send(settlement).await.is_err() {
            // The lease expires, and the deliveries are sent again.
            tracing::error!("the result of a delivery batch was lost");
        }
    }

    /// Waits until results were written, so that their destinations can be claimed again.
    pub(super) async fn written(&self) {
        self.written.notified().await;
    }
}

async fn write_all(
    node: Node,
    owner: String,
    in_flight: Arc<InFlight>,
    mut receiver: mpsc::Receiver<BatchResult>,
    written: Arc<Notify>,
) {
    while let Some(first) = receiver.recv().await {
        let batch = collect(first, &mut receiver).await;
        while let Err(error) = write(&node, &owner, &batch).await {
            tracing::warn!(%error, "delivery results could not be written, retrying");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let was_cut_short = in_flight.end(batch.iter().map(|result| result.destination_id));
        written.notify_one();
        if was_cut_short {
            // The urgent deliveries can be claimed now.
            node.store.wake();
        }
    }
}

async fn collect(
    first: BatchResult,
    receiver: &mut mpsc::Receiver<BatchResult>,
) -> Vec<BatchResult> {
    let mut batch = vec![first];
    let deadline = tokio::time::Instant::now() + WAIT;
    while batch.len() < BATCH {
        match tokio::time::timeout_at(deadline, receiver.recv()).await {
            Ok(Some(settlement)) => batch.push(settlement),
            Ok(None) | Err(_) => break,
        }
    }
    batch
}

async fn write(node: &Node, owner: &str, batch: &[BatchResult]) -> Result<(), StoreError> {
    let mut tx = node.store.begin_batch().await?;
    tx.save_results(owner, batch).await?;
    tx.commit().await
}
