//! Down from a comment to its answers: the pages of its `replies`, as its own server lists them (FEP-f228).

use crate::{
    config::Conversations,
    federation::remote::{backfill_queue::host_at, fetch},
    node::{
        Context,
        urls::{host_of, same_origin_text},
    },
    protocol::{CollectionItems, embedded_parents, same_id},
    store::{self, Crawl, StoreError},
};
use std::collections::{HashMap, HashSet};
use url::Url;

/// Pages, items, and hosts of items that are read of one collection.
const PAGES: usize = 10;
const ITEMS: usize = 200;
const HOSTS: usize = 30;
/// The time after which a comment's replies are no longer looked for, even if some are left.
const LONGEST: i64 = 30 * 24 * 60 * 60 * 1000;

/// The replies that a comment's own server lists.
#[derive(Default)]
pub struct ListedReplies {
    ids: Vec<String>,
    hosts: HashSet<String>,
    /// The post that each embedded item says that it answers.
    parents: HashMap<String, String>,
}

/// Reads the ids in a comment's `replies` into `found`, as far as they can be had with `requests`.
pub async fn fetch_listed(crawl: &Crawl, requests: u64, found: &mut ListedReplies, ctx: &Context) {
    let pages = usize::try_from(requests).map_or(PAGES, |requests| requests.min(PAGES));
    let mut visited = HashSet::new();
    let mut next = Some(crawl.replies_uri.clone());
    while let Some(address) = next.take() {
        // Its own server lists its answers: no other is asked in its name.
        let goes_on = same_origin_text(&address, &crawl.uri)
            && visited.len() < pages
            && visited.insert(address.clone());
        if !goes_on {
            break;
        }
        match fetch::collection(&address, ctx).await {
            Ok(document) => {
                let items = CollectionItems::read(&document);
                found.parents.extend(embedded_parents(&document));
                if !items.ids.into_iter().all(|id| found.take(id, ctx)) {
                    break;
                }
                next = items.next;
            }
            Err(error) => {
                tracing::debug!(%error, comment = crawl.uri, "the replies of a comment can't be had");
            }
        }
    }
}

impl ListedReplies {
    /// Takes an id. False if no more are taken.
    fn take(&mut self, id: String, ctx: &Context) -> bool {
        let host = Url::parse(&id)
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http"))
            .and_then(|url| host_of(&url));
        let Some(host) = host.filter(|_| !ctx.urls().is_ours(&id)) else {
            return true;
        };
        if self.hosts.contains(&host) || self.hosts.len() < HOSTS {
            self.hosts.insert(host);
            self.ids.push(id);
        }
        self.ids.len() < ITEMS
    }

    /// Returns the ids that are neither here nor queued, without those that answer something else by their own
    /// statement.
    ///
    /// # Errors
    /// If a query fails.
    pub async fn unknown(&self, comment: &str, ctx: &Context) -> Result<Vec<String>, StoreError> {
        let mut conn = ctx.store.read().await?;
        let mut unknown = conn.filter_unknown(&self.ids).await?;
        let parents: Vec<String> = self.parents.values().cloned().collect();
        let absent: HashSet<String> = conn.filter_unknown(&parents).await?.into_iter().collect();
        unknown.retain(|id| {
            self.parents.get(id).is_none_or(|parent| {
                same_id(parent, comment)
                    || ctx.urls().is_ours(parent)
                    || !absent.contains(parent)
                    || self.ids.contains(parent)
            })
        });
        Ok(unknown)
    }
}

/// The host that tells of what it lists.
pub fn host_of_comment(crawl: &Crawl) -> String {
    host_at(&crawl.uri)
}

/// When a comment is crawled again: at growing intervals, for some days.
pub fn next_fetch_at(crawl: &Crawl, config: &Conversations) -> Option<i64> {
    let first = config.first_crawl.milliseconds();
    let growth = config.crawl_growth.max(1.0);
    let wait = (first.max(60_000) as f64) * growth.powi(crawl.crawls.clamp(0, 64) as i32);
    let next = store::now().saturating_add(wait as i64);
    let end = crawl
        .received_at
        .saturating_add(config.crawl_for.milliseconds());
    (next < end).then_some(next)
}

/// When a comment of which replies are left is crawled again: at `time`, for some weeks.
pub fn next_fetch_of_rest_at(crawl: &Crawl, time: i64) -> Option<i64> {
    let time = time.max(store::now() + 60_000);
    (time < crawl.received_at.saturating_add(LONGEST)).then_some(time)
}
