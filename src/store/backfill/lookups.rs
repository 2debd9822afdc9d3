//! Queues posts of other servers to be fetched.

use crate::{
    content::registrable_domain,
    protocol::canonical_id,
    store::database::{Conn, Result, Tx, execute, fetch_one, fetch_scalars, is_id, now, to_json},
};
use std::collections::HashSet;

/// The importance of a lookup; more important ones go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupPriority {
    /// A `replies` collection lists it.
    Listed = 0,
    /// An activity named it.
    Named = 1,
    /// An activity from a known domain named it.
    NamedByKnown = 2,
    /// It is stored already.
    Here = 3,
}

/// A post of another server to be queued.
#[derive(Debug, Clone)]
pub struct NewLookup<'a> {
    pub uri: &'a str,
    /// The host that named it.
    pub host: &'a str,
    /// The host to ask.
    pub asked: &'a str,
    /// The activity that caused the lookup, directly or through other posts.
    pub root: &'a str,
    /// The comment whose `replies` collection lists it.
    pub found_below: Option<&'a str>,
    pub priority: LookupPriority,
    pub due_at: i64,
}

/// The maximum numbers of queued lookups.
#[derive(Debug, Clone, Copy)]
pub struct LookupLimits {
    pub of_host: i64,
    pub of_domain: i64,
    pub in_all: i64,
}

/// The result of queueing a lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueOutcome {
    New,
    /// It was queued already.
    Already,
    /// The host or its domain has used up its share.
    DomainFull,
    /// The queue is full.
    QueueFull,
}

impl Conn {
    /// Returns those of a list of ids that are neither stored comments nor queued lookups.
    pub async fn filter_unknown(&mut self, uris: &[String]) -> Result<Vec<String>> {
        let ids: Vec<_> = uris.iter().map(|uri| canonical_id(uri)).collect();
        let unknown: Vec<String> = fetch_scalars!(
            self,
            texts(
                "SELECT l.value FROM ",
                "$1",
                concat!(
                    " l WHERE NOT EXISTS (SELECT 1 FROM comments WHERE ",
                    is_id!("uri", "l.value"),
                    ") AND NOT EXISTS (SELECT 1 FROM lookups WHERE ",
                    is_id!("uri", "l.value"),
                    ")"
                )
            ),
            to_json(&ids)
        )?;
        let unknown: HashSet<String> = unknown.into_iter().collect();
        let is_unknown = |uri: &&String| unknown.contains(canonical_id(uri).as_ref());
        Ok(uris.iter().filter(is_unknown).cloned().collect())
    }
}

impl Tx {
    /// Queues a post to be fetched, if the limits allow it. A more important cause replaces that of a queued one.
    pub async fn add_lookup(
        &mut self,
        new: &NewLookup<'_>,
        room: LookupLimits,
    ) -> Result<QueueOutcome> {
        self.save_spelling(new.uri).await?;
        let is_added = execute!(
            self,
            "INSERT INTO lookups (uri, host, domain, asked, asked_domain, root, found_below, priority,
                next_attempt_at, created_at)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
             WHERE (SELECT COUNT(*) FROM lookups WHERE host = $2) < $11
                AND (SELECT COUNT(*) FROM lookups WHERE domain = $3 OR (domain = '' AND host = $2)) < $12
                AND (SELECT COUNT(*) FROM lookups) < $13
             ON CONFLICT (uri) DO UPDATE SET host = excluded.host, domain = excluded.domain, root = excluded.root,
                found_below = excluded.found_below, priority = excluded.priority,
                next_attempt_at = excluded.next_attempt_at
             WHERE lookups.priority < excluded.priority",
            new.uri,
            new.host,
            registrable_domain(new.host),
            new.asked,
            registrable_domain(new.asked),
            new.root,
            new.found_below,
            new.priority as i64,
            new.due_at,
            now(),
            room.of_host,
            room.of_domain,
            room.in_all
        )? > 0;
        if is_added {
            self.notify_nodes().await?;
            return Ok(QueueOutcome::New);
        }
        let (is_queued, count): (bool, i64) = fetch_one!(
            self,
            concat!(
                "SELECT EXISTS (SELECT 1 FROM lookups WHERE uri = $2 OR ",
                is_id!("uri", "$1"),
                "), (SELECT COUNT(*) FROM lookups)"
            ),
            canonical_id(new.uri).as_ref(),
            new.uri
        )?;
        Ok(if is_queued {
            QueueOutcome::Already
        } else if count >= room.in_all {
            QueueOutcome::QueueFull
        } else {
            QueueOutcome::DomainFull
        })
    }
}
