//! Claims, postpones and finishes the queued fetches of posts.

use crate::{
    content::registrable_domain,
    protocol::canonical_id,
    store::database::{Conn, Raw, Result, is_id, now, on},
};
use sqlx::FromRow;

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
}
