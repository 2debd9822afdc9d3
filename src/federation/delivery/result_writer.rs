//! Writes down what turns found out, many at a time.

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

/// Turns in one transaction, and how long the first of them waits for others.
const BATCH: usize = 500;
const WAIT: Duration = Duration::from_millis(20);

/// The way to the task that settles.
pub struct ResultWriter {
    sender: mpsc::Sender<BatchResult>,
    written: Arc<Notify>,
}

impl ResultWriter {
    /// Starts the task; it ends when the settler is dropped and everything is written.
    pub fn start(
        node: Node,
        owner: String,
        in_flight: Arc<InFlight>,
    ) -> (ResultWriter, JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(2 * BATCH);
        let written = Arc::new(Notify::new());
        let task = tokio::spawn(write_all(node, owner, in_flight, receiver, written.clone()));
        (ResultWriter { sender, written }, task)
    }

    pub async fn record(&self, settlement: BatchResult) {
        if self.sender.send(settlement).await.is_err() {
            // The lease expires, and the deliveries are sent again.
            tracing::error!("a turn could not be written");
        }
    }

    /// Resolves when a batch was written, so that what still waits can be claimed.
    pub async fn written(&self) {
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
            tracing::warn!(%error, "deliveries could not be written, trying again");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        in_flight.end(batch.iter().map(|turn| turn.destination_id));
        written.notify_one();
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
    let mut tx = node.store.begin().await?;
    tx.save_results(owner, batch).await?;
    tx.commit().await
}
