//! The source of the running program (AGPL-3.0, section 13).

use crate::web::response::WebError;
use axum::{
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use rust_embed::RustEmbed;
use std::sync::OnceLock;

/// The sources that this program was built from. They are embedded, so that each node offers exactly the source that
/// it runs.
#[derive(RustEmbed)]
#[folder = "."]
#[include = "src/**"]
#[include = "migrations/**"]
#[include = "templates/**"]
#[include = "locales/**"]
#[include = "static/**"]
#[include = "config/**"]
#[include = "Cargo.*"]
#[include = "LICENSE"]
#[include = "README.md"]
struct Source;

/// `GET /source.tar`.
pub(crate) async fn archive() -> Result<Response, WebError> {
    static ARCHIVE: OnceLock<Bytes> = OnceLock::new();
    let archive = match ARCHIVE.get() {
        Some(archive) => archive,
        None => {
            let made = tokio::task::spawn_blocking(build_archive)
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

fn build_archive() -> std::io::Result<Vec<u8>> {
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
