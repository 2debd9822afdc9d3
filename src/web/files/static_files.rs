//! The style sheet, scripts and icon of the pages, which are part of the program.

use crate::web::response::WebError;
use axum::{
    extract::Path,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "static"]
struct Static;

/// `GET /static/{name}`. Browsers may cache it for a year, because pages add the version to its address.
pub(crate) async fn serve(Path(name): Path<String>) -> Result<Response, WebError> {
    let file = Static::get(&name).ok_or(WebError::NotFound)?;
    let kind = mime_guess::from_path(&name).first_or_octet_stream();
    let headers = [
        (CONTENT_TYPE, kind.to_string()),
        (
            CACHE_CONTROL,
            "public, max-age=31536000, immutable".to_owned(),
        ),
    ];
    Ok((headers, file.data.into_owned()).into_response())
}
