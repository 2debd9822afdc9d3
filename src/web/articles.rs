//! An article by its id, by its permalink, and its collections.

use super::{
    actors::vary,
    addresses,
    answer::{self, Form},
    app::App,
    collections::{self, PAGE, Page, PageQuery, Part},
    pages,
    problem::WebError,
};
use crate::{
    content::Federate,
    federation::objects::{
        articles::{self, Writer, timestamp},
        documents,
        mentions::Linked,
        replies,
    },
    node::{permalinks, urls::permalink_path},
    protocol,
    store::{Article, Conn, Publication, StoreError},
};
use axum::{
    extract::{OriginalUri, Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use serde_json::json;

/// `GET /articles/{uid}`: the ActivityPub object, or its page for people.
pub async fn by_id(
    State(app): State<App>,
    Path(uid): Path<String>,
    headers: HeaderMap,
) -> Response {
    let served = async {
        let mut conn = app.node.store.read().await?;
        match conn.article_by_uid(&uid).await?.filter(Article::is_visible) {
            Some(article) if answer::preferred(&headers) == Form::Activity => {
                document(&app, &mut conn, &headers, &article).await
            }
            Some(article) => Ok(vary(addresses::see_other(
                &app.node.urls().permalink(&article),
            ))),
            None => Err(absent(&app, &headers, conn.publication(&uid).await?)),
        }
    };
    served
        .await
        .unwrap_or_else(|absence: Absence| absence.answer(&app, &headers))
}

/// `GET /{year}/{month}/{slug}`: the page, or the object for servers that were given this address.
pub async fn by_permalink(
    State(app): State<App>,
    Path((year, month, slug)): Path<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<pages::CommentQuery>,
    headers: HeaderMap,
) -> Response {
    let path = format!("/{year}/{month}/{slug}");
    let served = async {
        let mut conn = app.node.store.read().await?;
        let article = match standing(&mut conn, &slug, &path).await? {
            Standing::Here(article) => article,
            Standing::Moved(path) => return Ok(addresses::moved(&app, &path, uri.query())),
            Standing::Absent(told) => return Err(absent(&app, &headers, told)),
        };
        match answer::preferred(&headers) {
            Form::Activity => document(&app, &mut conn, &headers, &article).await,
            Form::Html => Ok(pages::article(&app, &mut conn, &headers, &article, &query).await?),
        }
    };
    served
        .await
        .unwrap_or_else(|absence: Absence| absence.answer(&app, &headers))
}

/// The resource at the path of a page.
pub(super) enum Standing {
    Here(Box<Article>),
    /// The article's current path, if it has moved.
    Moved(String),
    /// No visible article. If the last one there was federated, its publication.
    Absent(Option<Publication>),
}

/// Finds the resource at a path, which ends with a slug.
pub(super) async fn standing(
    conn: &mut Conn,
    slug: &str,
    path: &str,
) -> Result<Standing, StoreError> {
    let Some(uid) = permalinks::uid_at(conn, slug, path).await? else {
        return Ok(Standing::Absent(None));
    };
    let article = conn.article_by_uid(&uid).await?;
    let Some(article) = article.filter(Article::is_visible) else {
        return Ok(Standing::Absent(conn.publication(&uid).await?));
    };
    let now = permalink_path(article.published_at, &article.slug);
    Ok(match now == path {
        true => Standing::Here(Box::new(article)),
        false => Standing::Moved(now),
    })
}

/// Why there is no article to show.
enum Absence {
    Tombstone(Box<Response>),
    Error(WebError),
}

impl Absence {
    fn answer(self, app: &App, headers: &HeaderMap) -> Response {
        match self {
            Absence::Tombstone(response) => *response,
            Absence::Error(error) => error.answer(app, headers),
        }
    }
}

impl<E: Into<WebError>> From<E> for Absence {
    fn from(error: E) -> Self {
        Absence::Error(error.into())
    }
}

fn absent(app: &App, headers: &HeaderMap, told: Option<Publication>) -> Absence {
    let Some(told) = told.filter(|told| !told.is_live()) else {
        return Absence::Error(WebError::NotFound);
    };
    if answer::preferred(headers) == Form::Html || told.form == "no" {
        return Absence::Error(WebError::Gone);
    }
    let id = app.node.urls().article(&told.article_uid);
    let former = if told.form == "article" {
        "Article"
    } else {
        "Note"
    };
    let tombstone = protocol::tombstone(&id, former, &timestamp(told.gone_at.unwrap_or_default()));
    Absence::Tombstone(Box::new(answer::gone(
        headers,
        documents::plain(&tombstone),
    )))
}

async fn document(
    app: &App,
    conn: &mut Conn,
    headers: &HeaderMap,
    article: &Article,
) -> Result<Response, Absence> {
    let node = &app.node;
    let told = conn.publication(&article.uid).await?;
    let form = articles::form_to_send(article, told.as_ref(), &node.config);
    let Some(told) = told.filter(|_| form != Federate::No) else {
        return Err(Absence::Error(WebError::NotFound));
    };
    let author = node
        .local_actors
        .by_id(&node.store, told.local_actor_id)
        .await?;
    let site = node.site().await?;
    let writer = Writer {
        config: &node.config,
        urls: node.urls(),
        author: &author,
        site: &site,
    };
    let linked = Linked::of(node, conn, &article.markdown).await?;
    let replies = replies::of_article(conn, node.urls(), &article.uid, article.id).await?;
    let mut post = serde_json::to_value(writer.post(article, form, &linked, replies))
        .map_err(|error| WebError::Internal(error.into()))?;
    let totals = conn.article_totals(article.id).await?;
    // The numbers are shown by servers that fetch the article (Mastodon 4.3 and later).
    for (name, total) in [("likes", totals.likes), ("shares", totals.boosts)] {
        let id = format!("{}/{name}", node.urls().article(&article.uid));
        post[name] = json!({"id": id, "type": "OrderedCollection", "totalItems": total});
    }
    Ok(answer::activity(headers, documents::in_post_context(&post)))
}

/// `GET /articles/{uid}/{collection}`: `replies`, `context`, `likes` or `shares`.
pub async fn collection(
    State(app): State<App>,
    Path((uid, name)): Path<(String, String)>,
    Query(query): Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let gate = conn.article_gate_by_uid(&uid).await?;
    let article = gate
        .filter(|article| article.is_visible())
        .ok_or(WebError::NotFound)?;
    let id = format!("{}/{name}", app.node.urls().article(&uid));
    match name.as_str() {
        "replies" | "context" => {
            replies(
                &app,
                &mut conn,
                &headers,
                &id,
                &uid,
                article.id,
                query.part()?,
            )
            .await
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

/// The conversation by its comments' ids, oldest first; the context has the article itself before them.
async fn replies(
    app: &App,
    conn: &mut Conn,
    headers: &HeaderMap,
    id: &str,
    uid: &str,
    article_id: i64,
    part: Part,
) -> Result<Response, WebError> {
    let is_context = id.ends_with("/context");
    let after = match part {
        Part::Whole => {
            let total = conn.count_comments(article_id).await?;
            return match is_context {
                false => Ok(collections::whole(headers, id, total, true)),
                true => {
                    let owner = owner_of(app, conn, uid).await?;
                    Ok(collections::conversation(headers, id, &owner, total + 1))
                }
            };
        }
        Part::First => 0,
        Part::From(number) => number,
    };
    let mut rows = conn.reply_uris(article_id, after, PAGE + 1).await?;
    let prev = match part {
        Part::From(_) => Some(conn.reply_page_before(article_id, after, PAGE).await?),
        _ => None,
    };
    let root = (is_context && after == 0).then(|| json!(app.node.urls().article(uid)));
    let page = Page {
        next: collections::cut(&mut rows, |(number, _)| *number),
        prev,
        items: root
            .into_iter()
            .chain(rows.iter().map(|(_, uri)| json!(uri)))
            .collect(),
    };
    Ok(collections::page(headers, id, &part, page))
}

/// Whose the conversation about an article is: whose the article is, or else the site's.
async fn owner_of(app: &App, conn: &mut Conn, uid: &str) -> Result<String, WebError> {
    let told = conn.publication(uid).await?;
    let owner = told.map_or(app.node.site_id(), |told| told.local_actor_id);
    let local = app.node.local_actors.by_id(&app.node.store, owner).await?;
    Ok(local.uri.clone())
}
