//! The site and the state of its node.

use super::{
    answer::{ApiResult, json},
    caller::Caller,
};
use crate::web::app::App;
use axum::{extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

/// The publication.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Site {
    name: String,
    /// The description in Markdown.
    description: String,
    url: String,
    language: String,
    /// The time zone, such as `Europe/Berlin`.
    time_zone: String,
    /// The handle of the publication's actor.
    handle: String,
    version: &'static str,
    /// The token of this request.
    token: TokenInfo,
    limits: UploadLimits,
}

/// The token of a request.
#[derive(Debug, Serialize, ToSchema)]
struct TokenInfo {
    name: String,
    scopes: Vec<String>,
}

/// How large files may be, in bytes.
#[derive(Debug, Serialize, ToSchema)]
struct UploadLimits {
    picture_bytes: u64,
    file_bytes: u64,
}

/// Shows the site
///
/// And what the token of the request permits.
#[utoipa::path(get, path = "/api/v1/site", tag = "site", operation_id = "getSite",
    responses((status = 200, description = "The site", body = Site)),
    security(("token" = [])))]
pub(super) async fn show(State(app): State<App>, caller: Caller) -> ApiResult {
    let node = &app.node;
    let site = &node.config.site;
    let actor = node.site().await?;
    let limits = node.config.media.limits();
    json(
        StatusCode::OK,
        &Site {
            name: site.name.clone(),
            description: site.summary.clone(),
            url: node.urls().home(),
            language: site.language.clone(),
            time_zone: site.time_zone.to_string(),
            handle: node.handle(&actor.row),
            version: env!("CARGO_PKG_VERSION"),
            token: TokenInfo {
                scopes: caller
                    .scopes
                    .to_string()
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect(),
                name: caller.name,
            },
            limits: UploadLimits {
                picture_bytes: limits.picture_bytes,
                file_bytes: limits.file_bytes,
            },
        },
    )
}
