//! The article at a permalink.

use crate::{
    node::{permalinks, urls::permalink_path},
    store::{Article, Conn, Publication, StoreError},
};

/// The longest path that an article may have had, in bytes.
const MAX_PATH: usize = 500;

/// The resource at a permalink.
pub(crate) enum Permalink {
    Article(Box<Article>),
    /// The article's current path.
    Moved(String),
    /// No visible article. If the last one there was federated, its publication.
    Absent(Option<Publication>),
}

/// Finds the resource at a path, which ends with a slug.
pub(crate) async fn find(conn: &mut Conn, slug: &str, path: &str) -> Result<Permalink, StoreError> {
    let Some(uid) = permalinks::uid_at(conn, slug, path).await? else {
        return Ok(Permalink::Absent(None));
    };
    let article = conn.article_by_uid(&uid).await?;
    let Some(article) = article.filter(Article::is_visible) else {
        return Ok(Permalink::Absent(conn.publication(&uid).await?));
    };
    let current = permalink_path(article.published_at, &article.slug);
    Ok(if current == path {
        Permalink::Article(Box::new(article))
    } else {
        Permalink::Moved(current)
    })
}

/// Returns the current path of the visible article that was at a path before, for instance on another site.
///
/// # Errors
/// If the database fails.
pub(crate) async fn moved_from(conn: &mut Conn, path: &str) -> Result<Option<String>, StoreError> {
    if path.len() > MAX_PATH {
        return Ok(None);
    }
    let Some(uid) = conn.article_uid_at(path).await? else {
        return Ok(None);
    };
    let article = conn.article_by_uid(&uid).await?;
    Ok(article
        .filter(Article::is_visible)
        .map(|article| permalink_path(article.published_at, &article.slug))
        .filter(|current| current != path))
}
