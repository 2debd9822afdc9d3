//! Resolves an address to an article: the current one there, or else the last former one.

use super::urls::{Named, permalink_path};
use crate::store::{Conn, Result};

/// Returns the uid of the article at one of our addresses, even if it was withdrawn.
pub async fn article_uid(conn: &mut Conn, named: &Named) -> Result<Option<String>> {
    match named {
        Named::Article(uid) => Ok(Some(uid.clone())),
        Named::Permalink { slug, path } => uid_at(conn, slug, path).await,
        _ => Ok(None),
    }
}

/// Returns the uid of the article at a path, which ends with a slug.
///
/// A visible article with that path takes precedence, then the last one that had it. Failing both, the slug alone
/// decides, whatever the date.
pub async fn uid_at(conn: &mut Conn, slug: &str, path: &str) -> Result<Option<String>> {
    let named = conn.article_header_by_slug(slug).await?;
    if let Some(article) = &named
        && article.is_visible()
        && permalink_path(article.published_at, slug) == path
    {
        return Ok(Some(article.uid.clone()));
    }
    let former = conn.article_uid_at(path).await?;
    Ok(former.or(named.map(|article| article.uid)))
}
