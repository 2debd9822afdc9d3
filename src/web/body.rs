//! Request bodies: read within one deadline, into memory that is bounded for all of them together.

use super::{app::App, guests::Address, problem};
use crate::quota::{Exceeded, Held, Limit};
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

/// Largest form, in bytes.
pub const MAX_FORM: usize = 64 * 1024;
/// Most that is read of a refused body, so that its sender gets to see the refusal.
const MAX_DISCARDED: usize = 1024 * 1024;
/// Least memory that is taken for a body whose end is not known.
const STEP: usize = 8 * 1024;
/// How long a body waits for memory.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    #[error("the body is too large")]
    TooLarge,
    #[error("the body took too long")]
    TooSlow,
    #[error("the body was cut off")]
    CutOff,
    #[error("there are too many requests at once")]
    NoPermit(#[from] Exceeded),
}

impl Unread {
    pub fn status(&self) -> StatusCode {
        match self {
            Unread::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Unread::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Unread::CutOff => StatusCode::BAD_REQUEST,
            Unread::NoPermit(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// A body, with its share of the memory for all bodies.
#[derive(Debug, Default)]
pub struct Kept {
    bytes: Bytes,
    memory: Held,
}

impl Deref for Kept {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a body of at most `limit` bytes. `client` is charged for it, unless it is a proxy of ours.
///
/// # Errors
/// See [`Unread`].
pub async fn read(
    app: &App,
    client: Option<Address>,
    body: Body,
    limit: usize,
) -> Result<Kept, Unread> {
    let (least, declared) = (body.size_hint().lower(), body.size_hint().exact());
    if least > limit as u64 {
        discard(app, body.into_data_stream());
        return Err(Unread::TooLarge);
    }
    let time = app.node.quota.seconds(Limit::RequestSeconds);
    let mut reader = Reader {
        app,
        deadline: Instant::now() + time,
        client: client.map(|client| client.to_string()),
        declared,
        limit,
        room: 0,
        memory: Held::default(),
    };
    let mut stream = body.into_data_stream();
    let read = reader.read(&mut stream).await;
    if matches!(read, Err(Unread::NoPermit(_) | Unread::TooLarge)) {
        discard(app, stream);
    }
    Ok(Kept {
        bytes: read?,
        memory: reader.memory,
    })
}

/// Reads the rest of a body that is not wanted, without keeping it: a connection that is closed while its client
/// still sends takes the response with it.
pub fn discard(app: &App, mut stream: BodyDataStream) {
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
    /// The length, if the client has told it.
    declared: Option<u64>,
    limit: usize,
    /// Bytes for which memory is taken.
    room: usize,
    memory: Held,
}

impl Reader<'_> {
    async fn read(&mut self, stream: &mut BodyDataStream) -> Result<Bytes, Unread> {
        let mut body = BytesMut::new();
        while let Some(chunk) = timeout_at(self.deadline, stream.next())
            .await
            .map_err(|_| Unread::TooSlow)?
        {
            let chunk = chunk.map_err(|_| Unread::CutOff)?;
            let length = body.len() + chunk.len();
            if length > self.limit {
                return Err(Unread::TooLarge);
            }
            self.make_room(length).await?;
            if body.is_empty() && self.declared == Some(chunk.len() as u64) {
                return Ok(chunk);
            }
            body.reserve(self.room - body.len());
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// Takes memory as the body grows, so that a client that stalls is not charged for what it has not sent.
    async fn make_room(&mut self, length: usize) -> Result<(), Unread> {
        if length <= self.room {
            return Ok(());
        }
        let most = self
            .declared
            .map_or(self.limit, |declared| declared as usize);
        let room = length.max(self.room * 2).max(STEP).min(most.max(length));
        let more = (room - self.room) as u64;
        let quota = &self.app.node.quota;
        let patience = PATIENCE.min(self.deadline.saturating_duration_since(Instant::now()));
        if let Some(client) = &self.client {
            let limit = Limit::BodyMegabytesOfAddress;
            let share = quota.hold_memory(limit, client, more, patience).await?;
            self.memory.add(share);
        }
        let share = quota
            .hold_memory(Limit::BodyMegabytes, "", more, patience)
            .await?;
        self.memory.add(share);
        self.room = room;
        Ok(())
    }
}

/// Returns whether the headers announce a form.
pub fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| std::str::from_utf8(kind.as_bytes()).ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or("");
    kind.trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// A form that was sent, read within the limits.
#[derive(Debug)]
pub struct FormBody<T> {
    pub form: T,
    // Free again with the form.
    _memory: Held,
}

impl<T: DeserializeOwned> FromRequest<App> for FormBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (head, body) = request.into_parts();
        if !is_form(&head.headers) {
            discard(app, body.into_data_stream());
            let detail = "the content type is not application/x-www-form-urlencoded";
            return Err(problem::json(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let peer = head.extensions.get::<ConnectInfo<SocketAddr>>();
        let proxies = &app.node.config.comments.proxies;
        let client = peer.and_then(|peer| Address::of_client(peer.0.ip(), &head.headers, proxies));
        let kept = read(app, client, body, MAX_FORM)
            .await
            .map_err(|error| problem::json(error.status(), &error.to_string()))?;
        let request = Request::from_parts(head, Body::from(kept.bytes.clone()));
        let Form(form) = Form::from_request(request, app)
            .await
            .map_err(IntoResponse::into_response)?;
        Ok(FormBody {
            form,
            _memory: kept.memory,
        })
    }
}
