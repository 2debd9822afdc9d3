//! robots.txt (RFC 9309).

use crate::{
    config::AiCrawlers,
    web::{
        app::App,
        response::{cached, shared},
    },
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use std::fmt::Write;

/// The user agents that collect texts for language models, one on a line.
const AI_CRAWLERS: &str = include_str!("../../../config/ai-crawlers.txt");

/// Paths of forms, of links for one person, and of searches.
const DISALLOWED: &[&str] = &[
    "/authorize_interaction",
    "/comments/",
    "/drafts/",
    "/interact",
    "/moderate/",
    "/search",
    "/unsubscribe/",
    "/*/reply/",
];

/// `GET /robots.txt`.
pub(crate) async fn show(State(app): State<App>, headers: HeaderMap) -> Response {
    let kind = "text/plain; charset=utf-8";
    let text = text(&app);
    shared(cached(&headers, StatusCode::OK, kind, "max-age=3600", text))
}

fn text(app: &App) -> String {
    let mut text = String::new();
    if app.node.config.site.ai_crawlers == AiCrawlers::Refuse {
        for agent in ai_crawlers() {
            let _ = writeln!(text, "User-agent: {agent}");
        }
        text.push_str("Disallow: /\n\n");
    }
    text.push_str("User-agent: *\n");
    for path in DISALLOWED {
        let _ = writeln!(text, "Disallow: {path}");
    }
    if app.site.indexable {
        let _ = writeln!(text, "\nSitemap: {}", app.node.urls().at("/sitemap.xml"));
    }
    text
}

/// Returns the user agents in the list, without comments.
fn ai_crawlers() -> impl Iterator<Item = &'static str> {
    let lines = AI_CRAWLERS.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}
