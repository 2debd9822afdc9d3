//! `POST /api/v1/media`: a file as the body, or in a form.

use super::{
    Media, check_alt,
    upload::{MAX_FIELD, Upload, UploadedFile, parse_focus},
};
use crate::web::{
    api::{
        answer::{ApiResult, created},
        body::{Parameters, check_encoding, media_type},
        caller::Caller,
        problem::{ApiError, Code, ProblemDetails},
    },
    app::App,
};
use axum::extract::{FromRequest, Multipart, Request, State, multipart::Field};
use serde::Deserialize;
use tokio::time::timeout_at;
use utoipa::{IntoParams, ToSchema};

/// What an upload as a body of its own says about the file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::web::api) struct Description {
    /// The name of the file, whose ending tells audio from video.
    name: Option<String>,
    /// The description, for people who can't see the picture.
    alt: Option<String>,
    /// The point that stays visible when the picture is cropped, such as `0.2,-0.4`.
    focus: Option<String>,
}

/// A form with a file.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it describes the form")]
pub(in crate::web::api) struct UploadForm {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    alt: Option<String>,
    focus: Option<String>,
}

/// Uploads a file
///
/// As the part `file` of a form, or as the body itself. A picture is made harmless: it loses its metadata, and gets
/// smaller versions. The same picture again is the same file.
#[utoipa::path(post, path = "/api/v1/media", tag = "media", operation_id = "uploadMedia",
    params(Description),
    request_body(content(
        (UploadForm = "multipart/form-data"),
        (Vec<u8> = "application/octet-stream"),
        (Vec<u8> = "image/*"), (Vec<u8> = "audio/*"), (Vec<u8> = "video/*"))),
    responses((status = 201, description = "The file; its address in the API is in `Location`", body = Media),
        (status = 413, description = "It is too large", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "It is no file that is taken in", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["media:write"])))]
pub(in crate::web::api) async fn upload(
    State(app): State<App>,
    caller: Caller,
    Parameters(described): Parameters<Description>,
    request: Request,
) -> ApiResult {
    check_encoding(request.headers())?;
    let kind = media_type(request.headers());
    let upload = Upload::begin(&app, &caller).await?;
    let (file, alt, focus) = match kind.as_str() {
        "multipart/form-data" => receive_form(&app, &upload, request).await?,
        "application/x-www-form-urlencoded" | "application/json" => {
            return Err(ApiError::new(
                Code::MediaType,
                "send the file as multipart/form-data in the part `file`, or as the body itself",
            ));
        }
        _ => {
            let name = described.name.as_deref();
            (
                upload.receive(name, &kind, request.into_body()).await?,
                None,
                None,
            )
        }
    };
    let alt = check_alt(alt.or(described.alt))?;
    let focus = focus.or(described.focus).filter(|text| !text.is_empty());
    let focus = focus.map(|text| parse_focus(&text)).transpose()?;
    let row = upload.take_in(&file, alt.as_deref(), focus).await?;
    let media = Media::of(&app.node, &row);
    let location = app.node.urls().at(&format!("/api/v1/media/{}", row.name));
    created(&location, &media, &media)
}

/// Receives the parts `file`, `alt` and `focus` of a form.
async fn receive_form(
    app: &App,
    upload: &Upload<'_>,
    request: Request,
) -> Result<(UploadedFile, Option<String>, Option<String>), ApiError> {
    let form = Multipart::from_request(request, app).await;
    let mut form = form.map_err(|error| ApiError::new(Code::BadRequest, error.body_text()))?;
    let (mut file, mut alt, mut focus) = (None, None, None);
    loop {
        let part = timeout_at(upload.deadline(), form.next_field()).await;
        let part = part
            .map_err(|_| ApiError::new(Code::TooSlow, "the upload took too long"))?
            .map_err(|error| ApiError::new(Code::BadRequest, error.body_text()))?;
        let Some(part) = part else { break };
        match part.name() {
            Some("file") if file.is_none() => file = Some(upload.receive_part(part).await?),
            Some("alt") => alt = Some(text_of(upload, part).await?),
            Some("focus") => focus = Some(text_of(upload, part).await?),
            Some("file") => {
                return Err(ApiError::field("file", "send one file in each request"));
            }
            _ => {
                return Err(ApiError::new(
                    Code::Invalid,
                    "the parts of the form are file, alt and focus",
                ));
            }
        }
    }
    match file {
        Some(file) => Ok((file, alt, focus)),
        None => Err(ApiError::field("file", "the form has no part `file`")),
    }
}

/// Returns the text of a part that is no file.
pub(crate) async fn text_of(upload: &Upload<'_>, mut part: Field<'_>) -> Result<String, ApiError> {
    let mut text = Vec::new();
    loop {
        let chunk = timeout_at(upload.deadline(), part.chunk()).await;
        let chunk = chunk
            .map_err(|_| ApiError::new(Code::TooSlow, "the upload took too long"))?
            .map_err(|error| ApiError::new(Code::BadRequest, error.body_text()))?;
        let Some(chunk) = chunk else { break };
        text.extend_from_slice(&chunk);
        if text.len() > MAX_FIELD {
            return Err(ApiError::new(
                Code::TooLarge,
                "a field of the form is too long",
            ));
        }
    }
    String::from_utf8(text)
        .map_err(|_| ApiError::new(Code::BadRequest, "a field of the form is not UTF-8"))
}
