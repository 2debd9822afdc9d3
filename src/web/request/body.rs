//! Request bodies, read within a deadline and a limit of memory for all of them together.

use super::ClientNetwork;
use crate::{
    quota::{Exceeded, Limit, Permits},
    web::{app::App, response::problem_json},
};
use axum::{
    body::{Body, BodyDataStream, HttpBody},
    extract::{ConnectInfo, Form, FromRequest, Request},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use std::{net::SocketAddr, ops::Deref, time::Duration};
use tokio::time::{Instant, timeout_at};

/// The largest form, in bytes.
pub(crate) const MAX_FORM: usize = 64 * 1024;
/// The maximum of a refused body that is read, in bytes: more than any limit of bodies that are read at once.
const MAX_DISCARDED: usize = 8 * 1024 * 1024;
/// The smallest reservation of memory for a body of unknown length, in bytes.
const MIN_RESERVATION: usize = 8 * 1024;
/// How long a body waits for memory.
const PATIENCE: Duration = Duration::from_secs(2);

/// The reasons why a body was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the body is too large")]
    TooLarge,
    #[error("the body took too long")]
    TooSlow,
    #[error("the body was cut off")]
    CutOff,
    #[error("too many requests at once")]
    NoRoom(#[from] Exceeded),
}

impl BodyError {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            BodyError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            BodyError::TooSlow => StatusCode::REQUEST_TIMEOUT,
            BodyError::CutOff => StatusCode::BAD_REQUEST,
            BodyError::NoRoom(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// A body, with its reservation of memory.
#[derive(Debug, Default)]
pub(crate) struct RequestBody {
    bytes: Bytes,
    memory: Permits,
}

impl Deref for RequestBody {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a body of at most `limit` bytes. The reservation of memory counts for
/// `client`, if it is known.
///
/// # Errors
/// See [`BodyError`].
pub(crate) async fn read(
    app: &App,
    client: Option<ClientNetwork>,
    body: Body,
    limit: usize,
) -> Result<RequestBody, BodyError> {
    let (least, declared) = (body.size_hint().lower(), body.size_hint().exact());
    if least > limit as u64 {
        discard(app, body.into_data_stream());
        return Err(BodyError::TooLarge);
    }
    let time = app.node.quota.seconds(Limit::RequestSeconds);
    let mut reader = Reader {
        app,
        deadline: Instant::now() + time,
        client: client.map(|client| client.to_string()),
        declared,
        limit,
        reserved: 0,
        memory: Permits::default(),
    };
    let mut stream = body.into_data_stream();
    let read = reader.read(&mut stream).await;
    if matches!(read, Err(BodyError::NoRoom(_) | BodyError::TooLarge)) {
        discard(app, stream);
    }
    Ok(RequestBody {
        bytes: read?,
        memory: reader.memory,
    })
}

/// Reads and drops the rest of a refused body, in the background: a client that is still sending when the connection
/// closes may not see the response.
pub(crate) fn discard(app: &App, mut stream: BodyDataStream) {
    let time = app.node.quota.seconds(Limit::RequestSeconds);
    if stream.size_hint().lower() > MAX_DISCARDED as u64 {
        return;
    }
    tokio::spawn(tokio::time::timeout(time, async move {
        let mut left = MAX_DISCARDED;
        while let Some(Ok(chunk)) = stream.next().await {
            match left.checked_sub(chunk.len()) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    }));
}

/// Reads one body.
struct Reader<'a> {
    app: &'a App,
    deadline: Instant,
    client: Option<String>,
    /// The `Content-Length`, if the client sent it.
    declared: Option<u64>,
    limit: usize,
    /// The reserved memory, in bytes.
    reserved: usize,
    memory: Permits,
}

impl Reader<'_> {
    async fn read(&mut self, stream: &mut BodyDataStream) -> Result<Bytes, BodyError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = timeout_at(self.deadline, stream.next())
            .await
            .map_err(|_| BodyError::TooSlow)?
        {
            let chunk = chunk.map_err(|_| BodyError::CutOff)?;
            let length = body.len() + chunk.len();
            if length > self.limit {
                return Err(BodyError::TooLarge);
            }
            self.reserve(length).await?;
            if body.is_empty() && self.declared == Some(chunk.len() as u64) {
                return Ok(chunk);
            }
            body.reserve(self.reserved - body.len());
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// Reserves memory as the body grows, so that nothing is reserved for bytes that a client has not sent yet.
    async fn reserve(&mut self, length: usize) -> Result<(), BodyError> {
        if length <= self.reserved {
            return Ok(());
        }
        let most = self
            .declared
            .map_or(self.limit, |declared| declared as usize);
        let target = length
            .max(self.reserved * 2)
            .max(MIN_RESERVATION)
            .min(most.max(length));
        let more = (target - self.reserved) as u64;
        let quota = &self.app.node.quota;
        let patience = PATIENCE.min(self.deadline.saturating_duration_since(Instant::now()));
        if let Some(client) = &self.client {
            let limit = Limit::BodyMegabytesOfAddress;
            let share = quota.acquire_memory(limit, client, more, patience).await?;
            self.memory.merge(share);
        }
        let share = quota
            .acquire_memory(Limit::BodyMegabytes, "", more, patience)
            .await?;
        self.memory.merge(share);
        self.reserved = target;
        Ok(())
    }
}

/// Returns whether the content type is that of an HTML form.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| std::str::from_utf8(kind.as_bytes()).ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or("");
    kind.trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// An extractor for HTML forms that reads within the limits.
#[derive(Debug)]
pub(crate) struct FormBody<T> {
    pub form: T,
    // Released together with the form.
    _memory: Permits,
}

impl<T: DeserializeOwned> FromRequest<App> for FormBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (head, body) = request.into_parts();
        if !is_form(&head.headers) {
            discard(app, body.into_data_stream());
            let detail = "the content type is not application/x-www-form-urlencoded";
            return Err(problem_json(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let peer = head.extensions.get::<ConnectInfo<SocketAddr>>();
        let proxies = &app.node.config.comments.proxies;
        let client = peer
            .and_then(|peer| ClientNetwork::behind_proxies(peer.0.ip(), &head.headers, proxies));
        let body = read(app, client, body, MAX_FORM)
            .await
            .map_err(|error| problem_json(error.status(), &error.to_string()))?;
        let request = Request::from_parts(head, Body::from(body.bytes.clone()));
        let Form(form) = Form::from_request(request, app)
            .await
            .map_err(IntoResponse::into_response)?;
        Ok(FormBody {
            form,
            _memory: body.memory,
        })
    }
}
