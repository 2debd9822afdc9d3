//! Responses of the API: documents with entity tags, and lists in pages.

use super::problem::{ApiError, Code};
use crate::web::{
    app::App,
    response::{Exact, matches_etag, strong_etag},
};
use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ETAG, IF_MATCH, LINK, LOCATION},
    },
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use utoipa::{IntoParams, ToSchema};

/// The number of entries of a page, and the largest number that can be asked for.
const PAGE: i64 = 50;
const MAX_PAGE: i64 = 100;

/// The result of a handler.
pub(super) type ApiResult = Result<Response, ApiError>;

/// Returns a JSON document.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> ApiResult {
    let text = serde_json::to_string(value).map_err(|error| ApiError::internal(&error.into()))?;
    let mut response = (status, text).into_response();
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

/// Returns the entity tag of a document.
pub(super) fn etag_of(value: &impl Serialize) -> Result<String, ApiError> {
    let text = serde_json::to_vec(value).map_err(|error| ApiError::internal(&error.into()))?;
    Ok(strong_etag(&text))
}

/// Returns a document with its entity tag; 304 if the client has it.
pub(super) fn tagged(headers: &HeaderMap, value: &impl Serialize) -> ApiResult {
    let etag = etag_of(value)?;
    let response = if matches_etag(headers, etag.as_bytes()) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        json(StatusCode::OK, value)?
    };
    Ok(with_tag(response, &etag))
}

/// Returns a response to a change of something that is `present` now: its entity tag is for the next change.
pub(super) fn changed(value: &impl Serialize, present: &impl Serialize) -> ApiResult {
    Ok(with_tag(json(StatusCode::OK, value)?, &etag_of(present)?))
}

fn with_tag(mut response: Response, etag: &str) -> Response {
    if let Ok(etag) = HeaderValue::from_str(etag) {
        response.headers_mut().insert(ETAG, etag);
    }
    response.extensions_mut().insert(Exact);
    response
}

/// Returns 201 with a document about something that is `present` now, and its address.
pub(super) fn created(
    location: &str,
    value: &impl Serialize,
    present: &impl Serialize,
) -> ApiResult {
    let response = json(StatusCode::CREATED, value)?;
    let mut response = with_tag(response, &etag_of(present)?);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// Returns 204.
pub(super) fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// Checks that the client has seen the present state, if it sent `If-Match`. A proxy may have made the tag weak.
///
/// # Errors
/// If the client has seen another state.
pub(super) fn check_match(headers: &HeaderMap, present: &impl Serialize) -> Result<(), ApiError> {
    if !headers.contains_key(IF_MATCH) {
        return Ok(());
    }
    let etag = etag_of(present)?;
    let texts = headers.get_all(IF_MATCH).iter();
    let mut known = texts
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"));
    if known.any(|tag| tag == "*" || tag == etag) {
        return Ok(());
    }
    Err(ApiError::new(
        Code::Changed,
        "it was changed in the meantime: read it again, and repeat your change on that",
    ))
}

/// The part of a list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// The largest number of entries, from 1 to 100; 50 by default.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// The entry after which the page begins, from the link to the next page.
    after: Option<String>,
}

impl Paging {
    /// Returns the number of entries that are asked for.
    ///
    /// # Errors
    /// If it is out of range.
    pub(super) fn limit(&self) -> Result<i64, ApiError> {
        match self.limit {
            None => Ok(PAGE),
            Some(limit) if (1..=MAX_PAGE).contains(&limit) => Ok(limit),
            Some(_) => Err(ApiError::field(
                "limit",
                format!("limit must be from 1 to {MAX_PAGE}"),
            )),
        }
    }

    /// Returns the text of the entry after which the page begins.
    pub(super) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Returns the id below which entries are listed, newest first.
    ///
    /// # Errors
    /// If it is no id.
    pub(super) fn before_id(&self) -> Result<i64, ApiError> {
        match &self.after {
            None => Ok(i64::MAX),
            Some(text) => text.parse().map_err(|_| bad_cursor()),
        }
    }

    /// Returns the id above which entries are listed, oldest first.
    ///
    /// # Errors
    /// If it is no id.
    pub(super) fn after_id(&self) -> Result<i64, ApiError> {
        match &self.after {
            None => Ok(0),
            Some(text) => text.parse().map_err(|_| bad_cursor()),
        }
    }
}

/// Returns the error for a text that is no position in a list.
pub(super) fn bad_cursor() -> ApiError {
    ApiError::field(
        "after",
        "after is no position in this list: use the link to the next page",
    )
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    items: Vec<T>,
    /// The address of the next page; null on the last one.
    next: Option<String>,
}

/// Returns a page of a list, with the link to the next one (RFC 8288). `last` is the position of the last entry if more
/// may follow.
pub(super) fn list<T: Serialize>(
    app: &App,
    uri: &axum::http::Uri,
    items: Vec<T>,
    last: Option<impl Display>,
) -> ApiResult {
    let next = last.map(|last| {
        let mut url = app.node.urls().at(uri.path());
        let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.filter(|(name, _)| name != "after"));
        query.append_pair("after", &last.to_string());
        url.push('?');
        url.push_str(&query.finish());
        url
    });
    let mut response = json(
        StatusCode::OK,
        &Page {
            items,
            next: next.clone(),
        },
    )?;
    let link = next.map(|next| format!("<{next}>; rel=\"next\""));
    if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
        response.headers_mut().insert(LINK, link);
    }
    Ok(response)
}
