//! The front page.

use super::{
    lists::{self, ListQuery, PAGE, link_before, moved_link, summaries},
    tag::note_summary,
};
use crate::{
    store::{Article, ArticleFilter, Conn, Cursor, PostCursor, PostKind},
    web::{
        app::{App, own_link},
        response::{self, Format, WebError, preferred_format, see_other, shared, vary_by_accept},
        views::{HomePage, Link, ListPage, Paging, Section, Summary},
    },
};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, Uri, header::LINK},
    response::Response,
};
use std::collections::HashSet;

/// The number of articles on the front page: the lead, and full rows of two or three.
const FRONT: i64 = 13;
/// The number of notes in the strip.
const NOTES: i64 = 3;
/// The maximum number of sections.
const SECTIONS: usize = 8;
/// The number of articles in a section.
const IN_SECTION: usize = 3;

/// The keys of queries by which WordPress names a post, a page, a file, an author and a comment.
const OBJECT_KEYS: [&str; 5] = ["p", "page_id", "attachment_id", "author", "c"];

/// `GET /`: the front page, a page of older articles, or a redirect to the site's actor for servers.
pub(crate) async fn show(
    State(app): State<App>,
    uri: Uri,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let site = app.node.site().await?;
    let actor = site.uri.clone();
    if preferred_format(&headers) == Format::Activity {
        if is_unknown(&uri) {
            return Err(WebError::NotFound);
        }
        return Ok(vary_by_accept(see_other(&actor)));
    }
    let html = if query.before.is_some() {
        let (articles, paging) = lists::list(&app, &ArticleFilter::default(), &query, "/").await?;
        let heading = app.site.locale.text("list-older-articles").into_owned();
        let page = ListPage::titled(&app.site, heading, app.site.home.clone(), articles, paging);
        app.render(&page)
    } else {
        let moved = moved_link(&app, site.row.moved_to.as_deref()).await?;
        let page = front_page(&app, own_link(&actor)).await?.moved_to(moved);
        app.render(&page)
    };
    let mut page = response::page(&headers, html, Some(&actor))?;
    // Clients that write posts find their endpoint here (Micropub, section 5.3).
    let endpoint = HeaderValue::from_static("</micropub>; rel=\"micropub\"");
    page.headers_mut().append(LINK, endpoint);
    Ok(shared(page))
}

/// Returns whether this is an address of something in WordPress, such as `/?p=999`. One that leads here never arrives here.
fn is_unknown(uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default().as_bytes();
    url::form_urlencoded::parse(query).any(|(key, _)| OBJECT_KEYS.contains(&key.as_ref()))
}

async fn front_page(app: &App, activity: Link) -> Result<HomePage<'_>, WebError> {
    let mut conn = app.node.store.read().await?;
    let filter = ArticleFilter::default();
    let mut rows = conn.articles(&filter, Cursor::START, FRONT).await?;
    let older = rows
        .last()
        .filter(|_| rows.len() as i64 == FRONT)
        .map(|last| link_before("/", cursor_of(last)));
    move_pinned_to_front(&mut conn, &mut rows).await?;
    let mut shown: HashSet<i64> = rows.iter().map(|article| article.id).collect();
    let articles = summaries(app, &mut conn, &rows).await?;
    let notes = conn.listed_notes(Cursor::START, NOTES).await?;
    let notes = notes.iter().map(|note| note_summary(app, note)).collect();
    let mut sections = Vec::new();
    for tag in app.node.config.site.sections.iter().take(SECTIONS) {
        sections.extend(section(app, &mut conn, tag, &mut shown).await?);
    }
    let paging = Paging { newer: None, older };
    Ok(HomePage::new(&app.site, activity, articles, paging).with(notes, sections))
}

/// Puts the last pinned article first. It need not be among the newest.
async fn move_pinned_to_front(conn: &mut Conn, rows: &mut Vec<Article>) -> Result<(), WebError> {
    let Some(id) = conn.pinned_lead().await? else {
        return Ok(());
    };
    match rows.iter().position(|article| article.id == id) {
        Some(index) => rows[..=index].rotate_right(1),
        None => {
            let found = conn.articles_by_ids(&[id]).await?;
            rows.splice(0..0, found);
        }
    }
    Ok(())
}

/// Returns the newest articles with a tag that the page does not show yet, and remembers them as shown.
async fn section(
    app: &App,
    conn: &mut Conn,
    tag: &str,
    shown: &mut HashSet<i64>,
) -> Result<Option<Section>, WebError> {
    let posts = conn.posts_tagged(tag, PostCursor::START, PAGE).await?;
    let is_new = |post: &&PostCursor| post.kind == PostKind::Article && !shown.contains(&post.id);
    let ids: Vec<i64> = posts
        .iter()
        .filter(is_new)
        .take(IN_SECTION)
        .map(|post| post.id)
        .collect();
    if ids.is_empty() {
        return Ok(None);
    }
    shown.extend(&ids);
    let mut rows = conn.articles_by_ids(&ids).await?;
    rows.sort_by_key(|article| ids.iter().position(|id| *id == article.id));
    let articles: Vec<Summary> = summaries(app, conn, &rows).await?;
    Ok(Some(Section {
        name: tag.to_owned(),
        url: own_link(&app.node.urls().tag(tag)),
        articles,
    }))
}

fn cursor_of(article: &Article) -> Cursor {
    Cursor {
        at: article.published_at,
        id: article.id,
    }
}
