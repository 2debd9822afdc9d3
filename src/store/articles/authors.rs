//! The authors of articles.

use crate::store::database::{Conn, Result, Tx, fetch_all, fetch_optional, fetch_scalar};
use sqlx::FromRow;

/// An author, with or without an actor of their own.
#[derive(Debug, Clone, FromRow)]
pub struct Author {
    pub id: i64,
    pub username: String,
    pub name: String,
    pub bio: String,
    pub federated: bool,
}

impl Conn {
    /// Returns the author that a byline names, by username or else by name.
    pub async fn author(&mut self, name: &str) -> Result<Option<Author>> {
        fetch_optional!(
            self,
            "SELECT id, username, name, bio, federated FROM authors WHERE username = $1 OR name = $1
             ORDER BY CASE WHEN username = $1 THEN 0 ELSE 1 END, id LIMIT 1",
            name
        )
    }

    pub async fn authors(&mut self) -> Result<Vec<Author>> {
        fetch_all!(
            self,
            "SELECT id, username, name, bio, federated FROM authors ORDER BY id"
        )
    }
}

impl Tx {
    pub async fn add_author(
        &mut self,
        username: &str,
        name: &str,
        bio: &str,
        federated: bool,
    ) -> Result<i64> {
        fetch_scalar!(
            self,
            "INSERT INTO authors (username, name, bio, federated) VALUES ($1, $2, $3, $4) RETURNING id",
            username,
            name,
            bio,
            federated
        )
    }
}
