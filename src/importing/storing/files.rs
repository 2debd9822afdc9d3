//! The pictures and other files of the other site: found in a folder, or downloaded.
//!
//! A name never leads out of the folder, and a download never into a private network.

use crate::{
    http_client::guard::check_url,
    importing::ImportError,
    node::{
        Node,
        http::{self, IDLE},
        media::{Claims, LibraryError},
    },
};
use percent_encoding::percent_decode_str;
use regex::Regex;
use reqwest::header::LOCATION;
use std::{
    collections::HashMap,
    io::Write,
    path::{Component, Path, PathBuf},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tempfile::NamedTempFile;
use url::Url;

/// The time for one download.
const TIMEOUT: Duration = Duration::from_secs(60);
const MOST_REDIRECTS: usize = 3;
/// The number of failures in a row after which nothing is downloaded any more: the other site is gone.
const MOST_FAILURES: u32 = 20;

/// Matches the end of the name of a smaller size: `-300x200`, `-scaled`.
static SIZED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"-(?:\d+x\d+|scaled|rotated)(\.[A-Za-z0-9]+)$").ok());

/// The sources of the other site's files.
pub(super) struct Files {
    folders: Vec<PathBuf>,
    client: Option<reqwest::Client>,
    /// Names in the source of files, by their addresses.
    paths: HashMap<String, String>,
    /// Files that were looked for in vain, with the reasons.
    missing: HashMap<String, String>,
    /// The number of downloads in a row that failed.
    failures: AtomicU32,
}

/// A file that was taken in, or the reason why it was not.
pub(super) enum Found {
    Here { address: String, claims: Claims },
    Missing(String),
}

impl Files {
    pub(super) fn open(
        node: &Node,
        folders: Vec<PathBuf>,
        downloads: bool,
    ) -> Result<Files, ImportError> {
        let mut canonical = Vec::with_capacity(folders.len());
        for folder in folders {
            let opened = folder.canonicalize();
            canonical.push(opened.map_err(|source| ImportError::Read {
                path: folder.display().to_string(),
                source,
            })?);
        }
        let client = match downloads {
            true => Some(http::guarded_client(&node.config, TIMEOUT, IDLE)?),
            false => None,
        };
        Ok(Files {
            folders: canonical,
            client,
            paths: HashMap::new(),
            missing: HashMap::new(),
            failures: AtomicU32::new(0),
        })
    }

    /// Notes the name in the source of a file with an address.
    pub(super) fn note_path(&mut self, address: &str, path: &str) {
        self.paths.insert(address.to_owned(), path.to_owned());
    }

    /// Returns whether a file would be taken in, for a dry run.
    pub(super) fn may_have(&self, url: &Url) -> bool {
        self.client.is_some() || self.local(url).is_some()
    }

    /// Returns the reason why a file was looked for in vain.
    pub(super) fn missing(&self, url: &Url) -> Option<&str> {
        self.missing.get(url.as_str()).map(String::as_str)
    }

    pub(super) fn note_missing(&mut self, url: &Url, reason: &str) {
        self.missing.insert(url.to_string(), reason.to_owned());
    }

    /// Takes in a file.
    pub(super) async fn take_in(&self, node: &Node, url: &Url) -> Result<Found, ImportError> {
        if let Some(path) = self.local(url) {
            return take_in(node, &path).await;
        }
        let Some(client) = &self.client else {
            let reason = match self.folders.is_empty() {
                true => "nothing is downloaded",
                false => "it is in no folder of files",
            };
            return Ok(Found::Missing(reason.to_owned()));
        };
        if self.failures.load(Ordering::Relaxed) >= MOST_FAILURES {
            let reason = format!("{MOST_FAILURES} downloads in a row failed, so it was not tried");
            return Ok(Found::Missing(reason));
        }
        match download(node, client, url).await {
            Ok(file) => {
                self.failures.store(0, Ordering::Relaxed);
                take_in(node, file.path()).await
            }
            Err(reason) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                Ok(Found::Missing(reason))
            }
        }
    }

    /// Finds a file in the folders: by the end of its path, or else the full size of a smaller one.
    fn local(&self, url: &Url) -> Option<PathBuf> {
        let named = self.paths.get(url.as_str()).map(String::as_str);
        let path = percent_decode_str(url.path()).decode_utf8().ok()?;
        let names = named.into_iter().chain([path.as_ref()]);
        names
            .flat_map(|name| [Some(name.to_owned()), full_size(name)])
            .flatten()
            .find_map(|name| self.folders.iter().find_map(|folder| find(folder, &name)))
    }
}

/// Returns the name of the full size of a picture with a smaller size's name.
fn full_size(name: &str) -> Option<String> {
    let sized = SIZED.as_ref()?;
    let full = sized.replace(name, "$1");
    (full != name).then(|| full.into_owned())
}

/// Finds a file whose path ends as `name` does. Neither the name nor a link leads out of the folder.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
    let is_plain = |part: &&str| {
        let mut components = Path::new(part).components();
        matches!(
            (components.next(), components.next()),
            (Some(Component::Normal(_)), None)
        ) && !part.contains('\0')
    };
    if !parts.iter().all(is_plain) {
        return None;
    }
    (0..parts.len()).find_map(|start| {
        let path = folder.join(parts[start..].join("/"));
        let real = path.canonicalize().ok()?;
        (real.starts_with(folder) && real.is_file()).then_some(real)
    })
}

async fn take_in(node: &Node, path: &Path) -> Result<Found, ImportError> {
    match node.media.take_in(path).await {
        Ok((address, claims)) => Ok(Found::Here { address, claims }),
        Err(LibraryError::Media(error)) => Ok(Found::Missing(error.to_string())),
        Err(other) => Err(other.into()),
    }
}

/// Downloads a file. Redirects are checked as the address is.
async fn download(
    node: &Node,
    client: &reqwest::Client,
    url: &Url,
) -> Result<NamedTempFile, String> {
    let limits = node.config.media.limits();
    let limit = limits.picture_bytes.max(limits.file_bytes);
    let mut url = url.clone();
    for _ in 0..=MOST_REDIRECTS {
        if url.scheme() == "http" && !node.config.development {
            url.set_scheme("https")
                .map_err(|()| "its address is invalid")?;
        }
        check_url(&url, node.config.development).map_err(|error| error.to_string())?;
        let response = client.get(url.clone()).send().await;
        let response = response.map_err(|error| http::reason_of(&error))?;
        let status = response.status();
        if status.is_redirection() {
            let target = response
                .headers()
                .get(LOCATION)
                .and_then(|it| it.to_str().ok());
            let target = target.and_then(|target| url.join(target).ok());
            url = target.ok_or("its server redirects to nowhere")?;
            continue;
        }
        if !status.is_success() {
            return Err(format!("its server responds {status}"));
        }
        return save(response, limit).await;
    }
    Err("its server redirects too often".to_owned())
}

async fn save(mut response: reqwest::Response, limit: u64) -> Result<NamedTempFile, String> {
    let mut file = NamedTempFile::new().map_err(|error| error.to_string())?;
    let mut length = 0_u64;
    while let Some(part) = response
        .chunk()
        .await
        .map_err(|error| http::reason_of(&error))?
    {
        length += part.len() as u64;
        if length > limit {
            return Err(format!("it is larger than {} MB", limit / 1_000_000));
        }
        file.write_all(&part).map_err(|error| error.to_string())?;
    }
    file.flush().map_err(|error| error.to_string())?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_the_ends_of_their_paths_and_never_outside() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let uploads = root.join("uploads");
        std::fs::create_dir_all(uploads.join("2010/08")).unwrap();
        std::fs::write(uploads.join("2010/08/a.jpg"), "a").unwrap();
        std::fs::write(root.join("secret.jpg"), "s").unwrap();
        std::os::unix::fs::symlink(root.join("secret.jpg"), uploads.join("link.jpg")).unwrap();
        for (name, is_found) in [
            ("/wp-content/uploads/2010/08/a.jpg", true),
            ("/2010/08/a.jpg", true),
            ("/other/08/a.jpg", false),
            ("/../secret.jpg", false),
            ("/uploads/../../secret.jpg", false),
            ("/link.jpg", false),
            ("/2010/08", false),
        ] {
            assert_eq!(find(&uploads, name).is_some(), is_found, "{name}");
        }
        assert_eq!(full_size("/x/a-300x200.jpg").as_deref(), Some("/x/a.jpg"));
        assert_eq!(full_size("/x/a.jpg"), None);
    }
}
