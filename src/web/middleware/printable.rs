//! Removes forbidden characters from pages, feeds and documents, because a single one makes a whole feed unreadable.
//! Other programs write the database too, so the responses are cleaned.

use crate::content::text;
use axum::{
    body::{Body, to_bytes},
    http::header::{CONTENT_LENGTH, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use http::StatusCode;

/// An upper limit for the size of a response, in bytes.
const MAX_BODY: usize = 256 * 1024 * 1024;

/// The way in which a response escapes characters.
#[derive(Clone, Copy)]
enum Kind {
    Markup,
    Json,
}

/// Returns the response without such characters, if it is HTML, XML, JSON or plain text.
pub(crate) async fn printable(response: Response) -> Response {
    let Some(kind) = kind_of(&response) else {
        return response;
    };
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let clean = std::str::from_utf8(&bytes).ok().map(|text| match kind {
        Kind::Markup => text::without_controls(text),
        Kind::Json => text::json_without_controls(text),
    });
    let body = match clean {
        Some(clean) if clean.as_bytes() != bytes => {
            head.headers.remove(CONTENT_LENGTH);
            Body::from(clean.into_owned())
        }
        _ => Body::from(bytes),
    };
    Response::from_parts(head, body)
}

fn kind_of(response: &Response) -> Option<Kind> {
    let kind = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match kind {
        "text/html" | "text/plain" => Some(Kind::Markup),
        kind if kind.ends_with("xml") => Some(Kind::Markup),
        kind if kind.ends_with("json") => Some(Kind::Json),
        _ => None,
    }
}
