//! The media proxy: makes small copies of pictures from other servers, because pages load nothing from there.
//!
//! Each copy is made once for all who request it, within the limits. A picture is first stored in a file, whose header
//! tells how much memory decoding takes. Permanent failures are remembered apart from temporary ones, which no client may
//! cache.

mod failures;
pub(super) mod urls;

use crate::{
    federation::remote::{fetch_error::FetchError, unsigned_fetch},
    media::copies::{self, Size},
    node::{Node, urls::host_of},
    quota::{Exceeded, Limit, Permits},
    store::StoreError,
};
use bytes::Bytes;
use failures::{Failures, PAUSE, PERMANENT_FOR};
use std::{
    collections::HashMap,
    fs::File,
    io::{BufReader, Seek},
    path::{Path, PathBuf},
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    time::timeout,
};
use url::Url;

/// The number of pictures that are decoded at once. Each occupies a processor.
const DECODERS: usize = 1;
/// How long a picture waits for a slot to be fetched.
const FETCH_PATIENCE: Duration = Duration::from_secs(5);
/// How long a fetch may take before it moves to a slow slot.
const QUICK_FETCH: Duration = Duration::from_secs(2);
/// How long a fetched picture waits for memory to be decoded.
const MEMORY_PATIENCE: Duration = Duration::from_secs(10);
/// How long a picture is not fetched again after its server did not respond.
const UNREACHABLE_FOR: Duration = Duration::from_secs(60);
/// The number of bytes written between two checks of the folder's size.
const BYTES_BETWEEN_TIDYING: u64 = 10 * 1024 * 1024;

/// The reasons why there is no copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It is not a picture, or not one that can be shown.
    Permanent,
    /// A new request after this time may succeed.
    Temporary(Duration),
}

impl From<Exceeded> for Failure {
    fn from(exceeded: Exceeded) -> Self {
        Failure::Temporary(exceeded.retry_after)
    }
}

impl From<StoreError> for Failure {
    fn from(_: StoreError) -> Self {
        Failure::Temporary(PAUSE)
    }
}

type Outcome = Result<Bytes, Failure>;
type InProgress = HashMap<PathBuf, watch::Receiver<Option<Outcome>>>;

/// Makes and stores copies. Cheap to clone.
#[derive(Clone)]
pub(crate) struct MediaProxy(Arc<Inner>);

struct Inner {
    node: Node,
    /// The copies in progress, by their paths.
    in_progress: Mutex<InProgress>,
    decoders: Arc<Semaphore>,
    failures: Failures,
    /// The number of bytes written since the folder was last tidied.
    written: AtomicU64,
}

impl MediaProxy {
    pub(crate) fn new(node: Node) -> Self {
        MediaProxy(Arc::new(Inner {
            node,
            in_progress: Mutex::default(),
            decoders: Arc::new(Semaphore::new(DECODERS)),
            failures: Failures::default(),
            // The first copy of a process tidies the folder.
            written: AtomicU64::new(BYTES_BETWEEN_TIDYING),
        }))
    }

    /// Returns the copy of the picture at `url`, and makes it if there is none.
    ///
    /// # Errors
    /// See [`Failure`].
    pub(crate) async fn copy(&self, url: &str, size: Size) -> Outcome {
        let path = copies::file_path(&self.0.node.config.data, url, size);
        if let Ok(copy) = tokio::fs::read(&path).await {
            return Ok(copy.into());
        }
        if let Some(failure) = self.0.failures.of_copy(&path) {
            return Err(failure);
        }
        let mut receiver = self.join(url, size, path);
        let outcome = receiver.wait_for(Option::is_some).await;
        let outcome = outcome.ok().and_then(|outcome| outcome.clone());
        outcome.unwrap_or(Err(Failure::Temporary(PAUSE)))
    }

    /// Starts to make a copy, or joins those who wait for it. The work continues when nobody waits any more. Otherwise
    /// a client that disconnects each time could cause endless fetches.
    fn join(&self, url: &str, size: Size, path: PathBuf) -> watch::Receiver<Option<Outcome>> {
        let mut in_progress = self.0.in_progress();
        if let Some(receiver) = in_progress.get(&path) {
            return receiver.clone();
        }
        let (sender, receiver) = watch::channel(None);
        in_progress.insert(path.clone(), receiver.clone());
        let (shared, url) = (self.0.clone(), url.to_owned());
        tokio::spawn(async move {
            let maker = shared.clone();
            let target = path.clone();
            let made = tokio::spawn(async move { maker.make(&url, size, &target).await }).await;
            let outcome = made.unwrap_or(Err(Failure::Permanent));
            if outcome == Err(Failure::Permanent) {
                shared.failures.add_copy(&path, Failure::Permanent);
            }
            shared.in_progress().remove(&path);
            sender.send_replace(Some(outcome));
        });
        receiver
    }
}

impl Inner {
    fn in_progress(&self) -> MutexGuard<'_, InProgress> {
        self.in_progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn make(&self, url: &str, size: Size, path: &Path) -> Outcome {
        // Another task may have made it since the check.
        if let Ok(copy) = tokio::fs::read(path).await {
            return Ok(copy.into());
        }
        let parsed = Url::parse(url).map_err(|_| Failure::Permanent)?;
        let host = host_of(&parsed).ok_or(Failure::Permanent)?;
        let (original, slots) = self.fetch(url, &host, path).await?;
        let made = self.decode(original, &host, size, path).await;
        drop(slots);
        made.inspect_err(|failure| tracing::debug!(url, ?failure, "a picture can't be copied"))
    }

    /// Fetches a picture into an unnamed file, once there is a free slot. The slots are held until it is decoded.
    async fn fetch(&self, url: &str, host: &str, path: &Path) -> Result<(File, Permits), Failure> {
        let (node, failures) = (&self.node, &self.failures);
        let quota = &node.quota;
        self.check_pause(host)?;
        let mut slots = quota
            .acquire(Limit::PicturesOfHost, host, 1, FETCH_PATIENCE)
            .await?;
        let sender = quota.sender(url, host, &node.store).await?;
        slots.merge(
            quota
                .acquire_share(
                    Limit::PicturesOfDomain,
                    Limit::Pictures,
                    &sender,
                    FETCH_PATIENCE,
                )
                .await?,
        );
        let quick = quota
            .acquire(Limit::Pictures, "", 1, FETCH_PATIENCE)
            .await?;
        // The host may have been paused while this picture waited.
        self.check_pause(host)?;
        let mut file = new_file(path).map_err(|error| {
            tracing::warn!(%error, "a picture can't be stored");
            Failure::Temporary(PAUSE)
        })?;
        let fetched = {
            let mut fetch = pin!(unsigned_fetch::picture(url, &mut file, node));
            match timeout(QUICK_FETCH, &mut fetch).await {
                Ok(fetched) => {
                    slots.merge(quick);
                    fetched
                }
                Err(_) => {
                    let slow = quota.acquire(Limit::SlowPictures, "", 1, Duration::ZERO);
                    slots.merge(slow.await.inspect_err(|_| failures.add_host(host))?);
                    drop(quick);
                    fetch.await
                }
            }
        };
        match fetched {
            Ok(()) => {
                failures.clear_host(host);
                Ok((file.into_std().await, slots))
            }
            Err(FetchError::Unreachable { reason, .. }) => {
                tracing::debug!(url, reason, "a picture can't be fetched");
                failures.add_host(host);
                failures.add_copy(path, Failure::Temporary(UNREACHABLE_FOR));
                Err(Failure::Temporary(UNREACHABLE_FOR))
            }
            Err(error) => {
                tracing::debug!(%error, "a picture can't be fetched");
                Err(Failure::Permanent)
            }
        }
    }

    fn check_pause(&self, host: &str) -> Result<(), Failure> {
        match self.failures.pause_of_host(host) {
            Some(left) => Err(Failure::Temporary(left)),
            None => Ok(()),
        }
    }

    /// Makes the copy of a fetched picture, once there is memory for it.
    async fn decode(&self, original: File, host: &str, size: Size, path: &Path) -> Outcome {
        let (quota, config) = (&self.node.quota, &self.node.config);
        let measured = blocking(move || {
            let memory = copies::memory_for(BufReader::new(&original), size);
            Ok((original, memory.map_err(unusable)?))
        });
        let (mut original, memory) = measured.await?;
        let max_memory = quota
            .value(Limit::DecodingMegabytes)
            .saturating_mul(1024 * 1024);
        if memory > max_memory {
            let _ = quota.exceeded(Limit::DecodingMegabytes, host, PERMANENT_FOR);
            return Err(Failure::Permanent);
        }
        let held = quota
            .acquire_memory(Limit::DecodingMegabytes, "", memory, MEMORY_PATIENCE)
            .await?;
        let decoder = self.decoders.clone().acquire_owned().await;
        let decoder = decoder.map_err(unusable)?;
        let must_tidy = self.written.load(Ordering::Relaxed) >= BYTES_BETWEEN_TIDYING;
        let (path, data) = (path.to_owned(), config.data.clone());
        let max_folder = config.cache.pictures * 1024 * 1024;
        let copy = blocking(move || {
            let _held = (held, decoder);
            original.rewind().map_err(unusable)?;
            let copy = copies::shrink(BufReader::new(original), size, memory).map_err(unusable)?;
            let stored = copies::store(&path, &copy).and_then(|()| {
                if must_tidy {
                    copies::evict_oldest(&data, max_folder).map(drop)
                } else {
                    Ok(())
                }
            });
            if let Err(error) = stored {
                tracing::warn!(%error, "the copy of a picture can't be stored");
            }
            Ok(copy)
        });
        let copy = copy.await?;
        if must_tidy {
            self.written.store(0, Ordering::Relaxed);
        } else {
            self.written.fetch_add(copy.len() as u64, Ordering::Relaxed);
        }
        Ok(copy.into())
    }
}

/// Creates an unnamed temporary file in the folder of the copies.
fn new_file(copy: &Path) -> std::io::Result<tokio::fs::File> {
    let folder = copy.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    tempfile::tempfile_in(folder).map(tokio::fs::File::from_std)
}

fn unusable(error: impl std::fmt::Display) -> Failure {
    tracing::debug!(%error, "a picture can't be used");
    Failure::Permanent
}

/// Runs slow work outside of the async threads. A panic of a decoder counts as a failure.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(unusable(error)))
}
