//! Documents that machines read: feeds, the sitemap, robots.txt, oEmbed, the web manifest, icons and card pictures.

mod feeds;
mod manifest;
mod oembed;
mod pictures;
mod robots;
mod sitemap;

use super::app::App;
use axum::{Router, routing::get};

/// Returns the routes of these documents.
pub(super) fn routes() -> Router<App> {
    let mut routes = Router::new()
        .route("/sitemap.xml", get(sitemap::index))
        .route("/sitemap/{part}", get(sitemap::part))
        .route("/robots.txt", get(robots::show))
        .route("/oembed", get(oembed::show))
        .route("/manifest.webmanifest", get(manifest::show))
        .route("/cards/{subject}/{name}", get(pictures::card));
    for icon in [
        "/favicon.ico",
        "/apple-touch-icon.png",
        "/apple-touch-icon-precomposed.png",
        "/icon-192.png",
        "/icon-512.png",
    ] {
        routes = routes.route(icon, get(pictures::icon));
    }
    for ending in ["atom", "rss", "json"] {
        let article = "/{year}/{month}/{slug}/comments";
        routes = routes
            .route(&format!("/feed.{ending}"), get(feeds::site))
            .route(&format!("/tags/{{tag}}/feed.{ending}"), get(feeds::tag))
            .route(
                &format!("/authors/{{username}}/feed.{ending}"),
                get(feeds::author),
            )
            .route(&format!("{article}.{ending}"), get(feeds::of_article));
    }
    for guess in [
        "feed",
        "feed.xml",
        "rss",
        "rss.xml",
        "atom.xml",
        "index.xml",
    ] {
        routes = routes.route(&format!("/{guess}"), get(feeds::guessed));
    }
    for folder in ["/tags/{tag}", "/authors/{username}"] {
        routes = routes
            .route(&format!("{folder}/feed"), get(feeds::guessed))
            .route(&format!("{folder}/feed.xml"), get(feeds::guessed));
    }
    routes
}
