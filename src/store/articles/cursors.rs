//! Positions in lists as text, for addresses.

use super::article::{Article, Cursor};
use std::fmt;

impl Cursor {
    /// Returns the position of an article.
    pub fn of(article: &Article) -> Cursor {
        Cursor {
            at: article.published_at,
            id: article.id,
        }
    }

    /// Parses `date-id`.
    pub fn read(text: &str) -> Option<Cursor> {
        let (at, id) = text.rsplit_once('-')?;
        Some(Cursor {
            at: at.parse().ok()?,
            id: id.parse().ok()?,
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.at, self.id)
    }
}
