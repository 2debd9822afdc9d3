//! The health check for load balancers and supervisors.

use super::{app::App, response::WebError};
use crate::store::StoreError;
use axum::{Json, extract::State, response::IntoResponse};
use serde_json::json;
use std::time::Duration;

/// How long the database may take. Load balancers wait a little longer.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// `GET /healthz`: 200 if the database responds and takes writes, else 503.
pub(super) async fn healthz(State(app): State<App>) -> Result<impl IntoResponse, WebError> {
    let asked = async { app.node.store.read().await?.is_writable().await };
    let is_writable: Result<bool, StoreError> = tokio::time::timeout(DATABASE_TIMEOUT, asked)
        .await
        .map_err(|_| WebError::Busy)?;
    if !is_writable? {
        return Err(WebError::Busy);
    }
    Ok(Json(
        json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}),
    ))
}
