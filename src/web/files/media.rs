//! Pictures, audio and video files of articles.

use crate::{
    media::StorageError,
    store::Media,
    web::{
        app::App,
        response::{WebError, matches_etag},
    },
};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
            CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_RANGE, RANGE,
        },
    },
    response::Response,
};
use http_range_header::{RangeUnsatisfiableError, parse_range_header};
use std::{ops::Range, time::Duration};

/// The content of a name never changes.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// The policy for a file that is opened as a page of its own.
const NOTHING_ELSE: HeaderValue = HeaderValue::from_static("default-src 'none'");
/// The time after which a client may ask again if the storage does not respond.
const RETRY: Duration = Duration::from_secs(10);

/// A file with what its response needs.
struct Found {
    name: String,
    content_type: String,
    length: u64,
}

/// `GET /media/{name}`: a file of the site, or a part of it.
pub(crate) async fn serve(
    State(app): State<App>,
    Path(name): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let found = find(&app, name).await?;
    let etag = format!("\"{}-{}\"", found.name, found.length);
    let mut response = if matches_etag(&headers, etag.as_bytes()) {
        with_status(StatusCode::NOT_MODIFIED)
    } else {
        let ranges = (method == Method::GET).then(|| range_of(&headers, &etag));
        match ranges.flatten().map(|range| asked(range, found.length)) {
            Some(Asked::Part(range)) => part(&app, &found, range).await?,
            Some(Asked::Nothing) => {
                let mut response = with_status(StatusCode::RANGE_NOT_SATISFIABLE);
                insert(
                    &mut response,
                    CONTENT_RANGE,
                    &format!("bytes */{}", found.length),
                );
                return Ok(response);
            }
            Some(Asked::All) | None => all(&app, &found, &method).await?,
        }
    };
    insert(&mut response, ETAG, &etag);
    insert(&mut response, CONTENT_TYPE, &found.content_type);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, IMMUTABLE);
    headers.insert(CONTENT_SECURITY_POLICY, NOTHING_ELSE);
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // Audio and video are compressed already, and parts of them have to be found.
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
    Ok(response)
}

/// Finds a file or variant by its name.
async fn find(app: &App, name: String) -> Result<Found, WebError> {
    let found = app.node.media.find(&name).await?;
    let media = found.ok_or(WebError::NotFound)?;
    if media.removed_at.is_some() {
        return Err(WebError::Gone);
    }
    Ok(file_of(&media, name))
}

fn file_of(media: &Media, name: String) -> Found {
    let variant = media.variants.0.iter().find(|variant| variant.name == name);
    let (content_type, bytes) = match variant {
        Some(variant) => (&variant.content_type, variant.bytes),
        None => (&media.content_type, media.bytes),
    };
    Found {
        content_type: content_type.clone(),
        length: bytes.try_into().unwrap_or(0),
        name,
    }
}

/// The part of a file that a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    All,
    Part(Range<u64>),
    /// The range begins after the end.
    Nothing,
}

/// Returns the `Range` header, unless `If-Range` says that the client has another version.
fn range_of<'a>(headers: &'a HeaderMap, etag: &str) -> Option<&'a str> {
    let is_other = headers.get(IF_RANGE).is_some_and(|version| version != etag);
    let range = headers.get(RANGE).filter(|_| !is_other)?;
    range.to_str().ok()
}

/// Reads a `Range` header (RFC 9110, section 14.2). A header that is malformed, or asks for several parts, is ignored.
fn asked(header: &str, length: u64) -> Asked {
    let ranges = match parse_range_header(header) {
        Ok(ranges) if ranges.len() == 1 => ranges,
        Ok(_) => return Asked::All,
        Err(RangeUnsatisfiableError::Unsatisfiable) => return Asked::Nothing,
        Err(_) => return Asked::All,
    };
    match ranges.validate(length) {
        Ok(valid) => match valid.first() {
            Some(range) => Asked::Part(*range.start()..range.end().saturating_add(1).min(length)),
            None => Asked::Nothing,
        },
        Err(_) => Asked::Nothing,
    }
}

async fn part(app: &App, found: &Found, range: Range<u64>) -> Result<Response, WebError> {
    let content = content_of(app, found, range.clone()).await?;
    let mut response = Response::new(content);
    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    let (first, last) = (range.start, range.end.saturating_sub(1));
    let of = format!("bytes {first}-{last}/{}", found.length);
    insert(&mut response, CONTENT_RANGE, &of);
    insert(
        &mut response,
        CONTENT_LENGTH,
        &(range.end - range.start).to_string(),
    );
    Ok(response)
}

async fn all(app: &App, found: &Found, method: &Method) -> Result<Response, WebError> {
    let content = if method == Method::HEAD {
        Body::empty()
    } else {
        content_of(app, found, 0..found.length).await?
    };
    let mut response = Response::new(content);
    insert(&mut response, CONTENT_LENGTH, &found.length.to_string());
    Ok(response)
}

async fn content_of(app: &App, found: &Found, range: Range<u64>) -> Result<Body, WebError> {
    match app.node.media.storage().read(&found.name, range).await {
        Ok(Some(content)) => Ok(Body::from_stream(content)),
        // It is being stored, or somebody removed the file.
        Ok(None) => Err(WebError::NotFound),
        Err(error @ StorageError::Bucket(_)) => {
            tracing::warn!(%error, name = found.name, "a media file could not be read");
            Err(WebError::Later(RETRY))
        }
        Err(error) => Err(WebError::Internal(error.into())),
    }
}

fn with_status(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn insert(response: &mut Response, name: axum::http::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_part_or_all_or_nothing() {
        for (header, expected) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=10-", Asked::Part(10..100)),
            ("bytes=-10", Asked::Part(90..100)),
            ("bytes=90-1000", Asked::Part(90..100)),
            ("bytes=0-18446744073709551615", Asked::Part(0..100)),
            ("bytes=100-", Asked::Nothing),
            ("bytes=18446744073709551615-", Asked::Nothing),
            ("bytes=5-2", Asked::All),
            ("bytes=0-1,5-6", Asked::All),
            ("bytes=a-b", Asked::All),
            ("lines=0-1", Asked::All),
            ("bytes=", Asked::All),
            ("", Asked::All),
        ] {
            assert_eq!(asked(header, 100), expected, "{header}");
        }
        assert_eq!(asked("bytes=-0", 100), Asked::Nothing);
        assert_eq!(asked("bytes=0-", 0), Asked::Nothing);
    }
}
