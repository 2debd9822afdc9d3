//! Makes our small copies of pictures from other servers: each once, for all who ask for it, within the limits.
//!
//! A picture goes to a file first, and its header tells the memory that decoding takes. A failure for good is remembered
//! apart from one that may pass by itself, which nobody caches.

use super::app::App;
use crate::{
    federation::remote::{fetch_error::FetchError, unsigned_fetch},
    media::copies::{self, Size},
    node::urls::host_of,
    quota::{Exceeded, Held, Limit},
    store::StoreError,
};
use bytes::Bytes;
use moka::sync::Cache;
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
    time::{Duration, Instant},
};
use tokio::{
    sync::{Semaphore, watch},
    time::timeout,
};
use url::Url;

/// Pictures that are decoded at once: each keeps a processor busy.
const DECODERS: usize = 1;
/// How long a picture waits for its turn to be fetched, and how long it may take before it makes room for others.
const PATIENCE: Duration = Duration::from_secs(5);
const QUICK: Duration = Duration::from_secs(2);
/// How long a fetched picture waits for the memory to decode it.
const MEMORY_PATIENCE: Duration = Duration::from_secs(10);
/// How long a picture that can't be shown is not asked for again, and one whose server did not answer.
const USELESS_FOR: Duration = Duration::from_secs(600);
const LATE_FOR: Duration = Duration::from_secs(60);
/// Pictures and hosts that are remembered as failed.
const FAILURES: u64 = 10_000;
/// Failures in a row after which a host is left alone, and the first and the longest pause.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// Bytes written between two looks at how full the folder is.
const TIDY_AFTER: u64 = 10 * 1024 * 1024;

/// Why there is no copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It is no picture that is shown.
    Useless,
    /// There may be one after this time.
    Later(Duration),
}

impl From<Exceeded> for Failure {
    fn from(exceeded: Exceeded) -> Self {
        Failure::Later(exceeded.retry_after)
    }
}

impl From<StoreError> for Failure {
    fn from(_: StoreError) -> Self {
        Failure::Later(PAUSE)
    }
}

type Outcome = Result<Bytes, Failure>;

/// The makings of copies, and the failures that are remembered.
pub struct Copies {
    /// The copies being made, by their files.
    making: Mutex<HashMap<PathBuf, watch::Receiver<Option<Outcome>>>>,
    decoders: Arc<Semaphore>,
    /// The copies that failed lately, by their files' names.
    failed: Cache<String, (Failure, Instant)>,
    /// The hosts that failed lately.
    troubled: Cache<String, Trouble>,
    written: AtomicU64,
}

/// A host that did not answer.
#[derive(Debug, Clone, Copy)]
struct Trouble {
    failures: u32,
    until: Instant,
}

impl Default for Copies {
    fn default() -> Self {
        Copies {
            making: Mutex::default(),
            decoders: Arc::new(Semaphore::new(DECODERS)),
            failed: Cache::builder()
                .max_capacity(FAILURES)
                .time_to_live(USELESS_FOR)
                .build(),
            troubled: Cache::builder()
                .max_capacity(FAILURES)
                .time_to_live(LONGEST_PAUSE * 2)
                .build(),
            // The first copy of a process has the folder looked at.
            written: AtomicU64::new(TIDY_AFTER),
        }
    }
}

impl Copies {
    /// Returns why a copy is not tried again yet.
    fn failure_of(&self, path: &Path) -> Option<Failure> {
        let (failure, at) = self.failed.get(&name_of(path))?;
        match failure {
            Failure::Useless => Some(failure),
            Failure::Later(pause) => {
                let left = pause.checked_sub(at.elapsed())?;
                Some(Failure::Later(left))
            }
        }
    }

    fn remember(&self, path: &Path, failure: Failure) {
        let entry = (failure, Instant::now());
        self.failed.insert(name_of(path), entry);
    }

    /// Returns how long a host is left alone.
    fn pause_of(&self, host: &str) -> Option<Duration> {
        let trouble = self.troubled.get(host)?;
        let left = trouble.until.checked_duration_since(Instant::now());
        left.filter(|left| !left.is_zero())
    }

    /// Notes that a host did not answer.
    fn trouble(&self, host: &str) {
        let known = self.troubled.get(host).map_or(0, |known| known.failures);
        let failures = known + 1;
        let pause = match failures.checked_sub(TRIES) {
            None => Duration::ZERO,
            Some(more) => (PAUSE * 2u32.pow(more.min(10))).min(LONGEST_PAUSE),
        };
        let trouble = Trouble {
            failures,
            until: Instant::now() + pause,
        };
        self.troubled.insert(host.to_owned(), trouble);
    }

    fn making(&self) -> MutexGuard<'_, HashMap<PathBuf, watch::Receiver<Option<Outcome>>>> {
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Returns the copy of the picture at `url`, made now if there is none.
///
/// # Errors
/// See [`Failure`].
pub async fn copy(app: &App, url: &str, size: Size) -> Outcome {
    let path = copies::path_of(&app.node.config.data, url, size);
    if let Ok(copy) = tokio::fs::read(&path).await {
        return Ok(copy.into());
    }
    if let Some(failure) = app.copies.failure_of(&path) {
        return Err(failure);
    }
    let mut making = join(app, url, size, path);
    let made = making.wait_for(Option::is_some).await;
    let made = made.ok().and_then(|made| made.clone());
    made.unwrap_or(Err(Failure::Later(PAUSE)))
}

/// Joins the making of a copy, or begins it. It goes on when nobody waits any more: else who comes and goes would
/// have it fetched again and again.
fn join(app: &App, url: &str, size: Size, path: PathBuf) -> watch::Receiver<Option<Outcome>> {
    let mut making = app.copies.making();
    if let Some(known) = making.get(&path) {
        return known.clone();
    }
    let (done, receiver) = watch::channel(None);
    making.insert(path.clone(), receiver.clone());
    let (app, url) = (app.clone(), url.to_owned());
    tokio::spawn(async move {
        let maker = app.clone();
        let place = path.clone();
        let made = tokio::spawn(async move { make(&maker, &url, size, &place).await }).await;
        let outcome = made.unwrap_or(Err(Failure::Useless));
        if outcome == Err(Failure::Useless) {
            app.copies.remember(&path, Failure::Useless);
        }
        app.copies.making().remove(&path);
        done.send_replace(Some(outcome));
    });
    receiver
}

async fn make(app: &App, url: &str, size: Size, path: &Path) -> Outcome {
    // Another may have made it between the look and the beginning.
    if let Ok(copy) = tokio::fs::read(path).await {
        return Ok(copy.into());
    }
    let parsed = Url::parse(url).map_err(|_| Failure::Useless)?;
    let host = host_of(&parsed).ok_or(Failure::Useless)?;
    let (original, places) = fetch(app, url, &host, path).await?;
    let made = decode(app, original, &host, size, path).await;
    drop(places);
    made.inspect_err(|failure| tracing::debug!(url, ?failure, "a picture can't be copied"))
}

/// Fetches a picture into a file without a name, once there is room. The places are kept until it is decoded.
async fn fetch(app: &App, url: &str, host: &str, path: &Path) -> Result<(File, Held), Failure> {
    let (node, copies) = (&app.node, &app.copies);
    let quota = &node.quota;
    let busy = || {
        copies
            .pause_of(host)
            .map_or(Ok(()), |left| Err(Failure::Later(left)))
    };
    busy()?;
    let mut places = quota.hold(Limit::PicturesOfHost, host, 1, PATIENCE).await?;
    let sender = quota.sender(url, host, &node.store).await?;
    places.add(
        quota
            .hold_share(Limit::PicturesOfDomain, Limit::Pictures, &sender, PATIENCE)
            .await?,
    );
    let quick = quota.hold(Limit::Pictures, "", 1, PATIENCE).await?;
    busy()?;
    let mut file = new_file(path).map_err(|error| {
        tracing::warn!(%error, "a picture can't be stored");
        Failure::Later(PAUSE)
    })?;
    let fetched = {
        let mut fetch = pin!(unsigned_fetch::picture(url, &mut file, node));
        match timeout(QUICK, &mut fetch).await {
            Ok(fetched) => {
                places.add(quick);
                fetched
            }
            Err(_) => {
                let slow = quota.hold(Limit::SlowPictures, "", 1, Duration::ZERO);
                places.add(slow.await.inspect_err(|_| copies.trouble(host))?);
                drop(quick);
                fetch.await
            }
        }
    };
    match fetched {
        Ok(()) => {
            copies.troubled.invalidate(host);
            Ok((file.into_std().await, places))
        }
        Err(FetchError::Unreachable { reason, .. }) => {
            tracing::debug!(url, reason, "a picture can't be fetched");
            copies.trouble(host);
            copies.remember(path, Failure::Later(LATE_FOR));
            Err(Failure::Later(LATE_FOR))
        }
        Err(error) => {
            tracing::debug!(%error, "a picture can't be fetched");
            Err(Failure::Useless)
        }
    }
}

/// Opens a file that vanishes with the process, in the folder of the copies.
fn new_file(copy: &Path) -> std::io::Result<tokio::fs::File> {
    let folder = copy.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    tempfile::tempfile_in(folder).map(tokio::fs::File::from_std)
}

/// Makes the copy of a fetched picture, once there is memory for it.
async fn decode(app: &App, original: File, host: &str, size: Size, path: &Path) -> Outcome {
    let (quota, config) = (&app.node.quota, &app.node.config);
    let measured = blocking(move || {
        let memory = copies::memory_for(BufReader::new(&original), size);
        Ok((original, memory.map_err(useless)?))
    });
    let (mut original, memory) = measured.await?;
    if memory
        > quota
            .value(Limit::DecodingMegabytes)
            .saturating_mul(1024 * 1024)
    {
        let _ = quota.exceeded(Limit::DecodingMegabytes, host, USELESS_FOR);
        return Err(Failure::Useless);
    }
    let held = quota
        .hold_memory(Limit::DecodingMegabytes, "", memory, MEMORY_PATIENCE)
        .await?;
    let decoder = app.copies.decoders.clone().acquire_owned().await;
    let decoder = decoder.map_err(useless)?;
    let is_time = app.copies.written.load(Ordering::Relaxed) >= TIDY_AFTER;
    let (path, data, limit) = (
        path.to_owned(),
        config.data.clone(),
        config.cache.pictures * 1024 * 1024,
    );
    let copy = blocking(move || {
        let _held = (held, decoder);
        original.rewind().map_err(useless)?;
        let copy = copies::shrink(BufReader::new(original), size, memory).map_err(useless)?;
        let kept = copies::keep(&path, &copy).and_then(|()| match is_time {
            true => copies::tidy(&data, limit).map(drop),
            false => Ok(()),
        });
        if let Err(error) = kept {
            tracing::warn!(%error, "the copy of a picture can't be stored");
        }
        Ok(copy)
    });
    let copy = copy.await?;
    match is_time {
        true => app.copies.written.store(0, Ordering::Relaxed),
        false => {
            _ = app
                .copies
                .written
                .fetch_add(copy.len() as u64, Ordering::Relaxed)
        }
    }
    Ok(copy.into())
}

fn useless(error: impl std::fmt::Display) -> Failure {
    tracing::debug!(%error, "a picture can't be used");
    Failure::Useless
}

/// Runs what takes its time apart from the threads that serve everyone. A panic of a decoder is a failure.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(useless(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_keeps_failing_is_left_alone_for_longer_and_longer() {
        let copies = Copies::default();
        let minutes = || {
            let pause = copies.pause_of("a.example");
            pause.map(|pause| pause.as_secs_f64().div_euclid(59.0) as u64)
        };
        for expected in [None, None, Some(1), Some(2), Some(4)] {
            copies.trouble("a.example");
            assert_eq!(minutes(), expected);
        }
        for _ in 0..100 {
            copies.trouble("a.example");
        }
        assert_eq!(minutes(), Some(61), "an hour at the most");
        assert_eq!(copies.pause_of("b.example"), None);
    }

    #[test]
    fn what_may_pass_is_tried_again_after_its_pause() {
        let (copies, path) = (Copies::default(), Path::new("/x/copy"));
        copies.remember(path, Failure::Later(Duration::ZERO));
        assert_eq!(copies.failure_of(path), None);
        copies.remember(path, Failure::Useless);
        assert_eq!(copies.failure_of(path), Some(Failure::Useless));
    }
}
