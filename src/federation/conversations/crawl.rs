//! Down from a comment to its answers: the pages of its `replies`, as its own server lists them (FEP-f228).

use crate::{
    config::Conversations,
    federation::{
        fetch,
        node::Context,
        urls::{host_of, same_origin_text},
    },
    protocol::Items,
    store::{self, Crawl},
};
use std::collections::HashSet;
use url::Url;

/// Pages, items, and hosts of items that are read of one collection.
const PAGES: usize = 10;
const ITEMS: usize = 200;
const HOSTS: usize = 30;

/// The ids in a comment's `replies` that are on other servers than this one, as far as they can be had.
pub async fn replies_of(crawl: &Crawl, data: &Context) -> Vec<String> {
    let mut found = Found::default();
    let mut visited = HashSet::new();
    let mut next = Some(crawl.replies_uri.clone());
    while let Some(address) = next.take() {
        // Its own server lists its answers: no other is asked in its name.
        let goes_on = same_origin_text(&address, &crawl.uri)
            && visited.len() < PAGES
            && visited.insert(address.clone());
        if !goes_on {
            break;
        }
        match fetch::collection(&address, data).await {
            Ok(document) => {
                let items = Items::read(&document);
                if !items.ids.into_iter().all(|id| found.take(id, data)) {
                    break;
                }
                next = items.next;
            }
            Err(error) => {
                tracing::debug!(%error, comment = crawl.uri, "the replies of a comment can't be had");
            }
        }
    }
    found.ids
}

#[derive(Default)]
struct Found {
    ids: Vec<String>,
    hosts: HashSet<String>,
}

impl Found {
    /// Takes an id. False if no more are taken.
    fn take(&mut self, id: String, data: &Context) -> bool {
        let host = Url::parse(&id)
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http"))
            .and_then(|url| host_of(&url));
        let Some(host) = host.filter(|_| !data.urls().is_ours(&id)) else {
            return true;
        };
        if self.hosts.contains(&host) || self.hosts.len() < HOSTS {
            self.hosts.insert(host);
            self.ids.push(id);
        }
        self.ids.len() < ITEMS
    }
}

/// The host that tells of what it lists.
pub fn host_of_comment(crawl: &Crawl) -> String {
    Url::parse(&crawl.uri)
        .ok()
        .and_then(|url| host_of(&url))
        .unwrap_or_default()
}

/// When a comment is crawled again: at growing intervals, for some days.
pub fn next_time(crawl: &Crawl, config: &Conversations) -> Option<i64> {
    let first = config.first_crawl.milliseconds();
    let growth = config.crawl_growth.max(1.0);
    let wait = (first.max(60_000) as f64) * growth.powi(crawl.crawls.clamp(0, 64) as i32);
    let next = store::now().saturating_add(wait as i64);
    let end = crawl
        .received_at
        .saturating_add(config.crawl_for.milliseconds());
    (next < end).then_some(next)
}
