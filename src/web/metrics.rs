//! What a monitor reads: numbers in Prometheus' text format, at an address of their own.

use crate::{node::Node, store};
use axum::{
    Router, extract::State, http::header::CONTENT_TYPE, response::IntoResponse, routing::get,
};
use metrics::gauge;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

/// Upper ends of the histograms' buckets, in seconds.
const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 15.0];

/// Begins to count. Once in a process.
///
/// # Errors
/// If something else counts already.
pub fn start() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)?
        .install_recorder()
}

/// Answers `GET /metrics` until `stop`.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: tokio::net::TcpListener,
    node: Node,
    numbers: PrometheusHandle,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let router = Router::new()
        .route("/metrics", get(read))
        .with_state((node, numbers));
    axum::serve(listener, router)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

async fn read(State((node, numbers)): State<(Node, PrometheusHandle)>) -> impl IntoResponse {
    if let Err(error) = look_at_deliveries(&node).await {
        tracing::warn!(%error, "the metrics lack what the database knows");
    }
    numbers.run_upkeep();
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        numbers.render(),
    )
}

/// What all processes on the database have to do; what this one did is counted where it happens.
async fn look_at_deliveries(node: &Node) -> Result<(), store::StoreError> {
    let overview = node.store.read().await?.delivery_overview().await?;
    let waited = overview
        .oldest
        .map_or(0, |oldest| (store::now() - oldest).max(0) / 1000);
    for (name, value) in [
        ("pamphlet_deliveries_waiting", overview.waiting),
        ("pamphlet_deliveries_refused", overview.refused),
        ("pamphlet_destinations", overview.destinations),
        ("pamphlet_destinations_dead", overview.dead),
        ("pamphlet_destinations_in_flight", overview.in_flight),
        ("pamphlet_workers", overview.workers),
        ("pamphlet_oldest_delivery_seconds", waited),
    ] {
        gauge!(name).set(value as f64);
    }
    Ok(())
}
