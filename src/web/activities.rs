//! Our activities, by their ids.

use super::{answer, app::App, problem::WebError};
use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

/// `GET /activities/{uid}`: only what was sent to everyone.
pub async fn get(
    State(app): State<App>,
    Path(uid): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let found = app.node.store.read().await?.activity_by_uid(&uid).await?;
    match found.filter(|activity| activity.public) {
        Some(activity) => Ok(answer::activity(&headers, activity.body)),
        None => Err(WebError::NotFound),
    }
}
