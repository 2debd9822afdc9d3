//! Static pages, such as About, Contact and Imprint. The table is public: other programs read and write it.

use crate::store::database::{
    Conn, Result, Tx, execute, fetch_all, fetch_optional, fetch_scalar, now,
};
use sqlx::FromRow;

/// The maximum number of pages in a menu.
const MAX_IN_MENU: i64 = 50;

/// A row of `pages`.
#[derive(Debug, Clone, FromRow)]
pub struct StaticPage {
    pub id: i64,
    pub slug: String,
    pub title: String,
    pub markdown: String,
    pub summary: Option<String>,
    pub language: Option<String>,
    /// `header`, `footer`, or `None` if no menu links to it.
    pub menu: Option<String>,
    /// Smaller numbers come first in the menu.
    pub position: i64,
    pub image_url: Option<String>,
    pub image_alt: Option<String>,
    pub created_at: i64,
    pub updated_at: Option<i64>,
}

/// The properties of a page that its writer sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFields {
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

impl From<&StaticPage> for PageFields {
    fn from(page: &StaticPage) -> Self {
        PageFields {
            slug: page.slug.clone(),
            title: page.title.clone(),
            markdown: page.markdown.clone(),
            summary: page.summary.clone(),
            language: page.language.clone(),
            menu: page.menu.clone(),
            position: page.position,
            image_url: page.image_url.clone(),
            image_alt: page.image_alt.clone(),
        }
    }
}

/// A page as a menu shows it.
#[derive(Debug, Clone, FromRow)]
pub struct MenuEntry {
    pub slug: String,
    pub title: String,
    pub language: Option<String>,
    pub menu: String,
}

/// The page that had a slug before.
#[derive(Debug, Clone, FromRow)]
pub struct FormerPage {
    /// Its present slug; `None` if it was deleted.
    pub slug: Option<String>,
    /// The time at which it was deleted.
    pub gone_at: Option<i64>,
}

impl Conn {
    pub async fn page_by_slug(&mut self, slug: &str) -> Result<Option<StaticPage>> {
        fetch_optional!(self, "SELECT * FROM pages WHERE slug = $1", slug)
    }

    /// Returns the page that had a slug before.
    pub async fn former_page(&mut self, slug: &str) -> Result<Option<FormerPage>> {
        fetch_optional!(
            self,
            "SELECT p.slug, s.gone_at FROM page_slugs s LEFT JOIN pages p ON p.id = s.page_id WHERE s.slug = $1",
            slug
        )
    }

    /// Returns the next `limit` pages with ids above `after`.
    pub async fn pages(&mut self, after: i64, limit: i64) -> Result<Vec<StaticPage>> {
        fetch_all!(
            self,
            "SELECT * FROM pages WHERE id > $1 ORDER BY id LIMIT $2",
            after,
            limit
        )
    }

    /// Returns the pages in menus, in their order.
    pub async fn menu_entries(&mut self) -> Result<Vec<MenuEntry>> {
        fetch_all!(
            self,
            "SELECT slug, title, language, menu FROM pages WHERE menu IS NOT NULL ORDER BY position, id LIMIT $1",
            MAX_IN_MENU
        )
    }
}

impl Tx {
    /// Adds a page. Returns its id. A trigger adds its slug to `page_slugs`.
    pub async fn add_page(&mut self, fields: &PageFields) -> Result<i64> {
        fetch_scalar!(
            self,
            "INSERT INTO pages (slug, title, markdown, summary, language, menu, position, image_url, image_alt)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
            &fields.slug,
            &fields.title,
            &fields.markdown,
            &fields.summary,
            &fields.language,
            &fields.menu,
            fields.position,
            &fields.image_url,
            &fields.image_alt
        )
    }

    pub async fn update_page(&mut self, id: i64, fields: &PageFields) -> Result<()> {
        execute!(
            self,
            "UPDATE pages SET slug = $2, title = $3, markdown = $4, summary = $5, language = $6, menu = $7,
                position = $8, image_url = $9, image_alt = $10, updated_at = $11 WHERE id = $1",
            id,
            &fields.slug,
            &fields.title,
            &fields.markdown,
            &fields.summary,
            &fields.language,
            &fields.menu,
            fields.position,
            &fields.image_url,
            &fields.image_alt,
            now()
        )?;
        Ok(())
    }

    pub async fn set_page_slug(&mut self, id: i64, slug: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE pages SET slug = $2, updated_at = $3 WHERE id = $1",
            id,
            slug,
            now()
        )?;
        Ok(())
    }

    /// Deletes a page. A trigger notes the time for its former addresses.
    pub async fn delete_page(&mut self, id: i64) -> Result<()> {
        execute!(self, "DELETE FROM pages WHERE id = $1", id)?;
        Ok(())
    }
}
