//! Resolves an id in an incoming activity to a local article, or to a comment on one.

use crate::{
    node::{
        permalinks,
        urls::{Named, Urls, resolve},
    },
    store::{ArticleHeader, Comment, CommentState, Conn, Result},
};

/// An article, or a comment on it.
#[derive(Debug)]
pub struct Target {
    pub article: ArticleHeader,
    pub comment: Option<Comment>,
}

impl Target {
    pub fn comment_id(&self) -> Option<i64> {
        self.comment.as_ref().map(|comment| comment.id)
    }

    /// Returns whether readers can see it.
    pub fn is_visible(&self) -> bool {
        self.article.is_visible()
            && self
                .comment
                .as_ref()
                .is_none_or(|comment| comment.state == CommentState::Visible)
    }
}

/// Finds a target by its local id, its current or former address, or the id or address of a known comment.
pub async fn find(conn: &mut Conn, urls: &Urls, uri: &str) -> Result<Option<Target>> {
    let own = resolve(conn, urls, uri).await?;
    match urls.read(&own) {
        Some(Named::Comment { article, number }) => {
            let Some(article) = find_article(conn, &article).await? else {
                return Ok(None);
            };
            let comment = conn.comment_by_number(article.id, number).await?;
            Ok(comment.map(|comment| Target {
                article,
                comment: Some(comment),
            }))
        }
        Some(Named::Note(uid)) => match find_comment(conn, &urls.note(&uid)).await? {
            Some(found) => Ok(Some(found)),
            // It was published on a former domain.
            None => find_comment(conn, uri).await,
        },
        // An address that no one knows can be the id of a comment from other software, such as `/?c=5`.
        None => find_comment(conn, uri).await,
        Some(named) => {
            let article = find_article(conn, &named).await?;
            Ok(article.map(|article| Target {
                article,
                comment: None,
            }))
        }
    }
}

async fn find_article(conn: &mut Conn, named: &Named) -> Result<Option<ArticleHeader>> {
    match permalinks::article_uid(conn, named).await? {
        Some(uid) => conn.article_header_by_uid(&uid).await,
        None => Ok(None),
    }
}

async fn find_comment(conn: &mut Conn, uri: &str) -> Result<Option<Target>> {
    let Some(comment) = conn.comment_by_uri(uri).await? else {
        return Ok(None);
    };
    let article = conn.article_header_by_id(comment.article_id).await?;
    Ok(article.map(|article| Target {
        article,
        comment: Some(comment),
    }))
}
