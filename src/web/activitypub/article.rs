//! The ActivityPub object of an article, and its collections.

use super::collections::{self, PAGE, Page, PageQuery, Part};
use crate::{
    base::time::rfc3339,
    content::FederatedForm,
    federation::objects::{
        articles::{self, Writer},
        documents,
        mentions::References,
        replies,
    },
    protocol,
    store::{Article, ArticleHeader, Conn, Publication},
    web::{
        app::App,
        response::{
            self, Format, Unannounced, WebError, preferred_format, see_other, vary_by_accept,
        },
    },
};
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use serde_json::json;

/// `GET /articles/{uid}`: the ActivityPub object, or a redirect to its page.
pub(crate) async fn show(
    State(app): State<App>,
    Path(uid): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    match conn.article_by_uid(&uid).await?.filter(Article::is_visible) {
        Some(article) if preferred_format(&headers) == Format::Activity => {
            document(&app, &mut conn, &headers, &article).await
        }
        Some(article) => {
            let permalink = app.node.urls().permalink(&article);
            Ok(vary_by_accept(see_other(&permalink)))
        }
        None => absent(&app, &headers, conn.publication(&uid).await?),
    }
}

/// Returns the tombstone of an article that was federated.
///
/// # Errors
/// `Gone` for a reader, `NotFound` if there never was an article.
pub(in crate::web) fn absent(
    app: &App,
    headers: &HeaderMap,
    publication: Option<Publication>,
) -> Result<Response, WebError> {
    let Some(publication) = publication.filter(|publication| !publication.is_live()) else {
        return Err(WebError::NotFound);
    };
    if preferred_format(headers) == Format::Html || publication.form == "no" {
        let gone_at = publication.gone_at;
        return Err(gone_at.map_or(WebError::Gone, WebError::GoneSince));
    }
    let gone_at = publication.gone_at.unwrap_or_default();
    Ok(tombstone(app, headers, &publication, gone_at))
}

fn tombstone(app: &App, headers: &HeaderMap, publication: &Publication, gone_at: i64) -> Response {
    let adopted = publication.object_uri.as_deref();
    let id = app
        .node
        .urls()
        .article_id(&publication.article_uid, adopted);
    let former_type = if publication.form == "article" {
        "Article"
    } else {
        "Note"
    };
    let tombstone = protocol::tombstone(&id, former_type, &rfc3339(gone_at));
    response::gone(headers, documents::plain(&tombstone))
}

/// Returns the ActivityPub object of an article; a tombstone if its actor was deleted, although its page stays.
pub(in crate::web) async fn document(
    app: &App,
    conn: &mut Conn,
    headers: &HeaderMap,
    article: &Article,
) -> Result<Response, WebError> {
    let node = &app.node;
    let publication = conn.publication(&article.uid).await?;
    let form = articles::form_to_send(article, publication.as_ref(), &node.config);
    let Some(publication) = publication.filter(|_| form != FederatedForm::No) else {
        return Err(WebError::NotFound);
    };
    let author = node
        .local_actors
        .find(conn, publication.local_actor_id)
        .await?;
    if let Some(gone_at) = author.row.gone_at {
        return Ok(tombstone(app, headers, &publication, gone_at));
    }
    let site = if author.row.id == node.site_id() {
        author.clone()
    } else {
        node.local_actors.find(conn, node.site_id()).await?
    };
    let writer = Writer {
        config: &node.config,
        urls: node.urls(),
        author: &author,
        site: &site,
    };
    let linked = References::of_article(node, conn, article).await?;
    let replies = replies::of_article(conn, node.urls(), &article.uid, article.id).await?;
    let mut post = serde_json::to_value(writer.post(article, form, &linked, replies))?;
    let totals = conn.article_totals(article.id).await?;
    // Mastodon shows these numbers since version 4.3.
    for (name, total) in [("likes", totals.likes), ("shares", totals.boosts)] {
        let id = format!("{}/{name}", node.urls().article(&article.uid));
        post[name] = json!({"id": id, "type": "OrderedCollection", "totalItems": total});
    }
    let mut response = response::activity(headers, documents::post_in_context(&post));
    if publication.announced {
        return Ok(response::shared(response));
    }
    // Each server that fetches it is noted, so that no cache may respond.
    let mark = Unannounced(publication.article_uid);
    response.extensions_mut().insert(mark);
    Ok(response)
}

/// `GET /articles/{uid}/{collection}`: `replies`, `context`, `likes` or `shares`.
pub(crate) async fn collection(
    State(app): State<App>,
    Path((uid, name)): Path<(String, String)>,
    Query(query): Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let header = conn.article_header_by_uid(&uid).await?;
    let article = header
        .filter(|article| article.is_visible())
        .ok_or(WebError::NotFound)?;
    let id = format!("{}/{name}", app.node.urls().article(&uid));
    match name.as_str() {
        "replies" | "context" => {
            replies(&app, &mut conn, &headers, &id, &article, query.part()?).await
        }
        "likes" | "shares" => {
            let totals = conn.article_totals(article.id).await?;
            let total = if name == "likes" {
                totals.likes
            } else {
                totals.boosts
            };
            Ok(collections::whole(&headers, &id, total, false))
        }
        _ => Err(WebError::NotFound),
    }
}

/// Returns the ids of an article's comments, oldest first. The context begins with the article itself.
async fn replies(
    app: &App,
    conn: &mut Conn,
    headers: &HeaderMap,
    id: &str,
    article: &ArticleHeader,
    part: Part,
) -> Result<Response, WebError> {
    let is_context = id.ends_with("/context");
    let (uid, article_id) = (&article.uid, article.id);
    let after = match part {
        Part::Whole => {
            let total = conn.count_comments(article_id).await?;
            if !is_context {
                return Ok(collections::whole(headers, id, total, true));
            }
            let owner = owner_of(app, conn, uid).await?;
            return Ok(collections::conversation(headers, id, &owner, total + 1));
        }
        Part::First => 0,
        Part::From(number) => number,
    };
    let rows = conn
        .comment_uris_of_article(article_id, after, PAGE + 1)
        .await?;
    let prev = match part {
        Part::From(_) => Some(conn.comments_page_before(article_id, after, PAGE).await?),
        _ => None,
    };
    let mut page = Page::new(rows, prev, |(number, _)| *number, |(_, uri)| json!(uri));
    if is_context && after == 0 {
        let adopted = article.object_uri.as_deref();
        let first = app.node.urls().article_id(uid, adopted);
        page.items.insert(0, json!(first));
    }
    Ok(collections::page(headers, id, &part, page))
}

/// Returns the owner of the conversation: the article's author, or else the site's actor.
async fn owner_of(app: &App, conn: &mut Conn, uid: &str) -> Result<String, WebError> {
    let publication = conn.publication(uid).await?;
    let owner = publication.map_or(app.node.site_id(), |publication| publication.local_actor_id);
    let local = app.node.local_actors.find(conn, owner).await?;
    Ok(local.uri.clone())
}
