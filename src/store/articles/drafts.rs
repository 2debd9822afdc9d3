//! Drafts: their secret links, of which only the end is stored, and whether they have a date of their own.

use crate::store::database::{Conn, Result, Tx, execute, fetch_optional_scalar};

impl Conn {
    /// Returns how often the links to an article were revoked. Valid links contain this number.
    pub async fn revoked_draft_links(&mut self, article_id: i64) -> Result<i64> {
        let revoked = fetch_optional_scalar!(
            self,
            "SELECT revoked FROM draft_links WHERE article_id = $1",
            article_id
        )?;
        Ok(revoked.unwrap_or(0))
    }
}

impl Tx {
    /// Ends all links to an article.
    pub async fn revoke_draft_links(&mut self, article_id: i64) -> Result<()> {
        execute!(
            self,
            "INSERT INTO draft_links (article_id, revoked) VALUES ($1, 1)
             ON CONFLICT (article_id) DO UPDATE SET revoked = draft_links.revoked + 1",
            article_id
        )?;
        Ok(())
    }

    /// Notes whether a draft has no date of its own, so that it gets that of its publication.
    pub async fn set_undated(&mut self, article_id: i64, is_undated: bool) -> Result<()> {
        if is_undated {
            execute!(
                self,
                "INSERT INTO undated_drafts (article_id) VALUES ($1) ON CONFLICT DO NOTHING",
                article_id
            )?;
        } else {
            execute!(
                self,
                "DELETE FROM undated_drafts WHERE article_id = $1",
                article_id
            )?;
        }
        Ok(())
    }
}
