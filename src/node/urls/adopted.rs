//! Addresses that other software or a former host gave away, beside those that are computed.

use super::{Urls, is_uid};
use crate::{
    protocol::{AddressCandidate, address_candidates, address_host, normalize_percent_encoding},
    store::{LocalActorRow, Note},
};
use url::Url;

/// The parameters of the front page.
const OF_HOME: [&str; 2] = ["before", "page"];

impl Urls {
    /// Adds the hosts where the publication was before, in the form of [`address_host`]. Addresses on them are ours.
    pub(crate) fn with_former_hosts(mut self, hosts: Vec<String>) -> Self {
        self.former_hosts = hosts;
        self
    }

    /// Returns the hosts where the publication was before.
    pub(crate) fn former_hosts(&self) -> &[String] {
        &self.former_hosts
    }

    pub(super) fn is_at_former_host(&self, url: &Url) -> bool {
        !self.former_hosts.is_empty()
            && address_host(url).is_some_and(|host| self.former_hosts.contains(&host))
    }

    /// Returns the ActivityPub id of an article; `adopted` is the one that it got from other software.
    pub fn article_id(&self, uid: &str, adopted: Option<&str>) -> String {
        adopted.map_or_else(|| self.article(uid), str::to_owned)
    }

    /// Returns the ActivityPub id of a note.
    pub fn note_id(&self, note: &Note) -> String {
        note.uri.clone().unwrap_or_else(|| self.note(&note.uid))
    }

    /// Returns the id of an activity of a local actor with the id `actor`. It is on the actor's host, since other servers
    /// refuse it elsewhere.
    pub fn activity_of(&self, actor: &str, uid: &str) -> String {
        match Url::parse(actor) {
            Ok(actor) if self.is_at_former_host(&actor) => {
                format!("{}/activities/{uid}", actor.origin().ascii_serialization())
            }
            _ => self.activity(uid),
        }
    }

    /// Returns the ActivityPub id of a local actor.
    pub fn actor_id(&self, row: &LocalActorRow) -> String {
        let adopted = row.addresses.uri.clone();
        adopted.unwrap_or_else(|| self.actor(row.kind, &row.username))
    }

    /// Returns the stored addresses that a URL may stand for, the best first. There are none if the URL is not ours, or if
    /// its path is computed, so that no stored address is expected there.
    pub(crate) fn address_candidates(&self, url: &str) -> Vec<AddressCandidate> {
        match Url::parse(url) {
            Ok(url) if self.is_at_home(&url) => {
                let host = address_host(&url).unwrap_or_default();
                self.candidates_at(&host, url.path(), url.query())
            }
            _ => Vec::new(),
        }
    }

    /// Does the same for a request: the path and query at one of our hosts.
    pub(crate) fn candidates_at(
        &self,
        host: &str,
        path: &str,
        query: Option<&str>,
    ) -> Vec<AddressCandidate> {
        if !self.former_hosts.iter().any(|former| former == host) && is_computed(path, query) {
            return Vec::new();
        }
        address_candidates(host, path, query)
    }

    /// Returns our host in the form of [`address_host`].
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Returns the former host that a request was sent to, according to its `Host` header.
    pub(crate) fn former_host(&self, header: Option<&str>) -> Option<String> {
        if self.former_hosts.is_empty() {
            return None;
        }
        let url = Url::parse(&format!("{}://{}/", self.base.scheme(), header?)).ok()?;
        let host = address_host(&url).filter(|host| *host != self.host);
        host.filter(|host| self.former_hosts.contains(host))
    }
}

/// Returns whether an address on our host is one that this program makes, in which case no lookup is needed.
fn is_computed(path: &str, query: Option<&str>) -> bool {
    let path = normalize_percent_encoding(path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let is_number = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    match parts.as_slice() {
        [] => query.is_none_or(is_of_home),
        [
            "users" | "authors" | "actor" | "inbox" | "static" | "media" | "pictures" | "micropub"
            | "moderate" | "comments" | "interact" | "unsubscribe" | "nodeinfo" | "healthz"
            | ".well-known",
            ..,
        ]
        | ["api", "v1", ..] => true,
        [
            "articles" | "notes" | "activities" | "features" | "quotes" | "authorizations",
            uid,
            ..,
        ] => is_uid(uid),
        // Not `/2010/08/31/slug`.
        [year, month, slug, rest @ ..] => {
            is_number(year, 4) && is_number(month, 2) && (rest.is_empty() || !is_number(slug, 2))
        }
        _ => false,
    }
}

/// Returns whether a query has only parameters of the front page.
pub(super) fn is_of_home(query: &str) -> bool {
    let mut names = query
        .split('&')
        .map(|parameter| parameter.split('=').next().unwrap_or_default());
    names.all(|name| name.is_empty() || OF_HOME.contains(&name))
}
