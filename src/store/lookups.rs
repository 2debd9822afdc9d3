//! What conversations still lack: posts to be fetched, and comments whose answers are looked for again.

use super::{
    Conn, Result,
    conn::{Raw, on},
    now,
    spellings::is_id,
};
use crate::protocol::canonical_id;
use sqlx::FromRow;
use std::collections::HashSet;

/// Lookups that wait at the most: in all, and told of by one host.
const MOST: i64 = 10_000;
const MOST_OF_HOST: i64 = 200;

/// A post of another server to be fetched.
#[derive(Debug, Clone, FromRow)]
pub struct Lookup {
    pub uri: String,
    /// Of who told of it.
    pub host: String,
    /// This one included.
    pub attempts: i64,
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

impl Conn {
    /// Notes that a post is to be fetched. False if it is noted already, or too many are.
    pub async fn add_lookup(&mut self, uri: &str, host: &str) -> Result<bool> {
        self.note_spelling(uri).await?;
        let is_added = on!(self, |c| {
            sqlx::query(
            "INSERT INTO lookups (uri, host, next_attempt_at, created_at) SELECT $1, $2, $3, $3
             WHERE (SELECT COUNT(*) FROM lookups WHERE host = $2) < $4 AND (SELECT COUNT(*) FROM lookups) < $5
             ON CONFLICT DO NOTHING"
        )
        .bind(uri)
        .bind(host)
        .bind(now())
        .bind(MOST_OF_HOST)
        .bind(MOST)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0)
        })?;
        if is_added {
            self.notify_nodes().await?;
        }
        Ok(is_added)
    }

    /// Up to `limit` due lookups, those tried least often first; they are due again at `until`.
    pub async fn claim_lookups(&mut self, until: i64, limit: i64) -> Result<Vec<Lookup>> {
        claim!(
            self,
            until,
            limit,
            "UPDATE lookups SET next_attempt_at = $1, attempts = attempts + 1 WHERE uri IN (
                SELECT uri FROM lookups WHERE next_attempt_at <= $2 ORDER BY attempts, next_attempt_at LIMIT $3",
            "uri, host, attempts"
        )
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

    /// Up to `limit` visible comments whose answers are due to be looked for; they are due again at `until`.
    pub async fn claim_crawls(&mut self, until: i64, limit: i64) -> Result<Vec<Crawl>> {
        claim!(
            self,
            until,
            limit,
            "UPDATE comments SET next_crawl_at = $1, crawls = crawls + 1 WHERE id IN (
                SELECT id FROM comments WHERE next_crawl_at <= $2 AND state = 'visible'
                ORDER BY next_crawl_at LIMIT $3",
            "id, uri, replies_uri, crawls, received_at"
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
