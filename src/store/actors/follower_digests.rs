//! Digests of who follows from where (FEP-8fcf). Triggers forget them when a follower comes or goes.

use crate::store::database::{Conn, Raw, Result, on};
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
    /// What is known for these destinations.
    pub async fn follower_digests(
        &mut self,
        destination_ids: &[i64],
    ) -> Result<Vec<FollowerDigest>> {
        let ids = serde_json::to_string(destination_ids).unwrap_or_default();
        Ok(match self.raw() {
            Raw::Sqlite(c) => {
                sqlx::query_as(
                    "SELECT local_actor_id, destination_id, digest FROM follower_digests
                     WHERE destination_id IN (SELECT value FROM json_each($1))",
                )
                .bind(ids)
                .fetch_all(c)
                .await?
            }
            Raw::Postgres(c) => {
                sqlx::query_as(
                    "SELECT local_actor_id, destination_id, digest FROM follower_digests
                     WHERE destination_id = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::json)))",
                )
                .bind(ids)
                .fetch_all(c)
                .await?
            }
        })
    }

    /// Calls `each` with every accepted follower on these hosts, one after the other: local actor, host
    /// and the follower's id.
    pub async fn each_follower_on(
        &mut self,
        hosts: &BTreeSet<&str>,
        mut each: impl FnMut(i64, String, String),
    ) -> Result<()> {
        let hosts = serde_json::to_string(hosts).unwrap_or_default();
        macro_rules! select {
            ($list:literal) => {
                concat!(
                    "SELECT f.local_actor_id, a.host, a.uri FROM remote_actors a
                     JOIN followers f ON f.actor_id = a.id AND f.state = 'accepted'
                     WHERE a.host IN (",
                    $list,
                    ")"
                )
            };
        }
        macro_rules! run {
            ($statement:expr, $c:expr) => {{
                let mut rows = sqlx::query_as($statement).bind(hosts).fetch($c);
                while let Some((actor, host, uri)) = rows.try_next().await? {
                    each(actor, host, uri);
                }
            }};
        }
        match self.raw() {
            Raw::Sqlite(c) => run!(select!("SELECT value FROM json_each($1)"), c),
            Raw::Postgres(c) => run!(
                select!("SELECT value FROM json_array_elements_text($1::json)"),
                c
            ),
        }
        Ok(())
    }

    /// The ids of an actor's accepted followers on one host.
    pub async fn followers_on(&mut self, local_actor_id: i64, host: &str) -> Result<Vec<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT a.uri FROM remote_actors a JOIN followers f ON f.actor_id = a.id
             WHERE a.host = $1 AND f.local_actor_id = $2 AND f.state = 'accepted' ORDER BY f.id"
        )
        .bind(host)
        .bind(local_actor_id)
        .fetch_all(c)
        .await)?)
    }

    /// Keeps digests until a follower on their server comes or goes.
    pub async fn save_follower_digests(&mut self, rows: &[FollowerDigest]) -> Result<()> {
        let rows = serde_json::to_string(rows).unwrap_or_default();
        macro_rules! insert {
            ($source:literal) => {
                concat!(
                    "INSERT INTO follower_digests (local_actor_id, destination_id, digest) ",
                    $source,
                    " ON CONFLICT (local_actor_id, destination_id) DO UPDATE SET digest = excluded.digest"
                )
            };
        }
        match self.raw() {
            Raw::Sqlite(c) => sqlx::query(insert!(
                "SELECT value ->> 'local_actor_id', value ->> 'destination_id', value ->> 'digest'
                 FROM json_each($1) WHERE true"
            ))
            .bind(rows)
            .execute(c)
            .await
            .map(drop)?,
            Raw::Postgres(c) => sqlx::query(insert!(
                "SELECT * FROM json_to_recordset($1::json)
                    AS r (local_actor_id bigint, destination_id bigint, digest text)"
            ))
            .bind(rows)
            .execute(c)
            .await
            .map(drop)?,
        }
        Ok(())
    }
}
