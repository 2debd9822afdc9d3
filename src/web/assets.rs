//! Files that are part of the program: style sheet, script, icon, and the program's own source.

use super::{app::App, problem::WebError};
use crate::media;
use axum::{
    body::Body,
    extract::{Path, State},
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream};
use rust_embed::RustEmbed;
use std::sync::OnceLock;
use tokio::{fs::File, io::AsyncReadExt};

/// Where the running program's source is offered (AGPL-3.0, section 13).
pub const SOURCE_PATH: &str = "/source.tar";

/// Bytes of a file that are read at once.
const PART: usize = 64 * 1024;

#[derive(RustEmbed)]
#[folder = "static"]
struct Static;

/// What this program was built from. It is carried along, so that every node offers just the source it runs.
#[derive(RustEmbed)]
#[folder = "."]
#[include = "src/**"]
#[include = "migrations/**"]
#[include = "templates/**"]
#[include = "static/**"]
#[include = "config/**"]
#[include = "Cargo.*"]
#[include = "LICENSE"]
#[include = "README.md"]
struct Source;

/// `GET /static/{name}`. Pages name a version with it, so that it can be kept for a year.
pub async fn file(Path(name): Path<String>) -> Result<Response, WebError> {
    let file = Static::get(&name).ok_or(WebError::NotFound)?;
    let kind = mime_guess::from_path(&name).first_or_octet_stream();
    let headers = [
        (CONTENT_TYPE, kind.to_string()),
        (
            CACHE_CONTROL,
            "public, max-age=31536000, immutable".to_owned(),
        ),
    ];
    Ok((headers, file.data.into_owned()).into_response())
}

/// `GET /source.tar`.
pub async fn source() -> Result<Response, WebError> {
    static ARCHIVE: OnceLock<Bytes> = OnceLock::new();
    let archive = match ARCHIVE.get() {
        Some(archive) => archive,
        None => {
            let made = tokio::task::spawn_blocking(archive_source)
                .await
                .map_err(|error| WebError::Internal(error.into()))?
                .map_err(|error| WebError::Internal(error.into()))?;
            ARCHIVE.get_or_init(|| made.into())
        }
    };
    let headers = [
        (CONTENT_TYPE, "application/x-tar"),
        (
            CONTENT_DISPOSITION,
            "attachment; filename=\"pamphlet-source.tar\"",
        ),
    ];
    Ok((headers, archive.clone()).into_response())
}

fn archive_source() -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for name in Source::iter() {
        let Some(file) = Source::get(&name) else {
            continue;
        };
        let mut header = tar::Header::new_gnu();
        header.set_size(file.data.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, format!("pamphlet/{name}"), file.data.as_ref())?;
    }
    archive.into_inner()
}

/// `GET /media/{name}`: a picture of an article.
pub async fn media(State(app): State<App>, Path(name): Path<String>) -> Result<Response, WebError> {
    let path = media::path_of(&name, &app.node.config.data).ok_or(WebError::NotFound)?;
    let file = File::open(&path).await.map_err(|_| WebError::NotFound)?;
    let about = file.metadata().await.map_err(|_| WebError::NotFound)?;
    let headers = [
        (
            CONTENT_TYPE,
            mime_guess::from_path(&path)
                .first_or_octet_stream()
                .to_string(),
        ),
        (
            CACHE_CONTROL,
            "public, max-age=31536000, immutable".to_owned(),
        ),
        (CONTENT_LENGTH, about.len().to_string()),
    ];
    Ok((headers, Body::from_stream(parts_of(file))).into_response())
}

/// Reads a file as it is sent: it is never in memory as a whole.
fn parts_of(file: File) -> impl Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold(file, |mut file| async move {
        let mut part = BytesMut::with_capacity(PART);
        let read = file.read_buf(&mut part).await?;
        Ok((read > 0).then(|| (part.freeze(), file)))
    })
}
