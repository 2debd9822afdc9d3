//! Reads requests of Micropub: forms, forms with files, and JSON, with the token in the header or in the form.

use super::{
    access::{Right, check},
    properties::{Action, Properties, invalid},
};
use crate::{
    quota::Permits,
    web::{
        api::{
            body::{MAX_BODY, check_encoding, client_of, fingerprint, media_type},
            caller::{Caller, authenticate, bearer},
            media::{
                text_of,
                upload::{Upload, UploadedFile},
            },
            problem::{ApiError, Code},
        },
        app::App,
        request::{
            Peer,
            body::{self, MAX_FORM},
        },
    },
};
use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request},
    http::request::Parts,
};
use serde_json::json;
use tokio::time::timeout_at;

/// The largest number of files of one request.
const MAX_FILES: usize = 10;

/// A request of a client whose token was found.
pub(super) struct Received {
    pub(super) caller: Caller,
    pub(super) action: Action,
    /// The hash of the request, by which a repetition is recognized.
    pub(super) fingerprint: String,
    _permits: Permits,
}

/// Reads a request.
///
/// # Errors
/// If its token or its body is wrong.
pub(super) async fn read(app: &App, peer: Peer, request: Request) -> Result<Received, ApiError> {
    let (parts, body) = request.into_parts();
    check_encoding(&parts.headers)?;
    match media_type(&parts.headers).as_str() {
        "application/json" => read_json(app, peer, parts, body).await,
        "application/x-www-form-urlencoded" => read_form(app, peer, parts, body).await,
        "multipart/form-data" => read_multipart(app, peer, parts, body).await,
        _ => Err(ApiError::new(
            Code::MediaType,
            "send a form, a form with files, or JSON",
        )),
    }
}

async fn read_json(app: &App, peer: Peer, parts: Parts, body: Body) -> Result<Received, ApiError> {
    let token = bearer(&parts.headers)?;
    let (caller, permits) = authenticate(app, peer, &parts.headers, token).await?;
    let body = body::read(app, client_of(&parts, app), body, MAX_BODY).await?;
    Ok(Received {
        caller,
        action: Action::of_json(&body)?,
        fingerprint: fingerprint(&parts, &body),
        _permits: permits,
    })
}

async fn read_form(app: &App, peer: Peer, parts: Parts, body: Body) -> Result<Received, ApiError> {
    let header = bearer(&parts.headers)?.map(str::to_owned);
    let known = match &header {
        Some(token) => Some(authenticate(app, peer, &parts.headers, Some(token)).await?),
        None => None,
    };
    // Who has shown no token yet can send no more than a form of a reader's.
    let most = if known.is_some() { MAX_BODY } else { MAX_FORM };
    let body = body::read(app, client_of(&parts, app), body, most).await?;
    let mut properties = Properties::default();
    for (name, value) in url::form_urlencoded::parse(&body) {
        properties.push(&name, value.into_owned());
    }
    let in_form = properties.take_text("access_token");
    let (caller, permits) = match (known, in_form) {
        (Some(_), Some(_)) => return Err(two_tokens()),
        (Some(known), None) => known,
        (None, token) => authenticate(app, peer, &parts.headers, token.as_deref()).await?,
    };
    Ok(Received {
        caller,
        action: Action::of_form(properties)?,
        fingerprint: fingerprint(&parts, &body),
        _permits: permits,
    })
}

fn two_tokens() -> ApiError {
    invalid("send the token in the header or in the form, not in both")
}

async fn read_multipart(
    app: &App,
    peer: Peer,
    parts: Parts,
    body: Body,
) -> Result<Received, ApiError> {
    let headers = parts.headers.clone();
    let fingerprint = fingerprint(&parts, b"");
    let header = bearer(&headers)?.map(str::to_owned);
    // A form with files needs its token first: nobody uploads anything without one.
    let (caller, permits) = authenticate(app, peer, &headers, header.as_deref()).await?;
    check(&caller, Right::Upload)?;
    let upload = Upload::begin(app, &caller).await?;
    let form = Multipart::from_request(Request::from_parts(parts, body), app).await;
    let mut form = form.map_err(|error| invalid(error.body_text()))?;
    let mut properties = Properties::default();
    let mut files: Vec<(String, UploadedFile)> = Vec::new();
    loop {
        let part = timeout_at(upload.deadline(), form.next_field()).await;
        let part = part
            .map_err(|_| ApiError::new(Code::TooSlow, "the upload took too long"))?
            .map_err(|error| invalid(error.body_text()))?;
        let Some(part) = part else { break };
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            if files.len() == MAX_FILES {
                return Err(invalid(format!("a request has at most {MAX_FILES} files")));
            }
            files.push((name, upload.receive_part(part).await?));
        } else {
            let text = text_of(&upload, part).await?;
            properties.push(&name, text);
        }
    }
    if properties.take_text("access_token").is_some() {
        return Err(two_tokens());
    }
    // The files come before the addresses of others in the same property, as their descriptions do.
    for (name, file) in files {
        let media = upload.take_in(&file, None, None).await?;
        let url = app.node.urls().at(&media.address());
        properties.push(&name, json!(url));
    }
    Ok(Received {
        caller,
        action: Action::of_form(properties)?,
        fingerprint,
        _permits: permits,
    })
}

/// Receives the file of a request to the media endpoint. Returns its address.
///
/// # Errors
/// If the token is wrong, or the file is none that is taken in.
pub(super) async fn read_media(
    app: &App,
    peer: Peer,
    request: Request,
) -> Result<String, ApiError> {
    let headers = request.headers().clone();
    let token = bearer(&headers)?.map(str::to_owned);
    let (caller, _permits) = authenticate(app, peer, &headers, token.as_deref()).await?;
    check(&caller, Right::Upload)?;
    check_encoding(&headers)?;
    if media_type(&headers) != "multipart/form-data" {
        return Err(ApiError::new(
            Code::MediaType,
            "send the file in the part `file` of a form (multipart/form-data)",
        ));
    }
    let upload = Upload::begin(app, &caller).await?;
    let form = Multipart::from_request(request, app).await;
    let mut form = form.map_err(|error| invalid(error.body_text()))?;
    let (mut file, mut alt) = (None, None);
    loop {
        let part = timeout_at(upload.deadline(), form.next_field()).await;
        let part = part
            .map_err(|_| ApiError::new(Code::TooSlow, "the upload took too long"))?
            .map_err(|error| invalid(error.body_text()))?;
        let Some(part) = part else { break };
        match part.name() {
            Some("file") if file.is_none() => file = Some(upload.receive_part(part).await?),
            Some("file") => return Err(invalid("send one file in each request")),
            Some("alt" | "mp-photo-alt") => alt = Some(text_of(&upload, part).await?),
            // Other parts are for servers that know them.
            _ => drop(text_of(&upload, part).await?),
        }
    }
    let file = file.ok_or_else(|| invalid("the form has no part `file`"))?;
    let media = upload.take_in(&file, alt.as_deref(), None).await?;
    Ok(app.node.urls().at(&media.address()))
}
