//! Queues posts of other servers to be fetched.

use crate::{
    content::registrable_domain,
    protocol::canonical_id,
    store::database::{Conn, Raw, Result, is_id, now, on},
};
use std::collections::HashSet;

/// The importance of a lookup; more important ones go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupPriority {
    /// A list of replies has it.
    Listed = 0,
    /// An activity named it.
    Named = 1,
    /// An activity from a known domain named it.
    NamedByKnown = 2,
    /// It is here already.
    Here = 3,
}

/// A post of another server to be queued.
#[derive(Debug, Clone)]
pub struct NewLookup<'a> {
    pub uri: &'a str,
    /// The host that told of it.
    pub host: &'a str,
    /// The host to ask.
    pub asked: &'a str,
    /// The activity that caused it, perhaps by way of other posts.
    pub root: &'a str,
    /// The comment whose replies list it.
    pub found_below: Option<&'a str>,
    pub priority: LookupPriority,
    pub due_at: i64,
}

/// The numbers of lookups that may wait.
#[derive(Debug, Clone, Copy)]
pub struct LookupRoom {
    pub of_host: i64,
    pub of_domain: i64,
    pub in_all: i64,
}

/// The result of queueing a lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queued {
    New,
    /// It is queued already.
    Already,
    /// The host or its domain has used up its share.
    DomainFull,
    /// The queue is full.
    QueueFull,
}

impl Conn {
    /// Queues a post to be fetched, if there is room. A queued one is taken over by a more important cause.
    pub async fn add_lookup(&mut self, new: &NewLookup<'_>, room: LookupRoom) -> Result<Queued> {
        self.note_spelling(new.uri).await?;
        let is_added = on!(self, |c| {
            sqlx::query(
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
        )
        .bind(new.uri)
        .bind(new.host)
        .bind(registrable_domain(new.host))
        .bind(new.asked)
        .bind(registrable_domain(new.asked))
        .bind(new.root)
        .bind(new.found_below)
        .bind(new.priority as i64)
        .bind(new.due_at)
        .bind(now())
        .bind(room.of_host)
        .bind(room.of_domain)
        .bind(room.in_all)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0)
        })?;
        if is_added {
            self.notify_nodes().await?;
            return Ok(Queued::New);
        }
        let (is_queued, count): (bool, i64) = on!(self, |c| sqlx::query_as(concat!(
            "SELECT EXISTS (SELECT 1 FROM lookups WHERE uri = $2 OR ",
            is_id!("uri", "$1"),
            "), (SELECT COUNT(*) FROM lookups)"
        ))
        .bind(canonical_id(new.uri).as_ref())
        .bind(new.uri)
        .fetch_one(c)
        .await)?;
        Ok(if is_queued {
            Queued::Already
        } else if count >= room.in_all {
            Queued::QueueFull
        } else {
            Queued::DomainFull
        })
    }

    /// Those of a list of ids that are neither comments here nor noted to be fetched.
    pub async fn unknown_of(&mut self, uris: &[String]) -> Result<Vec<String>> {
        let ids: Vec<_> = uris.iter().map(|uri| canonical_id(uri)).collect();
        let list = serde_json::to_string(&ids).unwrap_or_default();
        macro_rules! select {
            ($list:literal, $c:expr) => {
                sqlx::query_scalar(concat!(
                    "SELECT l.value FROM ",
                    $list,
                    " l WHERE NOT EXISTS (SELECT 1 FROM comments WHERE ",
                    is_id!("uri", "l.value"),
                    ") AND NOT EXISTS (SELECT 1 FROM lookups WHERE ",
                    is_id!("uri", "l.value"),
                    ")"
                ))
                .bind(list)
                .fetch_all($c)
                .await?
            };
        }
        let unknown: Vec<String> = match self.raw() {
            Raw::Sqlite(c) => select!("json_each($1)", c),
            Raw::Postgres(c) => select!("json_array_elements_text($1::json)", c),
        };
        let unknown: HashSet<String> = unknown.into_iter().collect();
        let is_unknown = |uri: &&String| unknown.contains(canonical_id(uri).as_ref());
        Ok(uris.iter().filter(is_unknown).cloned().collect())
    }
}
