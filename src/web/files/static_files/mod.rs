//! The style sheet, scripts and icon of the pages, which are part of the program. Each is compressed once, as well as
//! possible, when it is first requested.

mod minify;

use crate::web::{
    app::App,
    response::{self, Encoding, WebError},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, LAST_MODIFIED,
            VARY,
        },
    },
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use moka::future::Cache;
use rust_embed::RustEmbed;
use std::{
    sync::{Arc, LazyLock},
    time::{Duration, SystemTime},
};
use tower_http::{CompressionLevel, compression::CompressionLayer};

#[derive(RustEmbed)]
#[folder = "static"]
struct Static;

/// The largest file, in bytes.
const MAX_FILE: usize = 16 * 1024 * 1024;

/// A file in all encodings.
struct Prepared {
    kind: HeaderValue,
    etag: HeaderValue,
    modified: Option<SystemTime>,
    /// The identity first. An encoding that saves nothing is missing.
    versions: Vec<(Encoding, Bytes)>,
}

/// The files that were requested so far.
static PREPARED: LazyLock<Cache<String, Arc<Prepared>>> =
    LazyLock::new(|| Cache::builder().max_capacity(1000).build());

/// `GET /static/{name}`. Browsers may cache it for a year, because its address has the version or a hash.
pub(crate) async fn serve(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (content, modified) = if name == app.style.name {
        (app.style.content.clone(), None)
    } else {
        let file = Static::get(&name).ok_or(WebError::NotFound)?;
        let content = Bytes::from(file.data.into_owned());
        (content, file.metadata.last_modified())
    };
    let prepared = PREPARED
        .entry_by_ref(&name)
        .or_insert_with(prepare(&name, content, modified))
        .await
        .into_value();
    Ok(prepared.response_to(&headers))
}

async fn prepare(name: &str, content: Bytes, modified: Option<u64>) -> Arc<Prepared> {
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let kind = match kind.type_().as_str() {
        "text" => format!("{kind}; charset=utf-8"),
        _ => kind.to_string(),
    };
    let bytes = match std::str::from_utf8(&content) {
        Ok(sheet) if name.ends_with(".css") => Bytes::from(minify::style_sheet(sheet)),
        _ => content,
    };
    let etag = format!("W/{}", response::strong_etag(&bytes));
    let mut versions = vec![(Encoding::Identity, bytes.clone())];
    for encoding in Encoding::COMPRESSED {
        let compressed = compressed(&bytes, &kind, encoding).await;
        versions.extend(compressed.map(|bytes| (encoding, bytes)));
    }
    let octets = HeaderValue::from_static("application/octet-stream");
    Arc::new(Prepared {
        kind: HeaderValue::from_str(&kind).unwrap_or(octets),
        etag: HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"\"")),
        modified: modified.map(|time| SystemTime::UNIX_EPOCH + Duration::from_secs(time)),
        versions,
    })
}

/// Returns a file in an encoding; `None` if that is no shorter.
async fn compressed(bytes: &Bytes, kind: &str, encoding: Encoding) -> Option<Bytes> {
    let (body, kind) = (bytes.clone(), kind.to_owned());
    let plain = move || async move { ([(CONTENT_TYPE, kind)], body).into_response() };
    let layer = CompressionLayer::new().quality(CompressionLevel::Best);
    let service = TowerToHyperService::new(Router::new().fallback(plain).layer(layer));
    let request = Request::builder().header(ACCEPT_ENCODING, encoding.as_str());
    let response = service.call(request.body(Body::empty()).ok()?).await.ok()?;
    let is_encoded = response.headers().contains_key(CONTENT_ENCODING);
    let compressed = to_bytes(Body::new(response.into_body()), MAX_FILE)
        .await
        .ok()?;
    (is_encoded && compressed.len() < bytes.len()).then_some(compressed)
}

impl Prepared {
    fn response_to(&self, request: &HeaderMap) -> Response {
        let modified = self.modified;
        let is_known = response::is_unmodified(request, Some(self.etag.as_bytes()), modified);
        let wanted = Encoding::preferred(request);
        let chosen = self
            .versions
            .iter()
            .rev()
            .find(|(encoding, _)| *encoding == wanted);
        let Some((encoding, bytes)) = chosen.or(self.versions.first()) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Response::new(Body::from(bytes.clone()))
        };
        let head = response.headers_mut();
        head.insert(CONTENT_TYPE, self.kind.clone());
        head.insert(ETAG, self.etag.clone());
        let year = "public, max-age=31536000, immutable";
        head.insert(CACHE_CONTROL, HeaderValue::from_static(year));
        head.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        if let Some(modified) = modified.and_then(response::http_date) {
            head.insert(LAST_MODIFIED, modified);
        }
        if *encoding != Encoding::Identity {
            let encoding = HeaderValue::from_static(encoding.as_str());
            head.insert(CONTENT_ENCODING, encoding);
        }
        response
    }
}
