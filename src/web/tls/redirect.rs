//! The redirect from plain HTTP to HTTPS.

use crate::web::app::App;
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, Method, StatusCode, Uri, header::LOCATION},
    response::{IntoResponse, Response},
};

/// Returns the routes of the listener for plain HTTP.
pub(in crate::web) fn redirect_router(app: App) -> Router {
    Router::new().fallback(redirect).with_state(app)
}

/// Redirects a reader. Anything else has come unprotected, and senders do not follow redirects of signed requests.
async fn redirect(State(app): State<App>, method: Method, uri: Uri) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return (StatusCode::FORBIDDEN, "Use HTTPS.").into_response();
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let target = HeaderValue::from_str(&app.node.config.url(path));
    match target {
        Ok(target) => (StatusCode::PERMANENT_REDIRECT, [(LOCATION, target)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
