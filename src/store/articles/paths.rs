//! The current and former paths of articles. Every path of an article stays valid.

use crate::store::database::{Conn, Result, Tx, execute, fetch_optional_scalar, fetch_scalars};

impl Conn {
    /// Returns the uid of the last article at a path, even if the article is deleted.
    pub async fn article_uid_at(&mut self, path: &str) -> Result<Option<String>> {
        fetch_optional_scalar!(
            self,
            "SELECT article_uid FROM article_paths WHERE path = $1",
            path
        )
    }

    /// Returns the uid of another article than `uid` that had an address with this slug, even if it is deleted.
    pub async fn article_with_former_slug(
        &mut self,
        slug: &str,
        uid: &str,
    ) -> Result<Option<String>> {
        fetch_optional_scalar!(
            self,
            "SELECT article_uid FROM article_paths WHERE path LIKE $1 AND article_uid <> $2 LIMIT 1",
            format!("%/{slug}"),
            uid
        )
    }
}

impl Conn {
    /// Returns up to `limit` paths after `after` that articles, pages and tags have or had, in the order of the database. Those
    /// that other software gave away may have a query.
    pub async fn all_former_paths(&mut self, after: &str, limit: i64) -> Result<Vec<String>> {
        fetch_scalars!(
            self,
            "SELECT path FROM (SELECT path FROM article_paths
                UNION SELECT '/' || slug FROM page_slugs
                UNION SELECT '/tags/' || folded FROM former_tags
                UNION SELECT address FROM addresses WHERE address LIKE '/%' AND address NOT LIKE '//%') AS paths
             WHERE path > $1 ORDER BY path LIMIT $2",
            after,
            limit
        )
    }
}

impl Tx {
    /// Stores which article is at a path, in place of an earlier one.
    pub async fn save_article_path(&mut self, path: &str, article_uid: &str) -> Result<()> {
        execute!(
            self,
            "INSERT INTO article_paths (path, article_uid) VALUES ($1, $2)
             ON CONFLICT (path) DO UPDATE SET article_uid = excluded.article_uid",
            path,
            article_uid
        )?;
        Ok(())
    }

    /// Stores a former path of an article, unless another article has it.
    pub async fn add_former_path(&mut self, path: &str, article_id: i64) -> Result<()> {
        execute!(
            self,
            "INSERT INTO article_paths (path, article_uid) SELECT $1, uid FROM articles WHERE id = $2
             ON CONFLICT (path) DO NOTHING",
            path,
            article_id
        )?;
        Ok(())
    }

    /// Moves the paths and other addresses of an article to its new uid. Its ActivityPub id stays that of the old uid.
    pub async fn move_article_paths(&mut self, old_uid: &str, new_uid: &str) -> Result<()> {
        self.move_addresses(old_uid, new_uid).await?;
        execute!(
            self,
            "UPDATE article_paths SET article_uid = $2 WHERE article_uid = $1",
            old_uid,
            new_uid
        )?;
        Ok(())
    }
}
