//! Where the files are: in a folder, or in a bucket of an S3 service.

use crate::base::private_files;
use bytes::{Bytes, BytesMut};
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use object_store::{
    Attribute, Attributes, ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt,
    RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    buffered::BufWriter,
    path::Path as Key,
};
use std::{
    io::{self, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

/// The size of the parts in which a file is read, in bytes.
const PART: usize = 64 * 1024;
/// The size of the parts in which a file is sent to a bucket, in bytes.
const UPLOAD_PART: usize = 8 * 1024 * 1024;
/// The time to connect to a bucket, and the longest silence of its service.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The time after which a failed request is not repeated any more, and the number of repetitions.
const RETRY_TIMEOUT: Duration = Duration::from_secs(15);
const RETRIES: usize = 2;
/// The region if none is configured; services other than Amazon's ignore it.
const DEFAULT_REGION: &str = "us-east-1";

/// The place of the files.
#[derive(Debug, Clone)]
pub enum Storage {
    Folder(PathBuf),
    Bucket {
        service: Arc<AmazonS3>,
        /// The beginning of the keys, without a slash at its end.
        prefix: String,
    },
}

/// The configuration of a bucket.
#[derive(Debug, Clone, Default)]
pub struct Bucket {
    pub name: String,
    pub prefix: String,
    pub endpoint: Option<String>,
    pub region: Option<String>,
    pub access_key_id: Option<String>,
    pub secret_access_key: Option<String>,
    pub session_token: Option<String>,
}

/// The failure of the storage.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("{0} can't be read or written: {1}")]
    Folder(String, io::Error),
    #[error("the media bucket: {0}")]
    Bucket(object_store::Error),
}

// The message has the cause. As a source, it would be printed twice.
impl From<object_store::Error> for StorageError {
    fn from(error: object_store::Error) -> Self {
        StorageError::Bucket(error)
    }
}

/// The content of a file, in parts.
pub type Content = BoxStream<'static, io::Result<Bytes>>;

impl Storage {
    /// Opens a bucket. This sends no request.
    ///
    /// # Errors
    /// If the configuration is incomplete.
    pub fn bucket(bucket: &Bucket) -> Result<Storage, StorageError> {
        let client = ClientOptions::new()
            .with_connect_timeout(TIMEOUT)
            .with_read_timeout(TIMEOUT)
            // A long file takes long.
            .with_timeout_disabled();
        let retry = RetryConfig {
            max_retries: RETRIES,
            retry_timeout: RETRY_TIMEOUT,
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&bucket.name)
            .with_region(bucket.region.as_deref().unwrap_or(DEFAULT_REGION))
            .with_client_options(client)
            .with_retry(retry);
        if let Some(endpoint) = &bucket.endpoint {
            builder = builder
                .with_endpoint(endpoint)
                .with_allow_http(endpoint.starts_with("http://"));
        }
        if let (Some(id), Some(secret)) = (&bucket.access_key_id, &bucket.secret_access_key) {
            builder = builder
                .with_access_key_id(id)
                .with_secret_access_key(secret);
        }
        if let Some(token) = &bucket.session_token {
            builder = builder.with_token(token);
        }
        Ok(Storage::Bucket {
            service: Arc::new(builder.build()?),
            prefix: bucket.prefix.trim_matches('/').to_owned(),
        })
    }

    /// Stores a file from the local disk. An existing one of that name is replaced.
    ///
    /// # Errors
    /// If it can't be stored.
    pub async fn put(
        &self,
        name: &str,
        content_type: &'static str,
        source: &Path,
    ) -> Result<(), StorageError> {
        match self {
            Storage::Folder(folder) => {
                let (target, into, source) = (folder.join(name), folder.clone(), source.to_owned());
                let copied = tokio::task::spawn_blocking(move || copy(&source, &into));
                let copied = copied.await.map_err(io::Error::other).flatten();
                // Not on that thread, which would store the file even if nobody waited any more.
                let named = copied.and_then(|file| give_name(file, folder, &target));
                named.map_err(|error| StorageError::Folder(target.display().to_string(), error))
            }
            Storage::Bucket { service, prefix } => {
                let service: Arc<dyn ObjectStore> = service.clone();
                let mut attributes = Attributes::new();
                attributes.insert(Attribute::ContentType, content_type.into());
                let mut writer = BufWriter::with_capacity(service, key(prefix, name), UPLOAD_PART)
                    .with_attributes(attributes);
                let failed =
                    |error| StorageError::Folder(format!("{name} in the media bucket"), error);
                let mut file = tokio::fs::File::open(source).await.map_err(failed)?;
                if let Err(error) = tokio::io::copy(&mut file, &mut writer).await {
                    // The service may not respond to this either.
                    let _ = writer.abort().await;
                    return Err(failed(error));
                }
                // A writer that was shut down can't be aborted.
                writer.shutdown().await.map_err(failed)
            }
        }
    }

    /// Reads a part of a file. Returns `None` if there is no such file.
    ///
    /// # Errors
    /// If it can't be read.
    pub async fn read(
        &self,
        name: &str,
        range: Range<u64>,
    ) -> Result<Option<Content>, StorageError> {
        match self {
            Storage::Folder(folder) => {
                let path = folder.join(name);
                let unreadable = |error| StorageError::Folder(path.display().to_string(), error);
                let mut file = match tokio::fs::File::open(&path).await {
                    Ok(file) => file,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                    Err(error) => return Err(unreadable(error)),
                };
                file.seek(SeekFrom::Start(range.start))
                    .await
                    .map_err(unreadable)?;
                let part = file.take(range.end - range.start);
                Ok(Some(parts_of(part).boxed()))
            }
            Storage::Bucket { .. } if range.is_empty() => Ok(Some(stream::empty().boxed())),
            Storage::Bucket { service, prefix } => {
                let options = GetOptions {
                    range: Some(GetRange::Bounded(range)),
                    ..GetOptions::default()
                };
                match service.get_opts(&key(prefix, name), options).await {
                    Ok(found) => Ok(Some(found.into_stream().map_err(io::Error::other).boxed())),
                    Err(object_store::Error::NotFound { .. }) => Ok(None),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }

    /// Returns whether a file has the content of a local one; `None` if there is no such file.
    ///
    /// # Errors
    /// If one of both can't be read.
    pub async fn has_equal(&self, name: &str, local: &Path) -> Result<Option<bool>, StorageError> {
        let unreadable = |error| StorageError::Folder(name.to_owned(), error);
        let mut file = tokio::fs::File::open(local).await.map_err(unreadable)?;
        let mut left = file.metadata().await.map_err(unreadable)?.len();
        // One byte more than expected shows a file that is longer.
        let Some(mut content) = self.read(name, 0..left + 1).await? else {
            return Ok(None);
        };
        let mut expected = Vec::new();
        while let Some(part) = content.try_next().await.map_err(unreadable)? {
            let Some(rest) = left.checked_sub(part.len() as u64) else {
                return Ok(Some(false));
            };
            left = rest;
            expected.resize(part.len(), 0);
            file.read_exact(&mut expected).await.map_err(unreadable)?;
            if expected != part {
                return Ok(Some(false));
            }
        }
        Ok(Some(left == 0))
    }

    /// Deletes a file, if it exists.
    ///
    /// # Errors
    /// If it can't be deleted.
    pub async fn delete(&self, name: &str) -> Result<(), StorageError> {
        match self {
            Storage::Folder(folder) => {
                let path = folder.join(name);
                match tokio::fs::remove_file(&path).await {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        Err(StorageError::Folder(path.display().to_string(), error))
                    }
                    _ => Ok(()),
                }
            }
            Storage::Bucket { service, prefix } => match service.delete(&key(prefix, name)).await {
                Err(object_store::Error::NotFound { .. }) | Ok(()) => Ok(()),
                Err(error) => Err(error.into()),
            },
        }
    }
}

fn key(prefix: &str, name: &str) -> Key {
    Key::from(format!("{prefix}/{name}"))
}

/// Copies a file into a folder, where it has a temporary name: no reader sees a part of it.
fn copy(source: &Path, folder: &Path) -> io::Result<NamedTempFile> {
    private_files::create_folder(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    io::copy(&mut std::fs::File::open(source)?, &mut file)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn give_name(file: NamedTempFile, folder: &Path, target: &Path) -> io::Result<()> {
    file.persist(target)?;
    private_files::inherit_owner(folder);
    private_files::inherit_owner(target);
    Ok(())
}

/// Reads a file in parts while it is sent, so that it is never in memory as a whole.
fn parts_of(
    file: tokio::io::Take<tokio::fs::File>,
) -> impl stream::Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(file, |mut file| async move {
        let mut part = BytesMut::with_capacity(PART);
        let read = file.read_buf(&mut part).await?;
        Ok((read > 0).then(|| (part.freeze(), file)))
    })
}
