//! Serves authorizations as proof for other servers: to quote a local article (FEP-044f), to add a local actor to a
//! collection (FEP-7aa9), and to reply to, like or boost a local post (GoToSocial's interaction requests).

use crate::{
    federation::objects::{approvals, documents, features},
    web::{
        app::App,
        response::{self, WebError},
    },
};
use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use serde_json::json;

/// `GET /quotes/{uid}`: without the two posts.
pub(crate) async fn quote(
    State(app): State<App>,
    Path(uid): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let node = &app.node;
    let mut conn = node.store.read().await?;
    let quote = conn.quote_by_uid(&uid).await?.ok_or(WebError::NotFound)?;
    let publication = conn.publication(&quote.article_uid).await?;
    let publication = publication.filter(|it| it.is_live() && !quote.is_revoked());
    let Some(publication) = publication else {
        return Err(WebError::Gone);
    };
    drop(conn);
    let author = node
        .local_actors
        .by_id(&node.store, publication.local_actor_id)
        .await?;
    let authorization = json!({
        "id": node.urls().quote(&quote.uid),
        "type": "QuoteAuthorization",
        "attributedTo": author.uri,
        "interactingObject": quote.post_uri,
        "interactionTarget": node.urls().article_id(&quote.article_uid, publication.object_uri.as_deref()),
    });
    Ok(response::activity(
        &headers,
        documents::about_quotes(&authorization),
    ))
}

/// `GET /features/{uid}`. The authorization is void if the collection's owner is blocked.
pub(crate) async fn feature(
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
    Ok(response::activity(
        &headers,
        documents::about_features(&document),
    ))
}

/// `GET /authorizations/{uid}`.
pub(crate) async fn interaction(
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
    if !approvals::is_valid(node, &mut conn, &approval).await? {
        return Err(WebError::Gone);
    }
    drop(conn);
    let local = node
        .local_actors
        .by_id(&node.store, approval.local_actor_id)
        .await?;
    let document = approvals::authorization(node, &approval, &local.uri);
    Ok(response::activity(
        &headers,
        documents::about_approvals(&document),
    ))
}
