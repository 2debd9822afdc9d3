//! Serves authorizations as proof for other servers: to add a local actor to a collection (FEP-7aa9), and to reply
//! to, like or boost a local post (GoToSocial's interaction requests).

use super::{answer, app::App, problem::WebError};
use crate::federation::objects::{approvals, documents, features};
use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

/// `GET /features/{uid}`. The authorization is void if the collection's owner is blocked.
pub async fn get(
    State(app): State<App>,
    Path(uid): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let node = &app.node;
    let mut conn = node.store.read().await?;
    let feature = conn.feature_by_uid(&uid).await?.ok_or(WebError::NotFound)?;
    let is_blocked = node
        .is_blocked(&mut conn, &feature.actor_uri, &feature.host)
        .await?;
    drop(conn);
    if feature.is_revoked() || is_blocked {
        return Err(WebError::Gone);
    }
    let local = node
        .local_actors
        .by_id(&node.store, feature.local_actor_id)
        .await?;
    let document = features::authorization(node, &feature, &local);
    Ok(answer::activity(
        &headers,
        documents::about_features(&document),
    ))
}

/// `GET /authorizations/{uid}`.
pub async fn approval(
    State(app): State<App>,
    Path(uid): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let node = &app.node;
    let mut conn = node.store.read().await?;
    let approval = conn
        .approval_by_uid(&uid)
        .await?
        .ok_or(WebError::NotFound)?;
    if !approvals::holds(node, &mut conn, &approval).await? {
        return Err(WebError::Gone);
    }
    drop(conn);
    let local = node
        .local_actors
        .by_id(&node.store, approval.local_actor_id)
        .await?;
    let document = approvals::authorization(node, &approval, &local.uri);
    Ok(answer::activity(
        &headers,
        documents::about_approvals(&document),
    ))
}
