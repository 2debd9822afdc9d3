//! Addresses that imported articles had, and what they lead to now.

use super::Importer;
use crate::{
    importing::{
        ImportError,
        model::{ImportedArticle, Place},
    },
    store::Tx,
};
use url::{Position, Url};

/// The maximum length of a path, in bytes.
const MAX_PATH: usize = 500;

/// An address of the other site, as it would be here.
pub(super) enum Former {
    /// A path in canonical form.
    Path(String),
    /// A path with a query.
    Query(String),
}

impl Importer<'_> {
    /// Reads an address of the other site: a path, with or without a query, or a whole URL. Returns `None` for one of yet
    /// another site, and for its home page.
    pub(super) fn former(&self, address: &str) -> Option<Former> {
        let url = self.url_of(address)?;
        if !self.is_of_source(&url) && !self.is_ours(&url) {
            return None;
        }
        let path = self.node.urls().canonical_path(url.path());
        let query = url.query().filter(|query| !query.is_empty());
        let former = match query {
            Some(query) => Former::Query(format!("{path}?{query}")),
            None if path == "/" => return None,
            None => Former::Path(path),
        };
        let (Former::Path(text) | Former::Query(text)) = &former;
        (text.len() <= MAX_PATH).then_some(former)
    }

    /// Reads an address in a text of the other site.
    pub(super) fn url_of(&self, address: &str) -> Option<Url> {
        let base = self
            .base
            .as_ref()
            .unwrap_or_else(|| self.node.urls().base());
        base.join(address.trim()).ok()
    }

    /// Returns an address that pages can have: a URL, or a path of this site.
    pub(super) fn absolute(&self, address: &str) -> Option<String> {
        if address.starts_with("/media/") {
            return Some(address.to_owned());
        }
        match &self.base {
            Some(_) => self
                .url_of(address)
                .filter(|url| matches!(url.scheme(), "http" | "https"))
                .map(|url| url.to_string()),
            None => Some(address.to_owned()),
        }
    }

    /// Returns whether an address is one of the other site.
    pub(super) fn is_of_source(&self, url: &Url) -> bool {
        let host = |url: &Url| {
            let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
            host.strip_prefix("www.")
                .map_or(host.clone(), str::to_owned)
        };
        match &self.base {
            Some(base) => host(base) == host(url),
            None => self.is_ours(url),
        }
    }

    pub(super) fn is_ours(&self, url: &Url) -> bool {
        url.host_str() == self.node.urls().base().host_str()
    }

    /// Lets the addresses that an article had lead to it.
    pub(super) async fn add_former_paths(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        article_id: i64,
        addresses: &[String],
        current: &str,
    ) -> Result<(), ImportError> {
        for address in addresses {
            match self.former(address) {
                Some(Former::Path(path)) if path == current => {}
                Some(Former::Path(path)) if self.is_page(&path) => self.warn_of_page(place, &path),
                Some(Former::Path(path)) => tx.add_former_path(&path, article_id).await?,
                Some(Former::Query(address)) => {
                    if let Some(article) = tx.article_by_id(article_id).await? {
                        let path = format!("/articles/{}", article.uid);
                        tx.add_address(&address, &path).await?;
                    }
                }
                None => self.warn_of_address(place, address),
            }
        }
        Ok(())
    }

    /// Lets an address of the other site lead to a path here.
    pub(super) async fn store_redirect(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        from: &str,
        to: &str,
    ) -> Result<(), ImportError> {
        if self.options.is_dry_run {
            return Ok(());
        }
        match self.former(from) {
            Some(Former::Path(address)) if address == to => {}
            Some(Former::Path(address)) if self.is_page(&address) => {
                self.warn_of_page(place, &address);
            }
            Some(Former::Path(address) | Former::Query(address)) => {
                tx.add_address(&address, to).await?;
            }
            None => self.warn_of_address(place, from),
        }
        Ok(())
    }

    /// Returns whether a path is that of a page here.
    fn is_page(&self, path: &str) -> bool {
        let slug = path.strip_prefix('/');
        slug.is_some_and(|slug| self.slugs.has_page(slug))
    }

    fn warn_of_page(&mut self, place: &Place, path: &str) {
        let message = format!("a page here has its old address {path}, which is not redirected");
        self.warn(place, message);
    }

    fn warn_of_address(&mut self, place: &Place, address: &str) {
        let is_home = self
            .url_of(address)
            .is_some_and(|url| &url[Position::BeforePath..] == "/");
        if !is_home {
            self.warn(
                place,
                format!("its address {address} is on another site, and is not redirected"),
            );
        }
    }

    /// Keeps the ActivityPub id that an article had on the other site, if that is one of this site's addresses.
    pub(super) async fn adopt_id(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        article_id: i64,
        article: &ImportedArticle,
    ) -> Result<(), ImportError> {
        let Some(uri) = &article.object_uri else {
            return Ok(());
        };
        let Some(url) = Url::parse(uri).ok().filter(|url| self.is_ours(url)) else {
            return Ok(());
        };
        let Some(stored) = tx.article_by_id(article_id).await? else {
            return Ok(());
        };
        if !matches!(url.scheme(), "http" | "https") {
            self.warn(place, format!("its id {uri} is no web address"));
            return Ok(());
        }
        tx.set_object_uri(&stored.uid, uri).await?;
        Ok(())
    }
}
