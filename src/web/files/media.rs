//! Pictures of articles.

use crate::{
    media,
    web::{app::App, response::WebError},
};
use axum::{
    body::Body,
    extract::{Path, State},
    http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream};
use tokio::{fs::File, io::AsyncReadExt};

/// The size of the parts in which a file is read, in bytes.
const PART: usize = 64 * 1024;

/// `GET /media/{name}`: a picture of an article.
pub(crate) async fn serve(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, WebError> {
    let path = media::file_path(&name, &app.node.config.data).ok_or(WebError::NotFound)?;
    let file = File::open(&path).await.map_err(|_| WebError::NotFound)?;
    let metadata = file.metadata().await.map_err(|_| WebError::NotFound)?;
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
        (CONTENT_LENGTH, metadata.len().to_string()),
    ];
    Ok((headers, Body::from_stream(parts_of(file))).into_response())
}

/// Reads a file in parts while it is sent, so that it is never in memory as a whole.
fn parts_of(file: File) -> impl Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold(file, |mut file| async move {
        let mut part = BytesMut::with_capacity(PART);
        let read = file.read_buf(&mut part).await?;
        Ok((read > 0).then(|| (part.freeze(), file)))
    })
}
