//! Turns the errors of reader routes into pages.

use crate::web::{
    app::App,
    response::{Format, preferred_format, problem_page},
    views::Problem,
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

/// Replaces the JSON problem of a failed handler with a page if the client prefers HTML.
pub(crate) async fn problem_pages(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    let format = preferred_format(request.headers());
    let response = next.run(request).await;
    match response.extensions().get::<Problem>() {
        Some(problem) if format == Format::Html => {
            problem_page(&app.templates, &app.site, response.status(), *problem)
        }
        _ => response,
    }
}
