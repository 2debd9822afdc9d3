//! Media: uploads, descriptions, points of focus, and removal of what nothing uses.

mod receive;
pub(crate) mod upload;

use super::{
    answer::{self, ApiResult, Paging, check_match, list, nothing, tagged},
    body::{Json, Named, Parameters},
    problem::{ApiError, Code, ProblemDetails, timestamp},
};
use crate::{
    node::Node,
    store::{Media as Row, MediaKind},
    web::app::App,
};
use axum::{
    extract::{OriginalUri, State},
    http::HeaderMap,
};
pub(crate) use receive::text_of;
pub(super) use receive::{__path_upload, upload};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

/// The longest description, in characters.
const MAX_ALT: usize = 5000;

/// A file in another size or format.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Variant {
    address: String,
    width: u32,
    height: u32,
    content_type: String,
    bytes: i64,
}

/// A picture, audio or video file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Media {
    name: String,
    /// The address on the site, as texts name it: `/media/NAME`.
    address: String,
    /// The whole address.
    url: String,
    /// `picture`, `animation`, `audio` or `video`.
    kind: &'static str,
    content_type: String,
    /// In pixels; null for audio and video.
    width: Option<i64>,
    height: Option<i64>,
    blurhash: Option<String>,
    /// The point that stays visible when the picture is cropped: from -1 (left, bottom) to 1 (right, top).
    #[schema(min_items = 2, max_items = 2)]
    focus: Option<Vec<f64>>,
    /// The description, which clients offer for the next text that shows the picture.
    alt: Option<String>,
    bytes: i64,
    variants: Vec<Variant>,
    #[schema(format = DateTime)]
    created: String,
}

impl Media {
    fn of(node: &Node, row: &Row) -> Media {
        let variants = row.variants.0.iter().map(|variant| Variant {
            address: format!("/media/{}", variant.name),
            width: variant.width,
            height: variant.height,
            content_type: variant.content_type.clone(),
            bytes: variant.bytes,
        });
        Media {
            name: row.name.clone(),
            address: row.address(),
            url: node.urls().at(&row.address()),
            kind: row.kind.as_str(),
            content_type: row.content_type.clone(),
            width: row.width,
            height: row.height,
            blurhash: row.blurhash.clone(),
            focus: row.focus_x.zip(row.focus_y).map(|(x, y)| vec![x, y]),
            alt: row.alt.clone(),
            bytes: row.bytes,
            variants: variants.collect(),
            created: timestamp(row.created_at),
        }
    }
}

/// A file with what uses it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MediaWithUses {
    #[serde(flatten)]
    media: Media,
    used_by: Vec<Use>,
}

/// Something that uses a file.
#[derive(Debug, Serialize, ToSchema)]
struct Use {
    /// `article`, `note`, `page`, `author` or `site`.
    kind: String,
    /// The slug of an article or page, the last part of the id of a note, the user name of an author.
    name: String,
}

async fn uses(app: &App, row: &Row) -> Result<Vec<Use>, ApiError> {
    let (uses, is_of_site) = app.node.media.uses(row).await?;
    let mut uses: Vec<Use> = uses
        .into_iter()
        .map(|used| Use {
            kind: used.kind.to_string(),
            name: used.name,
        })
        .collect();
    if is_of_site {
        uses.push(Use {
            kind: "site".to_owned(),
            name: String::new(),
        });
    }
    Ok(uses)
}

async fn find(app: &App, name: &str) -> Result<Row, ApiError> {
    let found = app.node.media.find(name).await?;
    found
        .filter(|row| row.removed_at.is_none())
        .ok_or_else(|| ApiError::not_found("file"))
}

/// The files that a list includes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Only files that nothing uses.
    #[serde(default)]
    unused: bool,
}

/// Lists files
///
/// In the order of their names.
#[utoipa::path(get, path = "/api/v1/media", tag = "media", operation_id = "listMedia",
    params(Query, Paging),
    responses((status = 200, description = "A page of files", body = super::answer::Page<Media>)),
    security(("token" = ["media:read"])))]
pub(super) async fn index(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    Parameters(query): Parameters<Query>,
    Parameters(paging): Parameters<Paging>,
) -> ApiResult {
    let limit = paging.limit()?;
    let after = paging.after().unwrap_or_default();
    let rows = if query.unused {
        let all = app.node.media.all_with_use().await?;
        let unused = all.into_iter().filter(|(_, is_used)| !is_used);
        let unused = unused.map(|(row, _)| row);
        unused
            .filter(|row| row.name.as_str() > after)
            .take(limit as usize)
            .collect()
    } else {
        let mut conn = app.node.store.read().await?;
        conn.media_after(after, limit).await?
    };
    let last = rows.last().filter(|_| rows.len() as i64 == limit);
    let last = last.map(|last| last.name.clone());
    let items = rows.iter().map(|row| Media::of(&app.node, row)).collect();
    list(&app, &uri, items, last)
}

/// Shows a file
///
/// With what uses it.
#[utoipa::path(get, path = "/api/v1/media/{name}", tag = "media", operation_id = "getMedia",
    params(("name" = String, Path, description = "The name of the file or of a variant")),
    responses((status = 200, description = "The file", body = MediaWithUses),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["media:read"])))]
pub(super) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Named(name): Named<String>,
) -> ApiResult {
    let row = find(&app, &name).await?;
    let shown = MediaWithUses {
        used_by: uses(&app, &row).await?,
        media: Media::of(&app.node, &row),
    };
    tagged(&headers, &shown)
}

fn check_alt(alt: Option<String>) -> Result<Option<String>, ApiError> {
    let alt = alt.filter(|alt| !alt.trim().is_empty());
    match alt {
        Some(alt) if alt.chars().count() > MAX_ALT => Err(ApiError::field(
            "alt",
            format!("alt has at most {MAX_ALT} characters"),
        )),
        other => Ok(other),
    }
}

/// A change of what is known about a file.
#[derive(Debug, ToSchema)]
#[allow(
    dead_code,
    reason = "it describes the body, in which absent and null differ"
)]
pub(super) struct MediaPatch {
    /// The description; null removes it.
    alt: Option<String>,
    /// The point that stays visible when the picture is cropped; null is the middle.
    #[schema(min_items = 2, max_items = 2)]
    focus: Option<Vec<f64>>,
}

/// Describes a file
///
/// Changes the description and the point of focus (RFC 7396).
#[utoipa::path(patch, path = "/api/v1/media/{name}", tag = "media", operation_id = "patchMedia",
    params(("name" = String, Path, description = "The name of the file or of a variant")),
    request_body(content = MediaPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed file", body = Media),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "A value is invalid", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["media:write"])))]
pub(super) async fn patch(
    State(app): State<App>,
    headers: HeaderMap,
    Named(name): Named<String>,
    body: Json<Map<String, Value>>,
) -> ApiResult {
    let row = find(&app, &name).await?;
    check_match(&headers, &Media::of(&app.node, &row))?;
    let mut tx = app.node.store.begin().await?;
    for (field, value) in body.value {
        match field.as_str() {
            "alt" => {
                let alt: Option<String> = serde_json::from_value(value)
                    .map_err(|_| ApiError::field("alt", "alt is a text or null"))?;
                let alt = check_alt(alt)?;
                tx.set_media_alt(&row.name, alt.as_deref()).await?;
            }
            "focus" => {
                if !matches!(row.kind, MediaKind::Picture | MediaKind::Animation) {
                    return Err(ApiError::field("focus", "only a picture has a focus"));
                }
                tx.set_media_focus(&row.name, focus_of(value)?).await?;
            }
            _ => return Err(ApiError::field(&field, "only alt and focus can be changed")),
        }
    }
    let row = tx.media_by_name(&row.name).await?;
    tx.commit().await?;
    let media = Media::of(&app.node, &row.ok_or_else(|| ApiError::not_found("file"))?);
    answer::changed(&media, &media)
}

fn focus_of(value: Value) -> Result<(f64, f64), ApiError> {
    let point: Option<(f64, f64)> = serde_json::from_value(value).unwrap_or(Some((2.0, 2.0)));
    let (x, y) = point.unwrap_or_default();
    if [x, y].iter().all(|number| (-1.0..=1.0).contains(number)) {
        return Ok((x, y));
    }
    Err(ApiError::field(
        "focus",
        "focus is a list of two numbers from -1 to 1, or null",
    ))
}

/// Deletes a file
///
/// Unless something uses it.
#[utoipa::path(delete, path = "/api/v1/media/{name}", tag = "media", operation_id = "deleteMedia",
    params(("name" = String, Path, description = "The name of the file or of a variant")),
    responses((status = 204, description = "It is deleted"),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "Something uses it", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["media:write"])))]
pub(super) async fn delete(
    State(app): State<App>,
    headers: HeaderMap,
    Named(name): Named<String>,
) -> ApiResult {
    let row = find(&app, &name).await?;
    check_match(&headers, &Media::of(&app.node, &row))?;
    let users: Vec<String> = uses(&app, &row)
        .await?
        .into_iter()
        .map(|used| format!("{} {}", used.kind, used.name).trim_end().to_owned())
        .collect();
    if !users.is_empty() {
        let detail = format!("it is used by {}", users.join(", "));
        return Err(ApiError::new(Code::Conflict, detail));
    }
    if !app.node.media.remove(&row).await? {
        return Err(ApiError::new(
            Code::Conflict,
            "something begins to use it: try again",
        ));
    }
    Ok(nothing())
}
