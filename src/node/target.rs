//! Resolves an id in an incoming activity to a local article, or to a comment on one.

use crate::{
    node::{
        permalinks,
        urls::{Named, Urls, resolve},
    },
    store::{ArticleHeader, Comment, CommentState, Conn, Result},
};
use std::collections::HashMap;

/// An article, or a comment on it.
#[derive(Debug)]
pub struct Target {
    pub article: ArticleHeader,
    pub comment: Option<Comment>,
}

impl Target {
    fn of_article(article: ArticleHeader) -> Self {
        Target {
            article,
            comment: None,
        }
    }

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

/// Finds the targets at several addresses, by these: see [`find`]. All those that are named by a computed id, or by the id
/// of a stored comment, take three statements together.
pub async fn find_all(
    conn: &mut Conn,
    urls: &Urls,
    uris: &[&str],
) -> Result<HashMap<String, Target>> {
    let (mut articles, mut comments, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for &uri in uris {
        match urls.read(uri) {
            _ if !urls.address_candidates(uri).is_empty() => others.push(uri),
            Some(Named::Article(uid)) => articles.push((uri, uid)),
            Some(_) => others.push(uri),
            None => comments.push(uri),
        }
    }
    let mut found = find_articles(conn, articles).await?;
    let stored = find_comments(conn, &comments).await?;
    // The address of a comment's page may stand for it too.
    others.extend(comments.iter().filter(|uri| !stored.contains_key(**uri)));
    found.extend(stored);
    for uri in others {
        if let Some(target) = find(conn, urls, uri).await? {
            found.insert(uri.to_owned(), target);
        }
    }
    Ok(found)
}

/// Finds the articles with some uids, by the addresses that name them.
async fn find_articles(
    conn: &mut Conn,
    named: Vec<(&str, String)>,
) -> Result<HashMap<String, Target>> {
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let uids: Vec<&str> = named.iter().map(|(_, uid)| uid.as_str()).collect();
    let articles = conn.article_headers_by_uids(&uids).await?;
    let articles: HashMap<&str, &ArticleHeader> = articles
        .iter()
        .map(|article| (article.uid.as_str(), article))
        .collect();
    let found = named.iter().filter_map(|(uri, uid)| {
        let article = articles.get(uid.as_str())?;
        Some(((*uri).to_owned(), Target::of_article((*article).clone())))
    });
    Ok(found.collect())
}

/// Finds the comments with some ids, by these.
async fn find_comments(conn: &mut Conn, ids: &[&str]) -> Result<HashMap<String, Target>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let comments = conn.comments_by_uris(ids).await?;
    let articles: Vec<i64> = comments
        .values()
        .map(|comment| comment.article_id)
        .collect();
    let articles = conn.article_headers_by_ids(&articles).await?;
    let articles: HashMap<i64, &ArticleHeader> = articles
        .iter()
        .map(|article| (article.id, article))
        .collect();
    let found = comments.into_iter().filter_map(|(uri, comment)| {
        let article = articles.get(&comment.article_id)?;
        let target = Target {
            article: (*article).clone(),
            comment: Some(comment),
        };
        Some((uri, target))
    });
    Ok(found.collect())
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
