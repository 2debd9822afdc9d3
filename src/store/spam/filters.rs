//! Words and patterns by which comments are held or marked as spam.

use crate::store::database::{Conn, Result, Tx, execute, fetch_all, now, text_enum};
use sqlx::FromRow;

text_enum! {
    /// How a filter matches.
    pub enum FilterKind ("kind of filter") {
        /// Whole words.
        Word = "word",
        /// A regular expression.
        Pattern = "pattern",
    }
}

text_enum! {
    /// What happens to a comment that matches.
    pub enum FilterAction ("action of a filter") {
        Hold = "hold",
        Spam = "spam",
    }
}

/// A row of `filters`.
#[derive(Debug, Clone, FromRow)]
pub struct Filter {
    pub id: i64,
    pub kind: FilterKind,
    pub value: String,
    pub action: FilterAction,
    pub created_at: i64,
}

impl Conn {
    pub async fn filters(&mut self) -> Result<Vec<Filter>> {
        fetch_all!(self, "SELECT * FROM filters ORDER BY id")
    }
}

impl Tx {
    /// Stores a filter, in place of one with the same text. Its new id shows the change to other nodes.
    pub async fn add_filter(
        &mut self,
        kind: FilterKind,
        value: &str,
        action: FilterAction,
    ) -> Result<()> {
        self.remove_filter(kind, value).await?;
        execute!(
            self,
            "INSERT INTO filters (kind, value, action, created_at) VALUES ($1, $2, $3, $4)",
            kind.as_str(),
            value,
            action.as_str(),
            now()
        )?;
        Ok(())
    }

    /// Removes a filter. Returns false if there is none.
    pub async fn remove_filter(&mut self, kind: FilterKind, value: &str) -> Result<bool> {
        Ok(execute!(
            self,
            "DELETE FROM filters WHERE kind = $1 AND value = $2",
            kind.as_str(),
            value
        )? > 0)
    }
}
