//! The private keys of our actors. They live in the database so that several nodes can sign.

use super::{Conn, Result, conn::on};
use sqlx::FromRow;

/// A private key as it is stored (PKCS#8, DER).
#[derive(FromRow)]
pub struct StoredKey {
    pub algorithm: String,
    pub pkcs8: Vec<u8>,
}

impl Conn {
    pub async fn local_keys_of(&mut self, local_actor_id: i64) -> Result<Vec<StoredKey>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT algorithm, pkcs8 FROM local_keys WHERE local_actor_id = $1 ORDER BY id"
        )
        .bind(local_actor_id)
        .fetch_all(c)
        .await)?)
    }

    pub async fn add_local_key(
        &mut self,
        local_actor_id: i64,
        algorithm: &str,
        pkcs8: &[u8],
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "INSERT INTO local_keys (local_actor_id, algorithm, pkcs8, created_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(local_actor_id)
        .bind(algorithm)
        .bind(pkcs8)
        .bind(super::now())
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }
}
