//! The queue of posts to be fetched, and the comments whose replies are looked for again.

use super::{
    Conn, Result,
    conn::{Raw, on},
    now,
    spellings::is_id,
};
use crate::{content::registrable_domain, protocol::canonical_id};
use sqlx::FromRow;
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

/// A post of another server to be fetched.
#[derive(Debug, Clone, FromRow)]
pub struct Lookup {
    pub uri: String,
    /// The registrable domain of the host that told of it.
    pub domain: String,
    /// The host that it waits for, and its registrable domain.
    pub asked: String,
    pub asked_domain: String,
    pub root: String,
    pub found_below: Option<String>,
    /// The number of attempts so far.
    pub attempts: i64,
}

/// Hosts, domains and roots for which nothing more may be begun now.
#[derive(Debug, Default)]
pub struct BusyLookups {
    pub asked: Vec<String>,
    pub asked_domains: Vec<String>,
    pub domains: Vec<String>,
    pub roots: Vec<String>,
}

/// A comment whose answers are to be looked for on its own server.
#[derive(Debug, Clone, FromRow)]
pub struct Crawl {
    pub id: i64,
    pub uri: String,
    pub replies_uri: String,
    /// This one included.
    pub crawls: i64,
    pub received_at: i64,
    /// The activity that brought the comment.
    pub caused_by: Option<String>,
}

/// Sets a clock ahead in what is due and returns it. A row that another node holds is left to that one.
macro_rules! claim {
    ($conn:expr, $until:expr, $limit:expr, $update:literal, $returning:literal) => {{
        macro_rules! run {
            ($lock:literal, $c:expr) => {
                sqlx::query_as(concat!($update, $lock, ") RETURNING ", $returning))
                    .bind($until)
                    .bind(now())
                    .bind($limit)
                    .fetch_all($c)
                    .await?
            };
        }
        Ok(match $conn.raw() {
            Raw::Sqlite(c) => run!("", c),
            Raw::Postgres(c) => run!(" FOR UPDATE SKIP LOCKED", c),
        })
    }};
}

pub(super) use claim;

/// Selects due lookups in the order of their importance, so that no root, host or domain has more than its share of
/// one batch. A macro, since sqlx takes literals.
macro_rules! candidates {
    ($list:literal, $cast:literal) => {
        concat!(
            "SELECT uri, domain, asked, asked_domain, root, found_below, attempts FROM (
                SELECT uri, domain, asked, asked_domain, root, found_below, priority, attempts, next_attempt_at,
                    ROW_NUMBER() OVER (PARTITION BY root
                        ORDER BY priority DESC, attempts, next_attempt_at, uri) AS of_root,
                    ROW_NUMBER() OVER (PARTITION BY asked
                        ORDER BY priority DESC, attempts, next_attempt_at, uri) AS of_asked,
                    ROW_NUMBER() OVER (PARTITION BY asked_domain
                        ORDER BY priority DESC, attempts, next_attempt_at, uri) AS of_asked_domain,
                    ROW_NUMBER() OVER (PARTITION BY domain
                        ORDER BY priority DESC, attempts, next_attempt_at, uri) AS of_domain
                FROM lookups WHERE next_attempt_at <= $1
                    AND asked NOT IN (SELECT value FROM ", $list, "($2", $cast, ") l)
                    AND asked_domain NOT IN (SELECT value FROM ", $list, "($3", $cast, ") l)
                    AND domain NOT IN (SELECT value FROM ", $list, "($4", $cast, ") l)
                    AND root NOT IN (SELECT value FROM ", $list, "($5", $cast, ") l)
             ) due
             WHERE of_root = 1 AND of_asked <= $6 AND of_asked_domain <= $7 AND of_domain <= $7
             ORDER BY priority DESC, attempts, next_attempt_at, uri LIMIT $8"
        )
    };
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

    /// Returns up to `limit` due lookups, the most important first, without those for which something is busy. At
    /// most `of_asked` wait for one host, `of_domain` for one domain, and one has the same root.
    pub async fn due_lookups(
        &mut self,
        busy: &BusyLookups,
        of_asked: i64,
        of_domain: i64,
        limit: i64,
    ) -> Result<Vec<Lookup>> {
        let list = |texts: &[String]| serde_json::to_string(texts).unwrap_or_default();
        macro_rules! run {
            ($statement:expr, $c:expr) => {
                sqlx::query_as($statement)
                    .bind(now())
                    .bind(list(&busy.asked))
                    .bind(list(&busy.asked_domains))
                    .bind(list(&busy.domains))
                    .bind(list(&busy.roots))
                    .bind(of_asked)
                    .bind(of_domain)
                    .bind(limit)
                    .fetch_all($c)
                    .await?
            };
        }
        Ok(match self.raw() {
            Raw::Sqlite(c) => run!(candidates!("json_each", ""), c),
            Raw::Postgres(c) => run!(candidates!("json_array_elements_text", "::json"), c),
        })
    }

    /// Claims a lookup that is still due; it is due again at `until`. Returns false if another node did.
    pub async fn claim_lookup(&mut self, uri: &str, until: i64) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query(
            "UPDATE lookups SET next_attempt_at = $1, attempts = attempts + 1
             WHERE uri = $3 AND next_attempt_at <= $2"
        )
        .bind(until)
        .bind(now())
        .bind(uri)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }

    pub async fn postpone_lookup(&mut self, uri: &str, until: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE lookups SET next_attempt_at = $2 WHERE uri = $1"
        )
        .bind(uri)
        .bind(until)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Makes a claimed lookup wait for a host that was not asked, as if the attempt had not been made.
    pub async fn await_host(&mut self, uri: &str, host: &str, until: i64) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "UPDATE lookups SET next_attempt_at = $2, asked = $3, asked_domain = $4, attempts = attempts - 1
             WHERE uri = $1"
        )
        .bind(uri)
        .bind(until)
        .bind(host)
        .bind(registrable_domain(host))
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Postpones a claimed lookup whose host failed, and all others that wait for that host. Those that have failed
    /// `most` times are removed.
    pub async fn postpone_host(
        &mut self,
        uri: &str,
        host: &str,
        until: i64,
        most: i64,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE lookups SET asked = $2, asked_domain = $3, next_attempt_at = $4 WHERE uri = $1"
        )
        .bind(uri)
        .bind(host)
        .bind(registrable_domain(host))
        .bind(until)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query(
            "UPDATE lookups SET next_attempt_at = $2, attempts = attempts + 1
             WHERE asked = $1 AND next_attempt_at < $2"
        )
        .bind(host)
        .bind(until)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query(
            "DELETE FROM lookups WHERE asked = $1 AND attempts >= $2"
        )
        .bind(host)
        .bind(most)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Postpones a claimed lookup whose root has used up its requests, and all others of that root, as if no attempt
    /// had been made.
    pub async fn postpone_root(&mut self, uri: &str, root: &str, until: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE lookups SET next_attempt_at = $3,
                attempts = CASE WHEN uri = $1 THEN attempts - 1 ELSE attempts END
             WHERE uri = $1 OR (root = $2 AND next_attempt_at < $3)"
        )
        .bind(uri)
        .bind(root)
        .bind(until)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    pub async fn finish_lookup(&mut self, uri: &str) -> Result<()> {
        on!(self, |c| sqlx::query(concat!(
            "DELETE FROM lookups WHERE uri = $2 OR ",
            is_id!("uri", "$1")
        ))
        .bind(canonical_id(uri).as_ref())
        .bind(uri)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Returns whether an activity has named a lookup since a list of replies had it.
    pub async fn was_taken_over(&mut self, uri: &str) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM lookups WHERE uri = $1 AND found_below IS NULL)"
        )
        .bind(uri)
        .fetch_one(c)
        .await)?)
    }

    /// Returns whether a root has lookups that are due before `time`.
    pub async fn has_lookups_of(&mut self, root: &str, time: i64) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM lookups WHERE root = $1 AND next_attempt_at < $2)"
        )
        .bind(root)
        .bind(time)
        .fetch_one(c)
        .await)?)
    }

    /// Up to `limit` visible comments whose answers are due to be looked for; they are due again at `until`.
    pub async fn claim_crawls(&mut self, until: i64, limit: i64) -> Result<Vec<Crawl>> {
        claim!(
            self,
            until,
            limit,
            "UPDATE comments SET next_crawl_at = $1, crawls = crawls + 1 WHERE id IN (
                SELECT id FROM comments WHERE next_crawl_at <= $2 AND state = 'visible'
                ORDER BY next_crawl_at LIMIT $3",
            "id, uri, replies_uri, crawls, received_at, caused_by"
        )
    }

    /// When a comment's answers are next looked for; `None`: no more.
    pub async fn set_next_crawl(&mut self, comment_id: i64, time: Option<i64>) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET next_crawl_at = $2 WHERE id = $1"
        )
        .bind(comment_id)
        .bind(time)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Postpones a claimed crawl, as if it had not been begun.
    pub async fn postpone_crawl(&mut self, comment_id: i64, time: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET next_crawl_at = $2, crawls = crawls - 1
             WHERE id = $1 AND next_crawl_at IS NOT NULL"
        )
        .bind(comment_id)
        .bind(time)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Returns when the next lookup, crawl or (with `with_rechecks`) recheck is due; `None` if nothing waits.
    pub async fn next_of_conversations(&mut self, with_rechecks: bool) -> Result<Option<i64>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT MIN(due) FROM (SELECT MIN(next_attempt_at) AS due FROM lookups
                UNION ALL SELECT MIN(next_crawl_at) FROM comments
                    WHERE next_crawl_at IS NOT NULL AND state = 'visible'
                UNION ALL SELECT MIN(next_check_at) FROM rechecks WHERE $1) clocks"
        )
        .bind(with_rechecks)
        .fetch_one(c)
        .await)?)
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
