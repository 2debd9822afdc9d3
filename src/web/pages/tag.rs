//! The page of a tag: the articles and notes with the tag in any spelling.

use super::{
    authors::author_of_site,
    lists::{ListQuery, PAGE, summaries},
};
use crate::{
    base::time,
    content::{hashtag, markdown},
    store::{Article, Conn, Note, PostCursor, PostKind},
    web::{
        app::{App, own_link},
        response::{self, WebError, moved_permanently, shared, with_query},
        views::{Link, ListPage, Paging, Summary, title_of},
    },
};
use axum::{
    extract::{OriginalUri, Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use std::collections::HashMap;
use url::Url;

/// `GET /tags/{tag}`.
pub(crate) async fn show(
    State(app): State<App>,
    Path(tag): Path<String>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let address = app.node.urls().tag(&tag);
    let after = match &query.before {
        None => PostCursor::START,
        Some(text) => read_cursor(text).ok_or(WebError::NotFound)?,
    };
    let mut conn = app.node.store.read().await?;
    let posts = conn.posts_tagged(&tag, after, PAGE).await?;
    if posts.is_empty() && query.before.is_none() {
        return Err(WebError::NotFound);
    }
    let successor = conn.successor_of_tag(&tag).await?;
    if let Some(path) = canonical_path(&app, &tag, successor) {
        let target = with_query(&path, uri.query());
        return Ok(moved_permanently(app.node.urls(), &target));
    }
    let newer = match query.before {
        None => None,
        Some(_) => Some(match conn.tagged_page_before(&tag, after, PAGE).await? {
            Some(cursor) => link_before(&address, cursor),
            None => own_link(&address),
        }),
    };
    let is_full = posts.len() as i64 == PAGE;
    let last = posts.last().filter(|_| is_full);
    let older = last.map(|cursor| link_before(&address, *cursor));
    let listed = list(&app, &mut conn, &posts).await?;
    let name = spelling_of(&tag, &listed);
    let page = ListPage::titled(
        &app.site,
        app.site
            .locale
            .text_with("list-tagged", &[("tag", name.into())]),
        own_link(&address),
        listed,
        Paging { newer, older },
    )
    .with_feed(own_link(&format!("{address}/feed")));
    response::page(&headers, app.render(&page), None).map(shared)
}

/// Returns the path of the page of a tag if the tag is spelled in another way there, or became another one.
fn canonical_path(app: &App, tag: &str, successor: Option<String>) -> Option<String> {
    if let Some(successor) = successor {
        return path_of(app, &successor);
    }
    let key = hashtag::key(tag);
    let is_other = key != tag && hashtag::key(&key) == key;
    path_of(app, tag).filter(|_| is_other)
}

fn path_of(app: &App, tag: &str) -> Option<String> {
    let address = Url::parse(&app.node.urls().tag(tag)).ok()?;
    Some(address.path().to_owned())
}

/// Parses `?before=`: date, kind and id of the last post on the previous page.
fn read_cursor(text: &str) -> Option<PostCursor> {
    let (at, post) = text.rsplit_once('-')?;
    let (kind, id) = match post.strip_prefix('n') {
        Some(id) => (PostKind::Note, id),
        None => (PostKind::Article, post),
    };
    Some(PostCursor {
        at: at.parse().ok()?,
        kind,
        id: id.parse().ok()?,
    })
}

fn link_before(address: &str, cursor: PostCursor) -> Link {
    let kind = match cursor.kind {
        PostKind::Note => "n",
        PostKind::Article => "",
    };
    own_link(&format!(
        "{address}?before={}-{kind}{}",
        cursor.at, cursor.id
    ))
}

/// Returns the spelling of the tag in the newest article, or else the requested spelling.
fn spelling_of(tag: &str, listed: &[Summary]) -> String {
    let key = hashtag::key(tag);
    let mut tags = listed.iter().flat_map(|summary| &summary.tags);
    tags.find(|other| hashtag::key(&other.name) == key)
        .map_or_else(|| tag.to_owned(), |other| other.name.clone())
}

async fn list(app: &App, conn: &mut Conn, posts: &[PostCursor]) -> Result<Vec<Summary>, WebError> {
    let ids = |kind: PostKind| -> Vec<i64> {
        let of_kind = posts.iter().filter(|post| post.kind == kind);
        of_kind.map(|post| post.id).collect()
    };
    let articles: Vec<Article> = conn.articles_by_ids(&ids(PostKind::Article)).await?;
    let notes = conn.notes_by_ids(&ids(PostKind::Note)).await?;
    let shown = summaries(app, conn, &articles).await?;
    let article_ids = articles
        .iter()
        .map(|article| (PostKind::Article, article.id));
    let note_ids = notes.iter().map(|note| (PostKind::Note, note.id));
    let mut by_post: HashMap<(PostKind, i64), Summary> = article_ids
        .zip(shown)
        .chain(note_ids.zip(notes.iter().map(|note| note_summary(app, note))))
        .collect();
    let in_order = posts
        .iter()
        .filter_map(|post| by_post.remove(&(post.kind, post.id)));
    Ok(in_order.collect())
}

/// Builds the list entry of a note, without the text behind a content warning.
pub(super) fn note_summary(app: &App, note: &Note) -> Summary {
    let urls = app.node.urls();
    let rendered = markdown::render(&note.markdown, urls.base());
    let warning = note.content_warning.as_deref();
    let locale = app.site.locale_for(&note.language);
    let title = title_of(&rendered.page, warning, locale);
    let says_more = warning.is_none() && title != rendered.excerpt;
    Summary {
        title,
        url: own_link(&urls.note(&note.uid)),
        author: author_of_site(app),
        published: time::from_millis(note.published_at).into(),
        language: note.language.clone(),
        excerpt: if says_more {
            rendered.excerpt
        } else {
            String::new()
        },
        picture: None,
        tags: Vec::new(),
        comments: None,
    }
}
