//! The index of authors.

use super::locale_of;
use crate::{
    content::markdown,
    store::{ListedAuthor, Media},
    web::{
        app::{App, own_link},
        pages::authors::{links_of, picture_of, pictures_of},
        response::{self, WebError, shared},
        views::{Author, AuthorEntry, AuthorsPage, Avatar},
    },
};
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;

/// The maximum number of authors on a page.
const PAGE: i64 = 50;

/// `?after=`: the user name of the last author on the previous page.
#[derive(Debug, Deserialize)]
pub(crate) struct AuthorsQuery {
    after: Option<String>,
}

/// `GET /authors`.
pub(crate) async fn index(
    State(app): State<App>,
    Query(query): Query<AuthorsQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let after = match &query.after {
        None => (String::new(), 0),
        Some(username) => {
            let found = conn.author(username).await?;
            let found = found.filter(|author| author.username == *username);
            let author = found.ok_or(WebError::NotFound)?;
            (author.name, author.id)
        }
    };
    let rows = conn.listed_authors((&after.0, after.1), PAGE + 1).await?;
    let shown = &rows[..rows.len().min(PAGE as usize)];
    let next = shown.last().filter(|_| rows.len() > shown.len());
    let next = next.map(|last| own_link(&format!("/authors?after={}", last.author.username)));
    let files = pictures_of(&app, &mut conn, shown.iter().map(|row| &row.author)).await?;
    let page = AuthorsPage::new(
        &app.site,
        locale_of(&app).text("authors-title").into_owned(),
        own_link(&app.node.urls().at("/authors")),
        shown.iter().map(|row| entry(&app, row, &files)).collect(),
        next,
    );
    response::page(&headers, app.render(&page), None).map(shared)
}

fn entry(app: &App, row: &ListedAuthor, files: &[Media]) -> AuthorEntry {
    let author = &row.author;
    let picture = picture_of(app, author, files).map(|picture| picture.url);
    AuthorEntry {
        author: Author {
            avatar: Avatar::initials(&author.name, &author.username).with_picture(picture),
            name: author.name.clone(),
            handle: None,
            url: Some(own_link(&format!("/authors/{}", author.username))),
        },
        bio: markdown::render(&author.bio, app.node.urls().base()).excerpt,
        links: links_of(author),
        articles: row.articles,
    }
}
