//! The addresses in texts that lead to the other site: pictures, other files, and links to its pages.

use super::{Importer, addresses::Former, files::Found};
use crate::{
    content::{FileRole, markdown},
    importing::{
        ImportError,
        model::{ImportedArticle, Place},
        prepare::Ready,
    },
    node::{media::Claims, urls::permalink_path},
    protocol::{AddressCandidate, address_candidates},
    store::{Conn, ImportKind, ImportRecord},
};
use futures_util::StreamExt;
use std::collections::{BTreeSet, HashMap};
use url::Url;

/// The number of files that are downloaded at once.
const AT_ONCE: usize = 4;
/// The endings of addresses of files that may be taken in, when they are only linked.
const ENDINGS: [&str; 16] = [
    ".jpg", ".jpeg", ".png", ".webp", ".gif", ".mp4", ".m4v", ".mov", ".webm", ".mp3", ".m4a",
    ".ogg", ".oga", ".ogv", ".opus", ".wav",
];

/// The endings of addresses of other files, which stay where they are.
const OTHER_ENDINGS: [&str; 18] = [
    ".pdf", ".zip", ".gz", ".tar", ".7z", ".rar", ".epub", ".doc", ".docx", ".odt", ".rtf", ".xls",
    ".xlsx", ".ods", ".csv", ".ppt", ".pptx", ".svg",
];

/// A text whose addresses are replaced.
pub(super) struct Completed {
    /// `None` if nothing is replaced.
    pub(super) text: Option<String>,
    pub(super) image: Option<String>,
    pub(super) claims: Vec<Claims>,
    /// Whether a file could not be had. The next import tries again.
    pub(super) lacks_files: bool,
}

impl Importer<'_> {
    /// Returns whether a text may have addresses of the other site.
    pub(super) fn may_have_addresses(&self, text: &str) -> bool {
        let has = |start: &str| text.contains(start);
        let of_site = self.base.as_ref().and_then(Url::host_str);
        of_site.is_some_and(|host| {
            let host = host.strip_prefix("www.").unwrap_or(host);
            text.contains(host)
        }) || has("](/")
            || has("](<")
            || has("src=\"/")
            || has("href=\"/")
            || has("]: /")
            || !self.files_are_remote() && has("](")
    }

    /// Returns whether files are named by addresses of a site, and not by paths in a folder.
    fn files_are_remote(&self) -> bool {
        self.base.is_some()
    }

    /// Takes in the files of an article before it is stored.
    pub(super) async fn complete_text(
        &mut self,
        place: &Place,
        article: &mut Ready<ImportedArticle>,
    ) -> Result<Vec<Claims>, ImportError> {
        let image = article.item.image.clone();
        let completed = self
            .complete(place, &article.text, image.as_deref(), false)
            .await?;
        if let Some(text) = completed.text {
            article.text = text;
        }
        if let Some(image) = completed.image {
            article.item.image = Some(image);
        }
        Ok(completed.claims)
    }

    /// Takes in the files that a text names, and replaces their addresses; with `links` those of pages too.
    pub(super) async fn complete(
        &mut self,
        place: &Place,
        text: &str,
        image: Option<&str>,
        links: bool,
    ) -> Result<Completed, ImportError> {
        let found = markdown::addresses(text);
        let mut wanted: BTreeSet<(String, bool)> = found
            .into_iter()
            .filter(|(_, address)| !address.starts_with("/media/") && !address.starts_with('#'))
            .map(|(role, address)| {
                let is_file = role != FileRole::Link || is_file_address(&address);
                (address, is_file)
            })
            .collect();
        if let Some(image) = image.filter(|image| !image.starts_with("/media/")) {
            wanted.insert((image.to_owned(), true));
        }
        let mut files: Vec<(String, Url)> = Vec::new();
        let mut replaced: HashMap<String, String> = HashMap::new();
        for (address, is_file) in wanted {
            let Some(url) = self.url_of(&address) else {
                continue;
            };
            if is_file {
                files.extend(self.file_url(&url).map(|url| (address, url)));
            } else if links && let Some(target) = self.page_of(&address, &url).await? {
                self.report.links += 1;
                replaced.insert(address, target);
            } else if links && self.is_of_source(&url) && has_ending(&address, &OTHER_ENDINGS) {
                let message = format!("the linked file {address} is not taken in: its link stays");
                self.warn(place, message);
            }
        }
        let of_files = files.len();
        let of_pages = replaced.len();
        let claims = self.take_in(place, files, links, &mut replaced).await?;
        let lacks_files = replaced.len() - of_pages < of_files;
        let image = image.and_then(|image| replaced.get(image).cloned());
        let text = match replaced.is_empty() {
            true => None,
            false => markdown::replace_pictures(text, &replaced),
        };
        Ok(Completed {
            text,
            image,
            claims,
            lacks_files,
        })
    }

    /// Returns the address at which a file of the other site can be had: without the picture service of WordPress.com.
    fn file_url(&self, url: &Url) -> Option<Url> {
        if self.is_of_source(url) {
            let mut url = url.clone();
            url.set_query(None);
            url.set_fragment(None);
            return Some(url);
        }
        let host = url.host_str()?;
        if host.ends_with(".wp.com") {
            let behind = Url::parse(&format!("https:/{}", url.path())).ok()?;
            return self.is_of_source(&behind).then_some(behind);
        }
        let of_base = self.base.as_ref().and_then(Url::host_str)?;
        let hosted = of_base.strip_suffix(".wordpress.com")?;
        (host == format!("{hosted}.files.wordpress.com")).then(|| {
            let mut url = url.clone();
            url.set_query(None);
            url
        })
    }

    /// Takes in files, a few at once, and adds their addresses here to `replaced`. With `stays`, the text keeps the addresses
    /// of those that can't be had, and the next import tries again.
    async fn take_in(
        &mut self,
        place: &Place,
        files: Vec<(String, Url)>,
        stays: bool,
        replaced: &mut HashMap<String, String>,
    ) -> Result<Vec<Claims>, ImportError> {
        let mut missing = Vec::new();
        for (address, url) in files {
            if self.options.is_dry_run {
                match self.files.may_have(&url) {
                    true => self.report.files += 1,
                    false => self.warn(place, lacks(&address, "it is not in the folder", stays)),
                }
            } else if let Some(known) = self.stored_file(&url).await? {
                replaced.insert(address, known);
            } else if let Some(reason) = self.files.missing(&url) {
                let message = lacks(&address, reason, stays);
                self.warn(place, message);
            } else {
                missing.push((address, url));
            }
        }
        let found: Vec<_> = {
            let (files, node) = (&self.files, self.node);
            let looked = missing.into_iter().map(|(address, url)| async move {
                let found = files.take_in(node, &url).await;
                (address, url, found)
            });
            futures_util::stream::iter(looked)
                .buffered(AT_ONCE)
                .collect()
                .await
        };
        let mut all = Vec::new();
        for (address, url, found) in found {
            match found? {
                Found::Here {
                    address: here,
                    claims,
                } => {
                    self.report.files += 1;
                    self.index.note(ImportRecord {
                        kind: ImportKind::File,
                        key: url.to_string(),
                        ref_id: 0,
                        source_hash: String::new(),
                        stored_hash: String::new(),
                        is_open: false,
                        address: Some(here.clone()),
                    });
                    replaced.insert(address, here);
                    all.push(claims);
                }
                Found::Missing(reason) => {
                    self.files.note_missing(&url, &reason);
                    self.warn(place, lacks(&address, &reason, stays));
                }
            }
        }
        Ok(all)
    }

    /// Returns the address here of a file that was taken in before, unless it was removed since.
    async fn stored_file(&self, url: &Url) -> Result<Option<String>, ImportError> {
        let Some(address) = self.index.address(url.as_str()) else {
            return Ok(None);
        };
        let name = address.trim_start_matches("/media/");
        let row = self.node.media.row(name).await?;
        Ok(row.map(|_| address.to_owned()))
    }

    /// Returns the path here of a page of the other site that was imported.
    async fn page_of(&self, address: &str, url: &Url) -> Result<Option<String>, ImportError> {
        let path = match self.former(address) {
            Some(_) if !self.is_of_source(url) => return Ok(None),
            Some(Former::Path(path)) => path,
            Some(Former::Query(query)) => query,
            None => return Ok(None),
        };
        let mut conn = self.node.store.read().await?;
        let target = match path.strip_prefix('/') {
            Some(slug) if self.slugs.has_page(slug) => Some(path.clone()),
            _ => target_of(&mut conn, &path).await?,
        };
        let fragment = url.fragment().map(|fragment| format!("#{fragment}"));
        Ok(target
            .map(|target| format!("{target}{}", fragment.unwrap_or_default()))
            .filter(|target| target != address))
    }
}

/// Returns what an address of the other site leads to here.
async fn target_of(conn: &mut Conn, path: &str) -> Result<Option<String>, ImportError> {
    let uid = match conn.article_uid_at(path).await? {
        Some(uid) => uid,
        None => match conn.path_at(&candidates_of(path)).await? {
            Some(target) => match target.strip_prefix("/articles/") {
                Some(uid) => uid.to_owned(),
                None => return Ok(Some(target)),
            },
            None => return same_path(conn, path).await,
        },
    };
    let parts = conn.permalink_parts(&uid).await?;
    Ok(parts.map(|(published_at, slug)| permalink_path(published_at, &slug)))
}

/// Returns the path if an article here has it, as it had it on the other site.
async fn same_path(conn: &mut Conn, path: &str) -> Result<Option<String>, ImportError> {
    let path = path.trim_end_matches('/');
    let slug = path.rsplit('/').next().unwrap_or_default();
    let article = conn.article_header_by_slug(slug).await?;
    let current = article.map(|article| permalink_path(article.published_at, slug));
    Ok(current.filter(|current| current == path))
}

fn candidates_of(path: &str) -> Vec<AddressCandidate> {
    match path.split_once('?') {
        Some((path, query)) => address_candidates("", path, Some(query)),
        None => address_candidates("", path, None),
    }
}

fn lacks(address: &str, reason: &str, stays: bool) -> String {
    let consequence = match stays {
        true => ": the text keeps its address",
        false => "",
    };
    format!("the file {address} could not be taken in ({reason}){consequence}")
}

fn is_file_address(address: &str) -> bool {
    has_ending(address, &ENDINGS)
}

fn has_ending(address: &str, endings: &[&str]) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let lower = path.to_lowercase();
    endings.iter().any(|ending| lower.ends_with(ending))
}
