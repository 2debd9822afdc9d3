//! The health check for load balancers and supervisors.

use super::{app::App, response::WebError};
use axum::{Json, extract::State, response::IntoResponse};
use serde_json::json;

/// `GET /healthz`: 200 if the database responds, else 503.
pub(super) async fn healthz(State(app): State<App>) -> Result<impl IntoResponse, WebError> {
    app.node.store.read().await?.ping().await?;
    Ok(Json(
        json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}),
    ))
}
