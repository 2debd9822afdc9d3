//! Positions in lists as text, for addresses.

use super::{
    article::{Article, Cursor},
    tags::{PostCursor, PostKind},
};
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

impl PostCursor {
    /// Parses `date-id` of an article, or `date-nid` of a note.
    pub fn read(text: &str) -> Option<PostCursor> {
        let (at, post) = text.rsplit_once('-')?;
        let (kind, id) = match post.strip_prefix('n') {
            Some(id) => (PostKind::Note, id),
            None => (PostKind::Article, post),
        };
        Some(PostCursor {
            at: at.parse().ok()?,
            kind,
            id: id.parse().ok()?,
        })
    }
}

impl fmt::Display for PostCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            PostKind::Note => "n",
            PostKind::Article => "",
        };
        write!(f, "{}-{kind}{}", self.at, self.id)
    }
}
