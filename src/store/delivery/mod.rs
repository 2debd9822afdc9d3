//! Activities that leave: enqueued for destinations, leased by workers, retried, and listed for the admin.

mod activities;
mod destinations;
mod enqueue;
mod forwards;
mod hold;
mod leases;
mod object_hosts;
mod queue;
mod refusals;
mod results;
mod retries;
mod status;
mod throughput;
mod worker_lock;
mod workers;

pub use activities::{NewActivity, StoredActivity};
pub use destinations::{Destination, DestinationState};
pub use enqueue::NewDelivery;
pub use hold::{DeliveryHold, HoldCause};
pub use object_hosts::ObjectFetch;
pub use queue::{DueDelivery, UrgentDestination};
pub use refusals::Refusals;
pub use results::{BatchResult, Deferral, DestinationHealth};
pub use retries::RetriedRefusals;
pub use status::{DeliveryOverview, DestinationStatus, ListedDelivery};
pub use throughput::Throughput;
pub use worker_lock::WorkerLock;
pub use workers::RunningWorker;
