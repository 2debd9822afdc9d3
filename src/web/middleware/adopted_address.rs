//! Requests for addresses that other software or a former host gave away. Servers are served there: their signed requests
//! follow no redirects. Readers are redirected to the page.

use crate::{
    protocol::address_candidates,
    store::Conn,
    web::{
        app::App,
        pages::{adopted, permalink},
        response::{Format, WebError, moved, preferred_format, vary_by_accept, with_query},
    },
};
use axum::{
    http::{HeaderMap, Method, Uri, header::HOST},
    response::Response,
};

/// The end of a request for such an address.
pub(super) enum Adopted {
    /// It is for another address.
    No,
    /// It is served as if it had requested this path and query.
    Path(String),
    Response(Response),
}

/// Looks up the address of a request, if it is one that this program does not compute. For readers these are the queries of
/// the front page, and addresses with a slash at the end: their other requests reach the handlers for unknown addresses
/// first.
pub(super) async fn find(
    app: &App,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Adopted, WebError> {
    let urls = app.node.urls();
    let is_fetch = matches!(*method, Method::GET | Method::HEAD);
    let is_reader = is_fetch && preferred_format(headers) == Format::Html;
    let header = headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = uri.authority().map(axum::http::uri::Authority::as_str);
    let former_host = urls.former_host(header.or(authority));
    let is_home = uri.path().bytes().all(|byte| byte == b'/');
    let is_closed = app.closing().is_some();
    let is_canonical = urls.canonical_path(uri.path()) == uri.path();
    // The API responds to unknown addresses itself. WriteFreely had everything below it.
    let has_fallback = !is_home && !uri.path().starts_with("/api/");
    if is_reader && (is_closed || is_canonical && has_fallback && former_host.is_none()) {
        return Ok(Adopted::No);
    }
    let host = former_host.as_deref().unwrap_or(urls.host());
    let mut candidates = urls.candidates_at(host, uri.path(), uri.query());
    if candidates.is_empty() && is_fetch && !is_reader && !is_canonical {
        // An id can have another spelling than the path here: `/2020/01/hello/`.
        candidates = address_candidates(host, uri.path(), uri.query());
    }
    if candidates.is_empty() {
        return Ok(Adopted::No);
    }
    let mut conn = app.node.store.read().await?;
    let path = conn.path_at(&candidates).await?;
    if is_reader {
        let page = match &path {
            Some(path) => adopted::page_of(app, &mut conn, path).await?,
            None if !is_canonical => moved_from(app, &mut conn, uri).await?,
            None if former_host.is_some() && !is_for_machines(uri.path()) => {
                let path = urls.canonical_path(uri.path());
                Some(urls.at(&with_query(&path, uri.query())))
            }
            None => None,
        };
        if let Some(page) = page {
            return Ok(Adopted::Response(vary_by_accept(moved(&page))));
        }
    }
    Ok(path.map_or(Adopted::No, |path| {
        Adopted::Path(path.split('#').next().unwrap_or_default().to_owned())
    }))
}

/// Returns the page of the article that was at a path on another site, which is here without the slash at the end.
async fn moved_from(app: &App, conn: &mut Conn, uri: &Uri) -> Result<Option<String>, WebError> {
    let urls = app.node.urls();
    let path = urls.canonical_path(uri.path());
    let current = permalink::moved_from(conn, &path).await?;
    Ok(current.map(|current| urls.at(&with_query(&current, uri.query()))))
}

/// Returns whether a path belongs to the discovery of the host itself, which is served under each of our hosts.
fn is_for_machines(path: &str) -> bool {
    path.starts_with("/.well-known/") || path.starts_with("/nodeinfo/")
}
