//! Uploads: a file is written to the disk as it arrives, within the limits, and then taken in as a file of the admin's is.

use crate::{
    media,
    node::media::LibraryError,
    quota::{Limit, Permits},
    store::Media,
    web::{
        api::{
            caller::Caller,
            problem::{ApiError, Code},
        },
        app::App,
    },
};
use axum::{
    body::{Body, Bytes},
    extract::multipart::Field,
};
use futures_util::StreamExt;
use std::{
    io::{self, ErrorKind},
    path::Path,
    time::Duration,
};
use tempfile::NamedTempFile;
use tokio::{
    fs::File,
    io::AsyncWriteExt,
    time::{Instant, timeout_at},
};

const MIB: u64 = 1024 * 1024;
/// How long an upload waits for others.
const WAIT: Duration = Duration::from_secs(2);
/// The interval at which the free space of the disk is checked, in MiB.
const CHECKED_EACH: u64 = 16;
/// The largest field of a form that is no file, in bytes.
pub(crate) const MAX_FIELD: usize = 64 * 1024;

/// An upload in progress: its limits, and what it has used of them.
pub(crate) struct Upload<'a> {
    app: &'a App,
    account: String,
    deadline: Instant,
    largest: u64,
    _permits: Permits,
}

/// A file that was uploaded completely.
#[derive(Debug)]
pub(crate) struct UploadedFile(NamedTempFile);

impl<'a> Upload<'a> {
    /// Begins an upload.
    ///
    /// # Errors
    /// If a limit is reached, or the disk has no room.
    pub(crate) async fn begin(app: &'a App, caller: &Caller) -> Result<Upload<'a>, ApiError> {
        let quota = &app.node.quota;
        let account = caller.log_name();
        quota.charge_account(Limit::UploadsOfToken, &account, 1)?;
        let permits = quota.acquire(Limit::Uploads, "", 1, WAIT).await;
        let permits = permits
            .map_err(|_| ApiError::new(Code::Busy, "too many uploads at once: try again"))?;
        let limits = app.node.config.media.limits();
        let upload = Upload {
            app,
            account,
            deadline: Instant::now() + quota.seconds(Limit::UploadSeconds),
            largest: limits.picture_bytes.max(limits.file_bytes),
            _permits: permits,
        };
        upload.check_disk()?;
        Ok(upload)
    }

    /// Returns the time at which the upload must have ended.
    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Receives a file from a body. Its kind is recognized from its content; the name or type only tells audio from
    /// video.
    ///
    /// # Errors
    /// If it is too large or too slow, or can't be written.
    pub(crate) async fn receive(
        &self,
        name: Option<&str>,
        content_type: &str,
        body: Body,
    ) -> Result<UploadedFile, ApiError> {
        let mut stream = body.into_data_stream();
        let mut writer = Writer::create(self, extension(name, content_type))?;
        loop {
            let next = timeout_at(self.deadline, stream.next()).await;
            match next.map_err(|_| too_slow())? {
                None => return writer.finish().await,
                Some(Ok(chunk)) => writer.write(&chunk).await?,
                Some(Err(_)) => return Err(cut_off()),
            }
        }
    }

    /// Receives a file from a part of a form.
    ///
    /// # Errors
    /// As [`Upload::receive`].
    pub(crate) async fn receive_part(&self, mut part: Field<'_>) -> Result<UploadedFile, ApiError> {
        let name = part.file_name().map(str::to_owned);
        let content_type = part.content_type().unwrap_or_default().to_owned();
        let mut writer = Writer::create(self, extension(name.as_deref(), &content_type))?;
        loop {
            let next = timeout_at(self.deadline, part.chunk()).await;
            match next.map_err(|_| too_slow())? {
                Ok(None) => return writer.finish().await,
                Ok(Some(chunk)) => writer.write(&chunk).await?,
                Err(_) => return Err(cut_off()),
            }
        }
    }

    /// Takes an uploaded file in, with a description and a point of focus. Returns its row.
    ///
    /// # Errors
    /// If it is no file that is taken in, or it can't be stored.
    pub(crate) async fn take_in(
        &self,
        file: &UploadedFile,
        alt: Option<&str>,
        focus: Option<(f64, f64)>,
    ) -> Result<Media, ApiError> {
        let node = &self.app.node;
        let path = file.0.path();
        let of_file = |error: LibraryError| without_path(error, path);
        let mut new = node.media.read(path).await.map_err(of_file)?;
        if let Some(focus) = focus {
            new.set_focus(focus);
        }
        let claims = node.media.store(&[&new]).await.map_err(of_file)?;
        let name = new.address().trim_start_matches("/media/").to_owned();
        let mut tx = node.store.begin().await?;
        if alt.is_some() {
            tx.set_media_alt(&name, alt).await?;
        }
        claims.release(&mut tx).await?;
        let row = tx.media_by_name(&name).await?;
        tx.commit().await?;
        row.ok_or_else(|| {
            ApiError::new(Code::Conflict, "the file was removed meanwhile: try again")
        })
    }

    /// Checks that the disk keeps enough room for the database.
    fn check_disk(&self) -> Result<(), ApiError> {
        let reserve = self.app.node.quota.value(Limit::UploadReserve);
        let reserve = reserve.saturating_mul(MIB);
        let folders = [std::env::temp_dir(), self.app.node.config.data.clone()];
        for folder in folders {
            if free_bytes(&folder).is_some_and(|free| free < reserve) {
                tracing::warn!(folder = %folder.display(), "an upload was refused: the disk is nearly full");
                return Err(disk_full());
            }
        }
        Ok(())
    }
}

/// Writes an upload to a temporary file.
struct Writer<'a> {
    upload: &'a Upload<'a>,
    temporary: NamedTempFile,
    file: File,
    written: u64,
    /// How much of it is charged, in MiB.
    charged: u64,
}

impl<'a> Writer<'a> {
    fn create(upload: &'a Upload<'a>, extension: String) -> Result<Writer<'a>, ApiError> {
        let temporary = tempfile::Builder::new()
            .prefix("pamphlet-upload-")
            .suffix(&extension)
            .tempfile()
            .map_err(unwritable)?;
        let file = File::from_std(temporary.reopen().map_err(unwritable)?);
        Ok(Writer {
            upload,
            temporary,
            file,
            written: 0,
            charged: 0,
        })
    }

    async fn write(&mut self, chunk: &Bytes) -> Result<(), ApiError> {
        self.written += chunk.len() as u64;
        if self.written > self.upload.largest {
            let most = self.upload.largest / MIB;
            return Err(ApiError::new(
                Code::TooLarge,
                format!("the file is larger than {most} MiB: make it smaller"),
            ));
        }
        let megabytes = self.written.div_ceil(MIB);
        if megabytes > self.charged {
            let more = megabytes - self.charged;
            let quota = &self.upload.app.node.quota;
            quota.charge_account(Limit::UploadMegabytesOfToken, &self.upload.account, more)?;
            if megabytes / CHECKED_EACH > self.charged / CHECKED_EACH {
                self.upload.check_disk()?;
            }
            self.charged = megabytes;
        }
        self.file.write_all(chunk).await.map_err(unwritable)
    }

    async fn finish(mut self) -> Result<UploadedFile, ApiError> {
        self.file.flush().await.map_err(unwritable)?;
        if self.written == 0 {
            return Err(ApiError::field("file", "the file is empty"));
        }
        Ok(UploadedFile(self.temporary))
    }
}

/// Returns the extension of a file with its dot: letters and digits of its name's, or one for its media type.
fn extension(name: Option<&str>, content_type: &str) -> String {
    let of_name = name.and_then(|name| Path::new(name).extension()?.to_str());
    let is_plain =
        |text: &&str| text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let of_type = || match content_type {
        "audio/mp4" => Some("m4a"),
        "audio/webm" => Some("weba"),
        "audio/ogg" => Some("ogg"),
        "video/ogg" => Some("ogv"),
        "audio/mpeg" => Some("mp3"),
        "audio/wav" | "audio/x-wav" => Some("wav"),
        "audio/flac" | "audio/x-flac" => Some("flac"),
        "video/quicktime" => Some("mov"),
        other => other.strip_prefix("video/"),
    };
    let extension = of_name
        .filter(is_plain)
        .or_else(|| of_type().filter(is_plain));
    extension.map_or_else(String::new, |text| format!(".{}", text.to_lowercase()))
}

fn free_bytes(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

fn too_slow() -> ApiError {
    ApiError::new(Code::TooSlow, "the upload took too long")
}

fn cut_off() -> ApiError {
    ApiError::new(
        Code::BadRequest,
        "the upload was cut off, or is no valid form",
    )
}

fn disk_full() -> ApiError {
    ApiError::new(
        Code::DiskFull,
        "the node's disk is nearly full: make room on it, or lower upload_reserve_megabytes",
    )
}

fn unwritable(error: io::Error) -> ApiError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => disk_full(),
        _ => ApiError::internal(&anyhow::Error::new(error).context("an upload can't be written")),
    }
}

/// Names the file in an error as the client knows it: its place on the server is nobody's business.
fn without_path(error: LibraryError, path: &Path) -> ApiError {
    let mut error = ApiError::from(error);
    error.detail = error
        .detail
        .replace(&path.display().to_string(), "the file");
    if error.code == Code::Invalid {
        error.field = Some("file".to_owned());
    }
    error
}

/// Reads a point of focus, such as `0.5,-0.25`.
///
/// # Errors
/// If it is none.
pub(crate) fn parse_focus(text: &str) -> Result<(f64, f64), ApiError> {
    let name = format!("#focus={text}");
    match media::focus(&name) {
        Ok(Some(focus)) => Ok(focus),
        Ok(None) => Err(ApiError::field(
            "focus",
            "focus has two numbers from -1 to 1",
        )),
        Err(error) => Err(ApiError::field("focus", error)),
    }
}
