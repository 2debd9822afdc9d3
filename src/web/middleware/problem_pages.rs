//! Turns errors into pages for readers.

use crate::web::{
    app::App,
    response::{Format, preferred_format, problem_page, wants_html},
    views::Problem,
};
use axum::{
    extract::{Request, State},
    http::{
        HeaderMap,
        header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
    },
    middleware::Next,
    response::Response,
};

/// The headers of a failed response that its page has too.
const KEPT: [axum::http::HeaderName; 3] = [ALLOW, CACHE_CONTROL, RETRY_AFTER];

/// Replaces a failed response to a reader, such as a JSON problem, by a page.
///
/// An error that its handler marked with a [`Problem`] becomes a page unless the client prefers ActivityPub. Any other
/// error becomes a page only if the client asks for HTML.
pub(crate) async fn problem_pages(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    app.refresh_frame().await;
    let accepts_pages = preferred_format(request.headers()) == Format::Html;
    let asks_for_html = wants_html(request.headers());
    let response = next.run(request).await;
    replace(&app, response, accepts_pages, asks_for_html)
}

/// Replaces a failed response to a program by a page if a browser asked for it.
pub(crate) async fn problem_pages_for_browsers(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    let asks_for_html = wants_html(request.headers());
    let response = next.run(request).await;
    replace(&app, response, asks_for_html, asks_for_html)
}

fn replace(app: &App, response: Response, accepts_pages: bool, asks_for_html: bool) -> Response {
    let marked = response.extensions().get::<Problem>().copied();
    let problem = match marked {
        Some(problem) if accepts_pages => Some(problem),
        None if asks_for_html && !is_html(response.headers()) => {
            Problem::of_status(response.status().as_u16())
        }
        _ => None,
    };
    let Some(problem) = problem else {
        return response;
    };
    let mut page = problem_page(&app.templates, &app.site, response.status(), problem);
    for name in KEPT {
        if let Some(value) = response.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page
}

fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}
