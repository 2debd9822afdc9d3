//! Resolves addresses that other software gave away (`/?author=1`, `/?p=12`) to our own (`/users/blog`, `/articles/UID`).
//!
//! A lookup is one statement, and only for an address on our host that this program does not compute.

use super::Urls;
use crate::{
    node::Inner,
    store::{Conn, Result},
};
use std::borrow::Cow;

/// Returns the address of ours that a URL stands for; the URL itself if it is a remote one, computed, or unknown.
pub async fn resolve<'a>(conn: &mut Conn, urls: &Urls, url: &'a str) -> Result<Cow<'a, str>> {
    let candidates = urls.address_candidates(url);
    if candidates.is_empty() {
        return Ok(Cow::Borrowed(url));
    }
    let path = conn.path_at(&candidates).await?;
    Ok(path.map_or(Cow::Borrowed(url), |path| Cow::Owned(urls.at(&path))))
}

impl Inner {
    /// Does the same as [`resolve`], on a connection that is only taken if a lookup is needed.
    pub async fn resolve<'a>(&self, url: &'a str) -> Result<Cow<'a, str>> {
        if self.urls.address_candidates(url).is_empty() {
            return Ok(Cow::Borrowed(url));
        }
        resolve(&mut self.store.read().await?, &self.urls, url).await
    }

    /// Returns the username of the local actor that an id, or the address of its page, stands for.
    pub async fn actor_at(&self, url: &str) -> Result<Option<String>> {
        Ok(self.urls.actor_at(&self.resolve(url).await?))
    }
}
