//! The web app manifest (W3C), by which phones add the site to their home screen.

use crate::web::{
    app::App,
    response::{cached, shared},
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::{Value, json};

/// The background of pages in light mode.
const PAPER: &str = "#fcfaf5";

/// `GET /manifest.webmanifest`.
pub(crate) async fn show(State(app): State<App>, headers: HeaderMap) -> Response {
    let kind = "application/manifest+json";
    let manifest = manifest(&app).to_string();
    shared(cached(
        &headers,
        StatusCode::OK,
        kind,
        "max-age=3600",
        manifest,
    ))
}

fn manifest(app: &App) -> Value {
    let site = &app.site;
    let icon = |side: u32| {
        json!({
            "src": format!("/icon-{side}.png"),
            "sizes": format!("{side}x{side}"),
            "type": "image/png",
        })
    };
    let mut manifest = json!({
        "id": "/",
        "name": site.name,
        "lang": site.language,
        "dir": "auto",
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [icon(192), icon(512)],
    });
    if !site.description.is_empty() {
        manifest["description"] = site.description.clone().into();
    }
    manifest
}
