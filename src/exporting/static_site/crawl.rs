//! Follows the links of the site from page to page, and writes a file for each address.

use super::{
    Report,
    folder::Folder,
    links::{self, Change},
    redirects::{self, Redirect},
    targets::{Target, has_type},
    texts,
};
use crate::{
    exporting::ExportError,
    node::urls::Urls,
    web::{App, InProcess},
};
use axum::{
    body::to_bytes,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, LOCATION},
    },
    response::Response,
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    io,
    time::Duration,
};
use tokio_util::task::AbortOnDropHandle;
use url::Url;

/// Addresses that no page needs to link to.
const SEEDS: &[&str] = &[
    "/",
    "/archive",
    "/tags",
    "/subscribe",
    "/privacy",
    "/feed.atom",
    "/feed.rss",
    "/feed.json",
    "/feed",
    "/sitemap.xml",
    "/robots.txt",
    "/favicon.ico",
    "/apple-touch-icon.png",
    "/icon-192.png",
    "/icon-512.png",
    "/manifest.webmanifest",
    "/static/feed.css",
];
/// The number of pages that are made at once.
const AT_ONCE: usize = 8;
/// The pauses before a page is requested again that could not be made.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(100),
    Duration::from_secs(1),
    Duration::from_secs(5),
];
/// An address without a page.
const NOWHERE: &str = "/~nowhere";
const NOT_FOUND: &str = "404.html";
/// The maximum size of a page, in bytes.
const MAX_PAGE: usize = 512 * 1024 * 1024;

/// An export while it runs.
pub(super) struct Crawl {
    urls: Urls,
    web: InProcess,
    queue: VecDeque<Target>,
    /// All addresses so far, with the first page that has them.
    known: HashMap<Target, Option<String>>,
    /// The endings of the files of copies; `None` for a copy that can't be made.
    copies: HashMap<Target, Option<&'static str>>,
    dead: HashSet<Target>,
    redirects: Vec<Redirect>,
    pages: u64,
}

impl Crawl {
    pub(super) fn new(urls: Urls, app: App) -> Self {
        Crawl {
            urls,
            web: InProcess::new(app),
            queue: VecDeque::new(),
            known: HashMap::new(),
            copies: HashMap::new(),
            dead: HashSet::new(),
            redirects: Vec::new(),
            pages: 0,
        }
    }

    /// Writes everything that can be reached, and removes what earlier exports left.
    pub(super) async fn run(
        mut self,
        folder: &mut Folder,
        former: Vec<Target>,
        progress: impl Fn(u64, u64),
    ) -> Result<Report, ExportError> {
        let seeds = SEEDS.iter().map(|path| Target::at(path));
        for target in seeds.chain(former) {
            self.add(target, None);
        }
        let mut done = 0;
        while !self.queue.is_empty() {
            let next: Vec<Target> = self.queue.drain(..self.queue.len().min(AT_ONCE)).collect();
            let responses: Vec<_> = next.iter().map(|target| self.request(target)).collect();
            for (target, response) in next.iter().zip(responses) {
                let response = response.await.map_err(|error| {
                    ExportError::Unreadable(target.request(), io::Error::other(error))
                })?;
                self.take(target, response, folder).await?;
                done += 1;
                progress(done, self.known.len() as u64);
            }
        }
        let body = content(self.web.get(NOWHERE).await, NOWHERE).await?;
        let page = self.page(&Target::at("/"), &body, folder).await?;
        folder.write(NOT_FOUND, page.as_bytes())?;
        let redirects = redirects::write(folder, std::mem::take(&mut self.redirects))?;
        let dead = self.known.into_iter().filter_map(|(target, page)| {
            let is_dead = self.dead.contains(&target);
            Some((target.request(), page.filter(|_| is_dead)?))
        });
        let mut dead_links: Vec<_> = dead.collect();
        dead_links.sort();
        Ok(Report {
            pages: self.pages,
            files: folder.count(),
            written: folder.written,
            removed: folder.close()?,
            redirects,
            dead_links,
        })
    }

    fn add(&mut self, target: Target, page: Option<&str>) {
        if !self.known.contains_key(&target) {
            self.queue.push_back(target.clone());
            self.known.insert(target, page.map(str::to_owned));
        }
    }

    /// Begins to make the response to a request. A busy database is temporary, and is asked again.
    fn request(&self, target: &Target) -> AbortOnDropHandle<Response> {
        let (web, address) = (self.web.clone(), target.request());
        AbortOnDropHandle::new(tokio::spawn(async move {
            for pause in PAUSES {
                let response = web.get(&address).await;
                if response.status() != StatusCode::SERVICE_UNAVAILABLE {
                    return response;
                }
                tokio::time::sleep(pause).await;
            }
            web.get(&address).await
        }))
    }

    /// Writes the file of an address, and follows its links.
    async fn take(
        &mut self,
        target: &Target,
        response: Response,
        folder: &mut Folder,
    ) -> Result<(), ExportError> {
        let (address, status) = (target.request(), response.status());
        if status.is_redirection() {
            return self.redirect(target, &response);
        }
        // Without a front page, nothing else would be found, and all files of an earlier export removed.
        if status.is_client_error() && address != "/" {
            self.dead.insert(target.clone());
            return Ok(());
        }
        if !target.is_document() {
            return Ok(());
        }
        if status != StatusCode::OK {
            return Err(ExportError::Page(address, status.as_u16()));
        }
        let kind = kind_of(&response);
        let (file, _) = target.file(None);
        match kind.as_str() {
            "text/html" => {
                let body = content(response, &address).await?;
                let page = self.page(target, &body, folder).await?;
                folder.write(&file, page.as_bytes())?;
                self.pages += 1;
            }
            "application/xml" | "application/feed+json" => {
                let body = content(response, &address).await?;
                let origin = self.urls.home();
                let origin = origin.trim_end_matches('/').to_owned();
                let text = texts::rewrite(&body, &origin, |found| self.in_text(found, &address));
                folder.write(&file, text.as_bytes())?;
            }
            "text/css" => {
                let body = content(response, &address).await?;
                if let Ok(base) = Url::parse(&self.urls.at(&target.path)) {
                    for found in texts::of_style_sheet(&body, &base, &self.urls) {
                        self.add(found, Some(&address));
                    }
                }
                folder.write(&file, body.as_bytes())?;
            }
            _ => {
                let body = response.into_body().into_data_stream();
                folder.write_stream(&file, body).await?;
            }
        }
        Ok(())
    }

    fn redirect(&mut self, target: &Target, response: &Response) -> Result<(), ExportError> {
        let location = response.headers().get(LOCATION);
        let location = location.and_then(|value| value.to_str().ok());
        let base = Url::parse(&self.urls.at(&target.path)).ok();
        let to = location.zip(base).and_then(|(to, base)| base.join(to).ok());
        let Some(to) = to else {
            return Err(ExportError::Page(
                target.request(),
                response.status().as_u16(),
            ));
        };
        let to = match Target::of(&to, &self.urls) {
            Some(inner) if inner == *target || inner.is_only_live() => return Ok(()),
            Some(inner) => {
                let (_, link) = inner.file(None);
                self.add(inner, None);
                link
            }
            None => to.to_string(),
        };
        self.redirects.push(Redirect {
            from: target.clone(),
            to,
        });
        Ok(())
    }

    /// Returns a page whose links lead to files.
    async fn page(
        &mut self,
        target: &Target,
        html: &str,
        folder: &mut Folder,
    ) -> Result<String, ExportError> {
        let address = target.request();
        let base = Url::parse(&self.urls.at(&address)).unwrap_or_else(|_| self.urls.base().clone());
        let mut copies = Vec::new();
        let _ = links::rewrite(html, |found| {
            let target = base.join(found).ok();
            let target = target.and_then(|url| Target::of(&url, &self.urls));
            copies.extend(target.filter(Target::is_copy));
            Change::Keep
        });
        for copy in copies {
            self.copy(copy, folder).await?;
        }
        Ok(links::rewrite(html, |found| {
            self.in_page(found, &base, &address)
        }))
    }

    /// Decides about an address in a page.
    fn in_page(&mut self, found: &str, base: &Url, page: &str) -> Change {
        if found.is_empty() || found.starts_with('#') {
            return Change::Keep;
        }
        let Ok(url) = base.join(found) else {
            return Change::Keep;
        };
        let Some(target) = Target::of(&url, &self.urls) else {
            return Change::Keep;
        };
        if target.is_only_live() {
            return Change::Remove;
        }
        let mut link = if target.is_copy() {
            match self.copies.get(&target) {
                Some(Some(ending)) => target.file(Some(ending)).1,
                _ => return Change::Remove,
            }
        } else {
            target.file(None).1
        };
        if let Some(query) = url
            .query()
            .filter(|_| has_type(url.path()) && target.part.is_none())
        {
            link = format!("{link}?{query}");
        }
        if let Some(fragment) = url.fragment() {
            link = format!("{link}#{fragment}");
        }
        if !target.is_copy() {
            self.add(target, Some(page));
        }
        let is_absolute = found.starts_with("http:") || found.starts_with("https:");
        let new = if is_absolute {
            self.urls.at(&link)
        } else {
            link
        };
        match new == found {
            true => Change::Keep,
            false => Change::To(new),
        }
    }

    /// Decides about an address in a feed or sitemap: those of pages stay as all other servers know them.
    fn in_text(&mut self, found: &str, document: &str) -> Change {
        let url = Url::parse(found).ok();
        let target = url.and_then(|url| Target::of(&url, &self.urls));
        let Some(target) = target.filter(|target| !target.is_only_live() && !target.is_copy())
        else {
            return Change::Keep;
        };
        let link = target.file(None).1;
        let is_part = target.part.is_some();
        self.add(target, Some(document));
        match is_part {
            true => Change::To(self.urls.at(&link)),
            false => Change::Keep,
        }
    }

    /// Writes the copy of a picture from another server.
    async fn copy(&mut self, target: Target, folder: &mut Folder) -> Result<(), ExportError> {
        if self.copies.contains_key(&target) {
            return Ok(());
        }
        let response = self.web.get(&target.path).await;
        let ending = match (response.status(), kind_of(&response).as_str()) {
            (StatusCode::OK, "image/png") => Some("png"),
            (StatusCode::OK, "image/jpeg") => Some("jpg"),
            (StatusCode::OK, "image/webp") => Some("webp"),
            (StatusCode::OK, "image/gif") => Some("gif"),
            _ => None,
        };
        if ending.is_some() {
            let (file, _) = target.file(ending);
            let body = response.into_body().into_data_stream();
            folder.write_stream(&file, body).await?;
        }
        self.copies.insert(target, ending);
        Ok(())
    }
}

/// Returns the media type of a response without its parameters.
fn kind_of(response: &Response) -> String {
    let kind = response.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_owned()
}

async fn content(response: Response, address: &str) -> Result<String, ExportError> {
    let body = to_bytes(response.into_body(), MAX_PAGE).await;
    let unreadable = |error| ExportError::Unreadable(address.to_owned(), io::Error::other(error));
    let body = body.map_err(unreadable)?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}
