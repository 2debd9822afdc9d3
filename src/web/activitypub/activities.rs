//! Activities of local actors, by their ids.

use crate::web::{
    app::App,
    response::{self, WebError},
};
use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

/// `GET /activities/{uid}`: only public activities, and none about a post that was withdrawn.
pub(crate) async fn show(
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
    Ok(response::activity(&headers, activity.body))
}
