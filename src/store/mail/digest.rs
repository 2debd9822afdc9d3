//! Comments and notices that wait for the next mail to the admin.

use super::{
    notices::Notice,
    notifications::{ToldComment, told},
};
use crate::store::database::{Conn, Result, on};
use sqlx::FromRow;

/// How much waits for a mail to the admin, up to the ids that are named.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct Unmailed {
    pub comments: i64,
    /// Of the comments, those that wait for a decision.
    pub held: i64,
    pub notices: i64,
    pub last_comment: i64,
    pub last_notice: i64,
}

impl Conn {
    /// The admin knows of a comment, having decided on it.
    pub async fn set_comment_told(&mut self, id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET untold = FALSE, unmailed = FALSE WHERE id = $1"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// How much waits for a mail to the admin. What was decided meanwhile is not counted.
    pub async fn unmailed(&mut self) -> Result<Unmailed> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM comments WHERE unmailed AND state IN ('visible', 'held')) AS comments,
                (SELECT COUNT(*) FROM comments WHERE unmailed AND state = 'held') AS held,
                (SELECT COUNT(*) FROM notices WHERE unmailed) AS notices,
                (SELECT COALESCE(MAX(id), 0) FROM comments WHERE unmailed) AS last_comment,
                (SELECT COALESCE(MAX(id), 0) FROM notices WHERE unmailed) AS last_notice"
        )
        .fetch_one(c)
        .await
        })?)
    }

    /// The first `limit` comments that wait for a mail to the admin; those that wait for a decision first.
    pub async fn unmailed_comments(&mut self, last: i64, limit: i64) -> Result<Vec<ToldComment>> {
        Ok(on!(self, |c| {
            sqlx::query_as(told!(
                " FROM comments c JOIN articles a ON a.id = c.article_id
             WHERE c.unmailed AND c.id <= $1 AND c.state IN ('visible', 'held')
             ORDER BY c.state, c.id LIMIT $2"
            ))
            .bind(last)
            .bind(limit)
            .fetch_all(c)
            .await
        })?)
    }

    pub async fn unmailed_notices(&mut self, last: i64, limit: i64) -> Result<Vec<Notice>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM notices WHERE unmailed AND id <= $1 ORDER BY id LIMIT $2"
        )
        .bind(last)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// The admin gets a mail about all up to these ids.
    pub async fn set_mailed(&mut self, last_comment: i64, last_notice: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET unmailed = FALSE WHERE unmailed AND id <= $1"
        )
        .bind(last_comment)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query(
            "UPDATE notices SET unmailed = FALSE WHERE unmailed AND id <= $1"
        )
        .bind(last_notice)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}
