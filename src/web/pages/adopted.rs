//! Pages at addresses that other software served before.

use crate::{
    node::urls::Named,
    protocol::AddressCandidate,
    store::{Article, Conn},
    web::{
        app::App,
        response::{WebError, moved, vary_by_accept},
    },
};
use axum::{http::Uri, response::Response};

/// Redirects a reader from an address that is not computed, if it is known.
pub(crate) async fn redirect(
    app: &App,
    conn: &mut Conn,
    uri: &Uri,
) -> Result<Option<Response>, WebError> {
    let urls = app.node.urls();
    let candidates = urls.candidates_at(urls.host(), uri.path(), uri.query());
    let target = page_at(app, conn, &candidates).await?;
    Ok(target.map(|target| vary_by_accept(moved(&target))))
}

/// Returns the page for readers at the first known one of some stored addresses.
pub(in crate::web) async fn page_at(
    app: &App,
    conn: &mut Conn,
    candidates: &[AddressCandidate],
) -> Result<Option<String>, WebError> {
    match conn.path_at(candidates).await? {
        Some(path) => page_of(app, conn, &path).await,
        None => Ok(None),
    }
}

/// Returns the page for readers of a path here, such as `/articles/UID`. It is `None` for an article that has none.
pub(in crate::web) async fn page_of(
    app: &App,
    conn: &mut Conn,
    path: &str,
) -> Result<Option<String>, WebError> {
    let urls = app.node.urls();
    let named = urls.read(&urls.at(path));
    let (named, fragment) = match named {
        Some(Named::Comment { article, number }) => (Some(*article), format!("#comment-{number}")),
        named => (named, String::new()),
    };
    Ok(match named {
        Some(Named::Article(uid)) => {
            let article = article_now(conn, &uid).await?;
            article.map(|article| format!("{}{fragment}", urls.permalink(&article)))
        }
        Some(Named::Actor(username)) => {
            let row = conn.local_actor(&username).await?;
            row.map(|row| urls.profile(row.kind, &row.username))
        }
        _ => Some(urls.at(path)),
    })
}

/// Returns the visible article with this uid, or the one that it became when it was published again.
async fn article_now(conn: &mut Conn, uid: &str) -> Result<Option<Article>, WebError> {
    if let Some(article) = conn.article_by_uid(uid).await? {
        return Ok(Some(article).filter(Article::is_visible));
    }
    let Some(publication) = conn.publication(uid).await? else {
        return Ok(None);
    };
    let Some(current) = conn.article_uid_at(&publication.path).await? else {
        return Ok(None);
    };
    let article = conn.article_by_uid(&current).await?;
    Ok(article.filter(Article::is_visible))
}
