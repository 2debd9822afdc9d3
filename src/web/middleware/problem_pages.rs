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

/// Replaces a failed response, such as a JSON problem, by a page if the client is a browser.
///
/// A handler for readers marks its errors with a [`Problem`], which becomes a page unless the client prefers ActivityPub.
/// Any other error becomes a page only if the client asks for HTML.
pub(crate) async fn problem_pages(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    app.frame.refresh(&app.node).await;
    let format = preferred_format(request.headers());
    let asks_for_html = wants_html(request.headers());
    let response = next.run(request).await;
    let marked = response.extensions().get::<Problem>().copied();
    let problem = match marked {
        Some(problem) if format == Format::Html => Some(problem),
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
