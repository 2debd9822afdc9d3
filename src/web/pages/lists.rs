//! Lists of articles, and the pages of authors.

use super::{
    article::tags_of,
    authors::{author_of, bio_of, links_of, picture_of, pictures_of},
};
use crate::{
    base::time,
    content::{html::smart_text, markdown},
    federation::objects::pictures::{self, MediaRows},
    node::{Inner, urls::link_or_id},
    store::{Article, ArticleFilter, Conn, Cursor},
    web::{
        activitypub,
        app::{App, interact_url, own_link},
        response::{self, Format, WebError, preferred_format, see_other, shared, vary_by_accept},
        texts,
        views::{Author, Avatar, Link, NamedLink, Paging, Picture, Profile, ProfilePage, Summary},
    },
};
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;

/// The maximum number of entries on a page.
pub(super) const PAGE: i64 = 20;

/// `?before=`: date and id of the last article on the previous page, as `date-id`.
#[derive(Debug, Deserialize)]
pub(crate) struct ListQuery {
    pub(super) before: Option<String>,
}

impl ListQuery {
    /// Returns the position after which the list continues.
    pub(super) fn cursor(&self) -> Result<Cursor, WebError> {
        let Some(text) = &self.before else {
            return Ok(Cursor::START);
        };
        let parsed = text.rsplit_once('-').and_then(|(at, id)| {
            Some(Cursor {
                at: at.parse().ok()?,
                id: id.parse().ok()?,
            })
        });
        parsed.ok_or(WebError::NotFound)
    }
}

/// `GET /authors/{username}`.
pub(crate) async fn author(
    State(app): State<App>,
    Path(username): Path<String>,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let found = conn
        .author(&username)
        .await?
        .filter(|author| author.username == username);
    let Some(author) = found else {
        drop(conn);
        return Err(activitypub::actor::absent(&app, &username).await?);
    };
    let actor = conn.local_actor_of_author(author.id).await?;
    let files = pictures_of(&app, &mut conn, std::iter::once(&author)).await?;
    let picture = picture_of(&app, &author, &files);
    let bio = bio_of(&app, &mut conn, &author).await?;
    drop(conn);
    let urls = app.node.urls();
    let activity = actor.as_ref().map(|actor| urls.actor_id(actor));
    if let Some(id) = &activity
        && preferred_format(&headers) == Format::Activity
    {
        return Ok(vary_by_accept(see_other(id)));
    }
    let filter = ArticleFilter {
        author_id: Some(author.id),
    };
    let path = format!("/authors/{username}");
    let (articles, paging) = list(&app, &filter, &query, &path).await?;
    let permalink = own_link(&urls.at(&path));
    let profile = Profile {
        links: links_of(&author),
        author: Author {
            avatar: Avatar::initials(&author.name, &author.username)
                .with_picture(picture.as_ref().map(|picture| picture.url.clone())),
            handle: actor.as_ref().map(|actor| app.node.handle(actor)),
            url: Some(permalink.clone()),
            name: author.name,
        },
        bio_text: bio.as_ref().map(|bio| bio.to_text()).unwrap_or_default(),
        bio,
        picture,
        permalink,
        activity: activity.as_deref().map(own_link),
        follow: activity.as_deref().map(interact_url),
    };
    let moved = actor.as_ref().and_then(|actor| actor.moved_to.as_deref());
    let page = ProfilePage::new(&app.site, profile, articles, paging)
        .moved_to(moved_link(&app, moved).await?);
    response::page(&headers, app.render(&page), activity.as_deref()).map(shared)
}

/// Returns a link to the account to which a local actor moved.
pub(super) async fn moved_link(
    app: &App,
    moved_to: Option<&str>,
) -> Result<Option<NamedLink>, WebError> {
    let Some(id) = moved_to else {
        return Ok(None);
    };
    let known = app.node.store.read().await?.remote_actor(id).await?;
    let (label, url) = match known {
        Some(row) => (
            Inner::remote_handle(&row.username, &row.handle_host),
            link_or_id(row.url.as_deref(), id),
        ),
        None => (id.to_owned(), id.to_owned()),
    };
    Ok(Link::parse(&url).map(|url| NamedLink { label, url }))
}

pub(super) async fn list(
    app: &App,
    filter: &ArticleFilter,
    query: &ListQuery,
    path: &str,
) -> Result<(Vec<Summary>, Paging), WebError> {
    let after = query.cursor()?;
    let mut conn = app.node.store.read().await?;
    let rows = conn.articles(filter, after, PAGE).await?;
    let newer = match query.before {
        None => None,
        Some(_) => Some(match conn.article_page_before(filter, after, PAGE).await? {
            Some(cursor) => link_before(path, cursor),
            None => own_link(path),
        }),
    };
    let older = rows
        .last()
        .filter(|_| rows.len() as i64 == PAGE)
        .map(|last| {
            link_before(
                path,
                Cursor {
                    at: last.published_at,
                    id: last.id,
                },
            )
        });
    Ok((
        summaries(app, &mut conn, &rows).await?,
        Paging { newer, older },
    ))
}

/// Returns a link to the page of a list that begins after a cursor.
pub(super) fn link_before(path: &str, cursor: Cursor) -> Link {
    own_link(&format!("{path}?before={}-{}", cursor.at, cursor.id))
}

/// Builds list entries for articles, in their order.
pub(super) async fn summaries(
    app: &App,
    conn: &mut Conn,
    rows: &[Article],
) -> Result<Vec<Summary>, WebError> {
    let ids: Vec<i64> = rows.iter().map(|article| article.id).collect();
    let counts = conn.comment_counts(&ids).await?;
    let media = MediaRows::of_articles(conn, rows).await?;
    let summary = |article: &Article| {
        let language = article.language.as_ref().unwrap_or(&app.site.language);
        let (excerpt, picture) = beginning_of(app, article, &media, language);
        Summary {
            title: article.title.clone(),
            url: own_link(&app.node.urls().permalink(article)),
            author: author_of(app, article),
            published: time::from_millis(article.published_at).into(),
            language: language.clone(),
            excerpt,
            picture,
            tags: tags_of(app, article),
            comments: Some(counts.get(&article.id).copied().unwrap_or(0).unsigned_abs()),
        }
    };
    Ok(rows.iter().map(summary).collect())
}

/// Returns the excerpt of an article and its picture on this site. Behind a content warning there is only the warning.
fn beginning_of(
    app: &App,
    article: &Article,
    media: &MediaRows,
    language: &str,
) -> (String, Option<Picture>) {
    if let Some(warning) = &article.content_warning {
        return (warning.clone(), None);
    }
    let urls = app.node.urls();
    let base = url::Url::parse(&urls.permalink(article)).unwrap_or_else(|_| urls.base().clone());
    let rendered = markdown::render(&article.markdown, &base);
    let data = &app.node.config.data;
    let pictures = pictures::of_article(article, &rendered, media, urls, &base, data);
    let picture = pictures
        .iter()
        .find(|picture| picture.is_local && picture.is_picture());
    let excerpt = article
        .summary
        .clone()
        .unwrap_or_else(|| smart_text(&rendered.excerpt, language));
    (excerpt, picture.and_then(texts::picture_of))
}
