//! Words and patterns that hold a comment back.

use crate::store::database::{Conn, Result, now, on};
use sqlx::FromRow;

/// How a filter's text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterKind {
    /// Whole words.
    Word,
    /// A regular expression.
    Pattern,
}

impl FilterKind {
    pub fn as_str(self) -> &'static str {
        match self {
            FilterKind::Word => "word",
            FilterKind::Pattern => "pattern",
        }
    }
}

impl TryFrom<String> for FilterKind {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        match text.as_str() {
            "word" => Ok(FilterKind::Word),
            "pattern" => Ok(FilterKind::Pattern),
            _ => Err(format!("unknown kind of filter: {text}")),
        }
    }
}

/// What becomes of a comment in which it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterAction {
    Hold,
    Spam,
}

impl FilterAction {
    pub fn as_str(self) -> &'static str {
        match self {
            FilterAction::Hold => "hold",
            FilterAction::Spam => "spam",
        }
    }
}

impl TryFrom<String> for FilterAction {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        match text.as_str() {
            "hold" => Ok(FilterAction::Hold),
            "spam" => Ok(FilterAction::Spam),
            _ => Err(format!("unknown action of a filter: {text}")),
        }
    }
}

/// A row of `filters`.
#[derive(Debug, Clone, FromRow)]
pub struct Filter {
    pub id: i64,
    #[sqlx(try_from = "String")]
    pub kind: FilterKind,
    pub value: String,
    #[sqlx(try_from = "String")]
    pub action: FilterAction,
    pub created_at: i64,
}

impl Conn {
    pub async fn filters(&mut self) -> Result<Vec<Filter>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM filters ORDER BY id"
        )
        .fetch_all(c)
        .await)?)
    }

    /// Stores a filter, in place of the same with another action; under a new id, by which others notice it.
    pub async fn add_filter(
        &mut self,
        kind: FilterKind,
        value: &str,
        action: FilterAction,
    ) -> Result<()> {
        self.remove_filter(kind, value).await?;
        on!(self, |c| sqlx::query(
            "INSERT INTO filters (kind, value, action, created_at) VALUES ($1, $2, $3, $4)"
        )
        .bind(kind.as_str())
        .bind(value)
        .bind(action.as_str())
        .bind(now())
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// False if there is no such filter.
    pub async fn remove_filter(&mut self, kind: FilterKind, value: &str) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query(
            "DELETE FROM filters WHERE kind = $1 AND value = $2"
        )
        .bind(kind.as_str())
        .bind(value)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }
}
