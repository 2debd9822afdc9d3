//! Authorizations of quotes (FEP-044f), by which other servers know that a quote was admitted.

use super::{answer, app::App, problem::WebError};
use crate::federation::objects::documents;
use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use serde_json::json;

/// `GET /quotes/{uid}`; neither post is embedded.
pub async fn get(
    State(app): State<App>,
    Path(uid): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let node = &app.node;
    let mut conn = node.store.read().await?;
    let quote = conn.quote_by_uid(&uid).await?.ok_or(WebError::NotFound)?;
    let told = conn.publication(&quote.article_uid).await?;
    let Some(told) = told.filter(|told| told.is_live() && !quote.is_revoked()) else {
        return Err(WebError::Gone);
    };
    drop(conn);
    let author = node
        .local_actors
        .by_id(&node.store, told.local_actor_id)
        .await?;
    let authorization = json!({
        "id": node.urls().quote(&quote.uid),
        "type": "QuoteAuthorization",
        "attributedTo": author.uri,
        "interactingObject": quote.post_uri,
        "interactionTarget": node.urls().article(&quote.article_uid),
    });
    Ok(answer::activity(
        &headers,
        documents::about_quotes(&authorization),
    ))
}
