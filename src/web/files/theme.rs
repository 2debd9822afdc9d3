//! Files of a theme that pages refer to: fonts, pictures, scripts.

use crate::web::{app::App, response::WebError};
use axum::{
    extract::{Path, State},
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};

/// `GET /static/theme/{name}`: a file of the folder `static` in the theme.
pub(crate) async fn serve(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, WebError> {
    let theme = app.node.config.site.theme.as_ref();
    let folder = theme.ok_or(WebError::NotFound)?.join("static");
    let is_plain = !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
    if !is_plain {
        return Err(WebError::NotFound);
    }
    let content = tokio::fs::read(folder.join(&name))
        .await
        .map_err(|_| WebError::NotFound)?;
    let kind = mime_guess::from_path(&name).first_or_octet_stream();
    let headers = [
        (CONTENT_TYPE, kind.to_string()),
        (CACHE_CONTROL, "public, max-age=3600".to_owned()),
    ];
    Ok((headers, content).into_response())
}
