//! Feeds of articles.

use super::{
    ENTRIES, FeedQuery,
    entry::{of_articles, of_notes},
    format::Format,
    model::{Entry, Feed},
    texts,
};
use crate::{
    content::{hashtag, markdown},
    store::{Article, ArticleFilter, Conn, Cursor, PostCursor, PostKind},
    web::{
        app::App,
        response::{WebError, moved_permanently, with_query},
    },
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use std::collections::HashMap;
use url::Url;

/// `GET /feed.{format}`.
pub(crate) async fn site(
    State(app): State<App>,
    Query(query): Query<FeedQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let format = Format::of(&uri)?;
    let mut conn = app.node.store.read().await?;
    let (entries, next) = list(&app, &mut conn, &ArticleFilter::default(), &query).await?;
    let feed = Feed {
        entries,
        next,
        ..frame(&app, app.site.name.clone(), "/", "/feed", query)
    };
    Ok(format.respond(&headers, &feed))
}

/// `GET /authors/{username}/feed.{format}`.
pub(crate) async fn author(
    State(app): State<App>,
    Path(username): Path<String>,
    Query(query): Query<FeedQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let format = Format::of(&uri)?;
    let mut conn = app.node.store.read().await?;
    let found = conn.author(&username).await?;
    let author = found
        .filter(|author| author.username == username)
        .ok_or(WebError::NotFound)?;
    let filter = ArticleFilter {
        author_id: Some(author.id),
    };
    let (entries, next) = list(&app, &mut conn, &filter, &query).await?;
    let page = format!("/authors/{username}");
    let title = texts::title_of_part(&author.name, &app.site.name);
    let bio = markdown::render(&author.bio, app.node.urls().base());
    let feed = Feed {
        description: bio.page.to_text(),
        entries,
        next,
        ..frame(&app, title, &page, &format!("{page}/feed"), query)
    };
    Ok(format.respond(&headers, &feed))
}

/// `GET /tags/{tag}/feed.{format}`: the articles and notes with a tag in any spelling.
pub(crate) async fn tag(
    State(app): State<App>,
    Path(tag): Path<String>,
    Query(query): Query<FeedQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let format = Format::of(&uri)?;
    let after = match &query.before {
        None => PostCursor::START,
        Some(text) => PostCursor::read(text).ok_or(WebError::NotFound)?,
    };
    let mut conn = app.node.store.read().await?;
    let posts = conn.posts_tagged(&tag, after, ENTRIES).await?;
    if posts.is_empty() && query.before.is_none() {
        return Err(WebError::NotFound);
    }
    let next = posts.last().filter(|_| posts.len() as i64 == ENTRIES);
    let next = next.map(ToString::to_string);
    let entries = tagged(&app, &mut conn, &posts).await?;
    if let Some(successor) = conn.successor_of_tag(&tag).await? {
        let file = uri.path().rsplit('/').next().unwrap_or_default();
        let urls = app.node.urls();
        let page = Url::parse(&urls.tag(&successor)).map_err(|_| WebError::NotFound)?;
        let target = with_query(&format!("{}/{file}", page.path()), uri.query());
        return Ok(moved_permanently(urls, &target));
    }
    let page = app.node.urls().tag(&tag);
    let title = texts::title_of_part(&spelling_of(&tag, &entries), &app.site.name);
    let feed = Feed {
        entries,
        next,
        description: String::new(),
        address: format!("{page}/feed"),
        page,
        ..frame(&app, title, "", "", query)
    };
    Ok(format.respond(&headers, &feed))
}

/// Returns a feed without entries, whose page and address are at these paths.
pub(super) fn frame(app: &App, title: String, page: &str, address: &str, query: FeedQuery) -> Feed {
    let (urls, site) = (app.node.urls(), &app.site);
    Feed {
        title,
        description: site.description.clone(),
        language: site.language.clone(),
        page: urls.at(page),
        address: urls.at(address),
        before: query.before,
        next: None,
        publisher: site.name.clone(),
        home: urls.home(),
        icon: urls.at("/icon-192.png"),
        entries: Vec::new(),
        labels: texts::labels(&site.language),
    }
}

/// Returns the articles after the position in the query, and the position of the last one if there may be more.
async fn list(
    app: &App,
    conn: &mut Conn,
    filter: &ArticleFilter,
    query: &FeedQuery,
) -> Result<(Vec<Entry>, Option<String>), WebError> {
    let after = match &query.before {
        None => Cursor::START,
        Some(text) => Cursor::read(text).ok_or(WebError::NotFound)?,
    };
    let rows = conn.articles(filter, after, ENTRIES).await?;
    let next = rows.last().filter(|_| rows.len() as i64 == ENTRIES);
    let next = next.map(|last| Cursor::of(last).to_string());
    Ok((of_articles(app, conn, &rows).await?, next))
}

async fn tagged(app: &App, conn: &mut Conn, posts: &[PostCursor]) -> Result<Vec<Entry>, WebError> {
    let ids = |kind: PostKind| -> Vec<i64> {
        let of_kind = posts.iter().filter(|post| post.kind == kind);
        of_kind.map(|post| post.id).collect()
    };
    let articles: Vec<Article> = conn.articles_by_ids(&ids(PostKind::Article)).await?;
    let notes = conn.notes_by_ids(&ids(PostKind::Note)).await?;
    let shown = of_articles(app, conn, &articles).await?;
    let shown_notes = of_notes(app, conn, &notes).await?;
    let article_ids = articles.iter().map(|row| (PostKind::Article, row.id));
    let note_ids = notes.iter().map(|row| (PostKind::Note, row.id));
    let mut by_post: HashMap<(PostKind, i64), Entry> = article_ids
        .zip(shown)
        .chain(note_ids.zip(shown_notes))
        .collect();
    let in_order = posts
        .iter()
        .filter_map(|post| by_post.remove(&(post.kind, post.id)));
    Ok(in_order.collect())
}

/// Returns the spelling of the tag in the newest article, or else the requested spelling.
fn spelling_of(tag: &str, entries: &[Entry]) -> String {
    let key = hashtag::key(tag);
    let mut tags = entries.iter().flat_map(|entry| &entry.tags);
    let known = tags.find(|other| hashtag::key(other) == key);
    known.cloned().unwrap_or_else(|| tag.to_owned())
}
