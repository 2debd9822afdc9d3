//! The server of the preview. It answers GET alone, and only requests to this computer by its address or as
//! `localhost`, so that no page of a stranger reads the draft under a name of its own.

use super::{
    Draft,
    panel::{PreviewPage, stored},
};
use crate::web::{app::App, pages::article, response::WebError, server::router};
use axum::{
    Router,
    body::Body,
    extract::{Query, Request, State},
    http::{
        HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST},
    },
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

/// The time after which a request that waits for a change is answered anyway.
const WAIT: Duration = Duration::from_secs(25);
/// The content security policy of the preview: its pages load everything from here, and themselves in a frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https:; font-src 'self'; \
     media-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'self'";

#[derive(Clone)]
struct Preview {
    app: App,
    draft: watch::Receiver<Draft>,
    /// A folder with pictures that the draft names by their address.
    pictures: Option<Arc<PathBuf>>,
}

/// Serves the preview until `stop`. `pictures` is the data folder of the publication.
///
/// # Errors
/// If the listener fails.
pub(crate) async fn serve(
    listener: TcpListener,
    app: App,
    draft: watch::Receiver<Draft>,
    pictures: Option<PathBuf>,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let preview = Preview {
        app,
        draft,
        pictures: pictures.map(Arc::new),
    };
    let routes = Router::new()
        .route("/", get(|| async { Redirect::temporary("/preview") }))
        .route("/preview", get(panel))
        .route("/preview/page", get(page))
        .route("/preview/changes", get(changes))
        .with_state(preview.clone())
        .fallback_service(router(preview.app.clone()))
        .layer(middleware::from_fn_with_state(preview, guard));
    axum::serve(listener, routes)
        .with_graceful_shutdown(async move { stop.cancelled().await })
        .await
}

/// Refuses everything but GET from this computer, and sets the headers of all responses.
async fn guard(State(preview): State<Preview>, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST);
    let host = host.and_then(|host| host.to_str().ok());
    if !host.is_some_and(is_own_name) {
        return (
            StatusCode::FORBIDDEN,
            "Open the address that was printed.\n",
        )
            .into_response();
    }
    if request.method() != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().to_owned();
    let is_known = path == "/"
        || ["/preview", "/static/", "/media/", "/pictures/"]
            .iter()
            .any(|start| path.starts_with(start));
    if !is_known {
        return (StatusCode::NOT_FOUND, "The preview has only this page.\n").into_response();
    }
    let mut response = next.run(request).await;
    if let (Some(name), Some(folder)) = (path.strip_prefix("/media/"), &preview.pictures)
        && !response.status().is_success()
    {
        response = picture(folder, name).await.unwrap_or(response);
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Returns a picture that the publication has and the draft names by its address.
async fn picture(data: &Path, name: &str) -> Option<Response> {
    if name.starts_with('.') || name.contains(['/', '\\', '%', '\0']) {
        return None;
    }
    let content = tokio::fs::read(data.join("media").join(name)).await.ok()?;
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    Some(([(CONTENT_TYPE, kind.to_string())], content).into_response())
}

fn is_own_name(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || address.parse::<IpAddr>().is_ok()
}

/// `GET /preview`: the posts, and the page in a frame.
async fn panel(State(preview): State<Preview>) -> Result<Response, WebError> {
    let draft = preview.draft.borrow().clone();
    let mut conn = preview.app.node.store.read().await?;
    let page = PreviewPage::of(&preview.app, &mut conn, &draft).await?;
    Ok(html(preview.local(&preview.app.render(&page)?)))
}

/// `GET /preview/page`: the article's page.
async fn page(State(preview): State<Preview>) -> Result<Response, WebError> {
    let draft = preview.draft.borrow().clone();
    let mut conn = preview.app.node.store.read().await?;
    let article = stored(&mut conn, &draft).await?.ok_or(WebError::NotFound)?;
    let page = article::preview(&preview.app, &mut conn, &article).await?;
    Ok(html(preview.local(&preview.app.render(&page)?)))
}

/// The version that the browser shows.
#[derive(Deserialize)]
struct Since {
    since: u64,
}

/// `GET /preview/changes?since=N`: the current version, as soon as it is another one.
async fn changes(State(mut preview): State<Preview>, Query(since): Query<Since>) -> String {
    let changed = preview.draft.wait_for(|draft| draft.version != since.since);
    let _ = tokio::time::timeout(WAIT, changed).await;
    preview.draft.borrow().version.to_string()
}

impl Preview {
    /// Lets a page load its files from here instead of the public address.
    fn local(&self, page: &str) -> String {
        ["media", "static", "pictures"]
            .iter()
            .fold(page.to_owned(), |page, folder| {
                let public = self.app.node.urls().at(&format!("/{folder}/"));
                page.replace(&public, &format!("/{folder}/"))
            })
    }
}

fn html(page: String) -> Response {
    let mut response = Response::new(Body::from(page));
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use super::is_own_name;

    #[test]
    fn only_addresses_and_localhost_are_own_names() {
        for host in [
            "127.0.0.1:8081",
            "localhost",
            "localhost:1",
            "[::1]:8081",
            "192.0.2.1:8081",
        ] {
            assert!(is_own_name(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8081",
            "localhost.evil.example",
            "[x]:1",
        ] {
            assert!(!is_own_name(host), "{host}");
        }
    }
}
