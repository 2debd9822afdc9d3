//! The versions of pages.

use crate::store::{
    articles::StaticPage,
    database::{Conn, Result, Tx, execute, fetch_all, fetch_scalar},
};
use sqlx::FromRow;

/// A version of a page. The newest one is what the page is now.
#[derive(Debug, Clone, FromRow)]
pub struct PageVersion {
    pub page_id: i64,
    /// From 1, for each page.
    pub number: i64,
    /// `None` for what was there before versions were kept.
    pub made_at: Option<i64>,
    pub made_by: Option<String>,
    pub slug: String,
    pub title: String,
    pub markdown: String,
    pub summary: Option<String>,
    pub language: Option<String>,
    pub menu: Option<String>,
    pub position: i64,
    pub image_url: Option<String>,
    pub image_alt: Option<String>,
}

impl PageVersion {
    /// Returns the page as it was.
    pub fn into_page(self) -> StaticPage {
        StaticPage {
            id: self.page_id,
            slug: self.slug,
            title: self.title,
            markdown: self.markdown,
            summary: self.summary,
            language: self.language,
            menu: self.menu,
            position: self.position,
            image_url: self.image_url,
            image_alt: self.image_alt,
            created_at: self.made_at.unwrap_or_default(),
            updated_at: self.made_at,
        }
    }
}

impl Conn {
    /// Returns the versions of a page, the newest first.
    pub async fn page_versions(&mut self, page_id: i64) -> Result<Vec<PageVersion>> {
        fetch_all!(
            self,
            "SELECT * FROM page_versions WHERE page_id = $1 ORDER BY id DESC",
            page_id
        )
    }

    /// Returns the id of a page's newest version; 0 if it has none.
    pub async fn last_page_version(&mut self, page_id: i64) -> Result<i64> {
        fetch_scalar!(
            self,
            "SELECT COALESCE(MAX(id), 0) FROM page_versions WHERE page_id = $1",
            page_id
        )
    }
}

impl Tx {
    /// Stores who made the versions of a page with ids above `after`.
    pub async fn sign_page_versions(&mut self, page_id: i64, after: i64, who: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE page_versions SET made_by = $3 WHERE page_id = $1 AND id > $2",
            page_id,
            after,
            who
        )?;
        Ok(())
    }
}
