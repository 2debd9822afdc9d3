//! Digests of the followers on each server (FEP-8fcf). A trigger deletes one when a follower is added or removed.

use crate::store::database::{Conn, Raw, Result, Tx, execute, fetch_all, fetch_scalars, to_json};
use futures_util::TryStreamExt;
use serde::Serialize;
use sqlx::FromRow;
use std::collections::BTreeSet;

/// The digest of a local actor's followers on the server of a destination; `""` if there are none.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct FollowerDigest {
    pub local_actor_id: i64,
    pub destination_id: i64,
    pub digest: String,
}

impl Conn {
    /// Returns the stored digests of these destinations.
    pub async fn follower_digests(
        &mut self,
        destination_ids: &[i64],
    ) -> Result<Vec<FollowerDigest>> {
        let ids = to_json(destination_ids);
        fetch_all!(
            self,
            [
                "SELECT local_actor_id, destination_id, digest FROM follower_digests
                 WHERE destination_id IN (SELECT value FROM json_each($1))",
                "SELECT local_actor_id, destination_id, digest FROM follower_digests
                 WHERE destination_id = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::json)))"
            ],
            ids
        )
    }

    /// Calls `each` with every accepted follower on these hosts: the id of the local actor, the host, and the
    /// follower's id.
    pub async fn each_follower_on(
        &mut self,
        hosts: &BTreeSet<&str>,
        mut each: impl FnMut(i64, String, String),
    ) -> Result<()> {
        macro_rules! run {
            ($list:literal, $c:expr) => {{
                let mut rows = sqlx::query_as(concat!(
                    "SELECT f.local_actor_id, a.host, a.uri FROM remote_actors a
                     JOIN followers f ON f.actor_id = a.id AND f.state = 'accepted'
                     WHERE a.host IN (SELECT value FROM ",
                    $list,
                    ")"
                ))
                .bind(to_json(hosts))
                .fetch($c);
                while let Some((actor, host, uri)) = rows.try_next().await? {
                    each(actor, host, uri);
                }
            }};
        }
        match self.raw() {
            Raw::Sqlite(c) => run!("json_each($1)", c),
            Raw::Postgres(c) => run!("json_array_elements_text($1::json)", c),
        }
        Ok(())
    }

    /// Returns the ids of an actor's accepted followers on one host.
    pub async fn followers_on(&mut self, local_actor_id: i64, host: &str) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            "SELECT a.uri FROM remote_actors a JOIN followers f ON f.actor_id = a.id
             WHERE a.host = $1 AND f.local_actor_id = $2 AND f.state = 'accepted' ORDER BY f.id",
            host,
            local_actor_id
        )
    }
}

impl Tx {
    /// Stores digests. They are deleted when a follower on their server is added or removed.
    pub async fn save_follower_digests(&mut self, rows: &[FollowerDigest]) -> Result<()> {
        let rows = to_json(rows);
        macro_rules! insert {
            ($source:literal) => {
                concat!(
                    "INSERT INTO follower_digests (local_actor_id, destination_id, digest) ",
                    $source,
                    " ON CONFLICT (local_actor_id, destination_id) DO UPDATE SET digest = excluded.digest"
                )
            };
        }
        execute!(
            self,
            [
                insert!(
                "SELECT value ->> 'local_actor_id', value ->> 'destination_id', value ->> 'digest'
                 FROM json_each($1) WHERE true"
            ),
                insert!(
                    "SELECT * FROM json_to_recordset($1::json)
                     AS r (local_actor_id bigint, destination_id bigint, digest text)"
                )
            ],
            rows
        )?;
        Ok(())
    }
}
