//! Metrics in the text format of Prometheus, at their own address.

use crate::{node::Node, store};
use axum::{
    Router, extract::State, http::header::CONTENT_TYPE, response::IntoResponse, routing::get,
};
use metrics::gauge;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

/// The upper bounds of the histogram buckets, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 15.0];

/// Installs the recorder of the process.
///
/// # Errors
/// If there is another recorder.
pub(crate) fn install() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)?
        .install_recorder()
}

/// Serves `GET /metrics` until `stop` is cancelled.
///
/// # Errors
/// If the listener fails.
pub(crate) async fn serve(
    listener: tokio::net::TcpListener,
    node: Node,
    recorder: PrometheusHandle,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let router = Router::new()
        .route("/metrics", get(render))
        .with_state((node, recorder));
    axum::serve(listener, router)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

async fn render(State((node, recorder)): State<(Node, PrometheusHandle)>) -> impl IntoResponse {
    if let Err(error) = set_delivery_gauges(&node).await {
        tracing::warn!(%error, "metrics of deliveries could not be read from the database");
    }
    recorder.run_upkeep();
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        recorder.render(),
    )
}

/// Sets the gauges of deliveries, which all processes share. Counters are updated where events happen.
async fn set_delivery_gauges(node: &Node) -> Result<(), store::StoreError> {
    let overview = node.store.read().await?.delivery_overview().await?;
    let oldest = overview
        .oldest
        .map_or(0, |oldest| (store::now() - oldest).max(0) / 1000);
    for (name, value) in [
        ("pamphlet_deliveries_waiting", overview.waiting),
        ("pamphlet_deliveries_refused", overview.refused),
        ("pamphlet_destinations", overview.destinations),
        ("pamphlet_destinations_dead", overview.dead),
        ("pamphlet_destinations_in_flight", overview.in_flight),
        ("pamphlet_workers", overview.workers),
        ("pamphlet_oldest_delivery_seconds", oldest),
    ] {
        gauge!(name).set(value as f64);
    }
    Ok(())
}
