//! Authors: the people whose names stand under articles.

use crate::store::database::{Conn, Result, on};
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
    /// The author that a byline names, by username or by name.
    pub async fn author(&mut self, name: &str) -> Result<Option<Author>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT id, username, name, bio, federated FROM authors WHERE username = $1 OR name = $1
             ORDER BY CASE WHEN username = $1 THEN 0 ELSE 1 END, id LIMIT 1"
        )
        .bind(name)
        .fetch_optional(c)
        .await
        })?)
    }

    pub async fn authors(&mut self) -> Result<Vec<Author>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT id, username, name, bio, federated FROM authors ORDER BY id"
        )
        .fetch_all(c)
        .await)?)
    }

    pub async fn add_author(
        &mut self,
        username: &str,
        name: &str,
        bio: &str,
        federated: bool,
    ) -> Result<i64> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "INSERT INTO authors (username, name, bio, federated) VALUES ($1, $2, $3, $4) RETURNING id"
        )
        .bind(username)
        .bind(name)
        .bind(bio)
        .bind(federated)
        .fetch_one(c)
        .await
        })?)
    }
}
