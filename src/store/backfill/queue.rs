//! Claims, postpones and finishes the queued fetches of posts.

use crate::{
    content::registrable_domain,
    protocol::canonical_id,
    store::database::{Conn, Result, Tx, execute, fetch_all, fetch_scalar, is_id, now, to_json},
};
use sqlx::FromRow;

/// A post of another server to be fetched.
#[derive(Debug, Clone, FromRow)]
pub struct Lookup {
    pub uri: String,
    /// The registrable domain of the host that named it.
    pub domain: String,
    /// The host that it waits for, and its registrable domain.
    pub asked: String,
    pub asked_domain: String,
    pub root: String,
    pub found_below: Option<String>,
    /// The number of attempts so far.
    pub attempts: i64,
}

/// Hosts, domains and roots that have as many lookups in progress as they may.
#[derive(Debug, Default)]
pub struct BusyLookups {
    pub asked: Vec<String>,
    pub asked_domains: Vec<String>,
    pub domains: Vec<String>,
    pub roots: Vec<String>,
}

/// Selects due lookups by importance, so that no root, host or domain has more than its share of a batch. This is a
/// macro, since sqlx takes literals.
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
    /// Returns up to `limit` due lookups, the most important first, except those of a busy host, domain or root. At
    /// most `of_asked` wait for one host and `of_domain` for one domain; each has another root.
    pub async fn due_lookups(
        &mut self,
        busy: &BusyLookups,
        of_asked: i64,
        of_domain: i64,
        limit: i64,
    ) -> Result<Vec<Lookup>> {
        let list = |texts: &[String]| to_json(texts);
        fetch_all!(
            self,
            [
                candidates!("json_each", ""),
                candidates!("json_array_elements_text", "::json")
            ],
            now(),
            list(&busy.asked),
            list(&busy.asked_domains),
            list(&busy.domains),
            list(&busy.roots),
            of_asked,
            of_domain,
            limit
        )
    }

    /// Returns whether an activity named a lookup after a `replies` collection listed it.
    pub async fn was_named_by_activity(&mut self, uri: &str) -> Result<bool> {
        fetch_scalar!(
            self,
            "SELECT EXISTS (SELECT 1 FROM lookups WHERE uri = $1 AND found_below IS NULL)",
            uri
        )
    }

    /// Returns whether a root has lookups that are due before `time`.
    pub async fn has_lookups_of(&mut self, root: &str, time: i64) -> Result<bool> {
        fetch_scalar!(
            self,
            "SELECT EXISTS (SELECT 1 FROM lookups WHERE root = $1 AND next_attempt_at < $2)",
            root,
            time
        )
    }
}

impl Tx {
    /// Claims a lookup that is still due; it is due again at `until`. Returns false if another node did.
    pub async fn claim_lookup(&mut self, uri: &str, until: i64) -> Result<bool> {
        Ok(execute!(
            self,
            "UPDATE lookups SET next_attempt_at = $1, attempts = attempts + 1
             WHERE uri = $3 AND next_attempt_at <= $2",
            until,
            now(),
            uri
        )? > 0)
    }

    pub async fn postpone_lookup(&mut self, uri: &str, until: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE lookups SET next_attempt_at = $2 WHERE uri = $1",
            uri,
            until
        )?;
        Ok(())
    }

    /// Makes a claimed lookup wait for another host, which was not contacted. The attempt does not count.
    pub async fn postpone_for_host(&mut self, uri: &str, host: &str, until: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE lookups SET next_attempt_at = $2, asked = $3, asked_domain = $4, attempts = attempts - 1
             WHERE uri = $1",
            uri,
            until,
            host,
            registrable_domain(host)
        )?;
        Ok(())
    }

    /// Postpones a claimed lookup whose host failed, and all others that wait for that host. Deletes those with `most`
    /// failed attempts.
    pub async fn postpone_host(
        &mut self,
        uri: &str,
        host: &str,
        until: i64,
        most: i64,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE lookups SET asked = $2, asked_domain = $3, next_attempt_at = $4 WHERE uri = $1",
            uri,
            host,
            registrable_domain(host),
            until
        )?;
        execute!(
            self,
            "UPDATE lookups SET next_attempt_at = $2, attempts = attempts + 1
             WHERE asked = $1 AND next_attempt_at < $2",
            host,
            until
        )?;
        execute!(
            self,
            "DELETE FROM lookups WHERE asked = $1 AND attempts >= $2",
            host,
            most
        )?;
        Ok(())
    }

    /// Postpones a claimed lookup whose root has used up its requests, and all others of that root. The attempt does
    /// not count.
    pub async fn postpone_root(&mut self, uri: &str, root: &str, until: i64) -> Result<()> {
        execute!(
            self,
            "UPDATE lookups SET next_attempt_at = $3,
                attempts = CASE WHEN uri = $1 THEN attempts - 1 ELSE attempts END
             WHERE uri = $1 OR (root = $2 AND next_attempt_at < $3)",
            uri,
            root,
            until
        )?;
        Ok(())
    }

    pub async fn finish_lookup(&mut self, uri: &str) -> Result<()> {
        execute!(
            self,
            concat!(
                "DELETE FROM lookups WHERE uri = $2 OR ",
                is_id!("uri", "$1")
            ),
            canonical_id(uri).as_ref(),
            uri
        )?;
        Ok(())
    }
}
