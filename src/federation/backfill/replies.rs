//! Fetches the replies to a comment that its own server lists: the pages of its `replies` collection (FEP-f228).

use super::{BUSY_PAUSE, LEASE, TIMEOUT, Worker};
use crate::{
    config::Conversations,
    federation::remote::{
        backfill_queue::{self, Referrer, host_at},
        fetch,
        requests::{self, Cause, Obstacle},
    },
    node::{
        Context, NodeError,
        urls::{host_of, same_origin_text},
    },
    protocol::{CollectionItems, embedded_parents, same_id},
    store::{self, Crawl, StoreError},
};
use std::collections::{HashMap, HashSet};
use url::Url;

/// The maximum numbers of pages, items, and hosts of items that are read from one collection.
const MAX_PAGES: usize = 10;
const MAX_ITEMS: usize = 200;
const MAX_HOSTS: usize = 30;
/// The age of a comment after which its replies are no longer fetched, even if some are left, in milliseconds.
const MAX_AGE: i64 = 30 * 24 * 60 * 60 * 1000;

impl Worker {
    /// Fetches the `replies` of a comment, queues the unknown ones, and schedules the next fetch.
    ///
    /// # Errors
    /// If a query fails.
    pub(super) async fn fetch_replies(
        &self,
        crawl: &Crawl,
        ctx: &Context,
    ) -> Result<(), NodeError> {
        let root = crawl.caused_by.as_deref().unwrap_or(&crawl.uri);
        let (left, renewed) = requests::left_of(root, ctx).await?;
        let soon = store::now() + LEASE + 1000;
        let mut conn = ctx.store.read().await?;
        let wait = match renewed {
            Some(renewed) if left == 0 => Some(renewed),
            // The replies that were found earlier are fetched first.
            _ if conn.has_lookups_of(root, soon).await? => Some(store::now() + BUSY_PAUSE),
            _ => None,
        };
        drop(conn);
        if let Some(time) = wait {
            let mut tx = ctx.store.begin().await?;
            tx.postpone_crawl(crawl.id, time).await?;
            return Ok(tx.commit().await?);
        }
        let mut found = ListedReplies::default();
        let cause = Cause::of_background(Some(root), None);
        let reading = fetch_listed(crawl, left.div_ceil(2), &mut found, ctx);
        let _ = tokio::time::timeout(TIMEOUT, cause.clone().scope(reading)).await;
        let is_complete = self.queue_found(crawl, root, &found, ctx).await?;
        let next = next_fetch_at(crawl, &ctx.config.conversations);
        let next = match cause.obstacle() {
            Some(Obstacle::UsedUp { until } | Obstacle::Busy { until, .. }) => {
                next_fetch_of_rest_at(crawl, until)
            }
            Some(Obstacle::Down { until, .. }) => next.map(|next| next.max(until)),
            None if is_complete => next,
            None => next.or_else(|| next_fetch_of_rest_at(crawl, renewed.unwrap_or_default())),
        };
        let mut tx = ctx.store.begin().await?;
        tx.set_next_crawl(crawl.id, next).await?;
        tx.commit().await?;
        ctx.store.wake();
        Ok(())
    }

    /// Queues the unknown replies, as many as the root activity may still fetch. Returns false if some are left for a
    /// later fetch.
    async fn queue_found(
        &self,
        crawl: &Crawl,
        root: &str,
        found: &ListedReplies,
        ctx: &Context,
    ) -> Result<bool, NodeError> {
        let mut unknown = found.unknown(&crawl.uri, ctx).await?;
        unknown.retain(|uri| {
            !self.unrelated_ancestors.contains_key(uri) && !self.unrelated_replies.contains_key(uri)
        });
        let host = host_of_comment(crawl);
        let referrer = Referrer::of(&crawl.uri, &host, ctx).await?;
        let (left, _) = requests::left_of(root, ctx).await?;
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let mut tx = ctx.store.begin().await?;
        let mut queued = 0;
        for (place, uri) in (0..).zip(unknown.iter().take(left)) {
            let (uri, comment) = (uri.as_str(), crawl.uri.as_str());
            if !backfill_queue::add_listed(&mut tx, uri, comment, root, place, &referrer, ctx)
                .await?
            {
                break;
            }
            queued += 1;
        }
        tx.commit().await?;
        Ok(queued == unknown.len())
    }
}

/// The replies to a comment that its own server lists.
#[derive(Default)]
struct ListedReplies {
    ids: Vec<String>,
    hosts: HashSet<String>,
    /// The `inReplyTo` of each embedded item, by its id.
    parents: HashMap<String, String>,
}

/// Reads the ids in a comment's `replies` into `found` with at most `requests` requests.
async fn fetch_listed(crawl: &Crawl, requests: u64, found: &mut ListedReplies, ctx: &Context) {
    let pages = usize::try_from(requests).map_or(MAX_PAGES, |requests| requests.min(MAX_PAGES));
    let mut visited = HashSet::new();
    let mut next = Some(crawl.replies_uri.clone());
    while let Some(address) = next.take() {
        // Only the comment's own server may list its replies.
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
                if !items.ids.into_iter().all(|id| found.add(id, ctx)) {
                    break;
                }
                next = items.next;
            }
            Err(error) => {
                tracing::debug!(%error, comment = crawl.uri, "the replies of a comment could not be fetched");
            }
        }
    }
}

impl ListedReplies {
    /// Adds an id. Returns false if the list is full.
    fn add(&mut self, id: String, ctx: &Context) -> bool {
        let host = Url::parse(&id)
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http"))
            .and_then(|url| host_of(&url));
        let Some(host) = host.filter(|_| !ctx.urls().is_ours(&id)) else {
            return true;
        };
        if self.hosts.contains(&host) || self.hosts.len() < MAX_HOSTS {
            self.hosts.insert(host);
            self.ids.push(id);
        }
        self.ids.len() < MAX_ITEMS
    }

    /// Returns the ids that are neither stored nor queued. Leaves out items whose `inReplyTo` is another post.
    ///
    /// # Errors
    /// If a query fails.
    async fn unknown(&self, comment: &str, ctx: &Context) -> Result<Vec<String>, StoreError> {
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

/// Returns the host that lists a comment's replies.
pub(super) fn host_of_comment(crawl: &Crawl) -> String {
    host_at(&crawl.uri)
}

/// Returns the time of the next fetch of a comment's replies: at growing intervals, for some days.
fn next_fetch_at(crawl: &Crawl, config: &Conversations) -> Option<i64> {
    let first = config.first_crawl.milliseconds();
    let growth = config.crawl_growth.max(1.0);
    let wait = (first.max(60_000) as f64) * growth.powi(crawl.crawls.clamp(0, 64) as i32);
    let next = store::now().saturating_add(wait as i64);
    let end = crawl
        .received_at
        .saturating_add(config.crawl_for.milliseconds());
    (next < end).then_some(next)
}

/// Returns the time of the next fetch if some replies are left: `time`, for some weeks.
fn next_fetch_of_rest_at(crawl: &Crawl, time: i64) -> Option<i64> {
    let time = time.max(store::now() + 60_000);
    (time < crawl.received_at.saturating_add(MAX_AGE)).then_some(time)
}
