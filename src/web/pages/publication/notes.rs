//! The list of the publication's notes.

use super::locale_of;
use crate::{
    federation::objects::notes::document,
    store::Cursor,
    web::{
        app::{App, own_link},
        pages::{
            lists::{ListQuery, PAGE, link_before},
            note::view,
        },
        response::{self, WebError, shared},
        views::{NotesPage, Paging},
    },
};
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};

/// `GET /notes`.
pub(crate) async fn index(
    State(app): State<App>,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let after = query.cursor()?;
    let mut conn = app.node.store.read().await?;
    let rows = conn.listed_notes(after, PAGE).await?;
    let newer = match query.before {
        None => None,
        Some(_) => Some(match conn.listed_notes_page_before(after, PAGE).await? {
            Some(cursor) => link_before("/notes", cursor),
            None => own_link("/notes"),
        }),
    };
    let last = rows.last().filter(|_| rows.len() as i64 == PAGE);
    let older = last.map(|last| {
        let cursor = Cursor {
            at: last.published_at,
            id: last.id,
        };
        link_before("/notes", cursor)
    });
    let mut notes = Vec::with_capacity(rows.len());
    for row in &rows {
        let locals = &app.node.local_actors;
        let author = locals.find(&mut conn, row.local_actor_id).await?;
        let written = document(&app.node, &mut conn, row, &author).await?;
        notes.push(view(&app, row, &author, written));
    }
    let page = NotesPage::new(
        &app.site,
        locale_of(&app).text("notes-title").into_owned(),
        own_link(&app.node.urls().at("/notes")),
        notes,
        Paging { newer, older },
    );
    response::page(&headers, app.render(&page), None).map(shared)
}
