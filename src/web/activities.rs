//! Our activities, by their ids.

use super::{answer, app::App, problem::WebError};
use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

/// `GET /activities/{uid}`: only what was sent to everyone, and nothing of a text that was withdrawn since.
pub async fn get(
    State(app): State<App>,
    Path(uid): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let found = conn.activity_by_uid(&uid).await?;
    let activity = found
        .filter(|activity| activity.public)
        .ok_or(WebError::NotFound)?;
    if activity.kind != "Delete" && conn.is_withdrawn(&activity.object_uri).await? {
        return Err(WebError::Gone);
    }
    Ok(answer::activity(&headers, activity.body))
}
