//! The ActivityPub object of a note, and its replies.

use super::collections::{self, PAGE, Page, PageQuery, Part};
use crate::{
    federation::objects::{documents, notes::NoteDocument},
    protocol,
    store::{self, Note},
    web::{
        app::App,
        response::{self, Unannounced, WebError},
    },
};
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use serde_json::json;

/// Returns the ActivityPub object of a note.
pub(in crate::web) fn document(
    headers: &HeaderMap,
    note: &Note,
    written: &NoteDocument,
) -> Result<Response, WebError> {
    let document = serde_json::to_value(&written.document)?;
    let document = documents::post_in_context(&document);
    let mut response = response::activity(headers, document);
    if !note.announced {
        response
            .extensions_mut()
            .insert(Unannounced(note.uid.clone()));
    }
    Ok(response)
}

/// Returns the tombstone of a note that was deleted at this time, itself or with its actor.
pub(in crate::web) fn tombstone(
    app: &App,
    headers: &HeaderMap,
    note: &Note,
    gone_at: Option<i64>,
) -> Response {
    let id = app.node.urls().note_id(note);
    let deleted = crate::base::time::rfc3339(gone_at.unwrap_or_else(store::now));
    let tombstone = protocol::tombstone(&id, "Note", &deleted);
    response::gone(headers, documents::plain(&tombstone))
}

/// `GET /notes/{uid}/replies`: the ids of the replies to a note that is stored as a comment, oldest first.
pub(crate) async fn replies(
    State(app): State<App>,
    Path(uid): Path<String>,
    Query(query): Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let note = conn.note_by_uid(&uid).await?.filter(Note::is_visible);
    let note = note.ok_or(WebError::NotFound)?;
    let uri = app.node.urls().note_id(&note);
    let id = format!("{uri}/replies");
    let comment = conn.comment_by_uri(&uri).await?;
    let comment = comment.map_or(0, |comment| comment.id);
    let part = query.part()?;
    let after = match part {
        Part::Whole => {
            let total = conn.count_replies(comment).await?;
            return Ok(collections::whole(&headers, &id, total, true));
        }
        Part::First => 0,
        Part::From(number) => number,
    };
    let rows = conn.reply_uris_of_comment(comment, after, PAGE + 1).await?;
    let prev = match part {
        Part::From(_) => Some(conn.replies_page_before(comment, after, PAGE).await?),
        _ => None,
    };
    let page = Page::new(rows, prev, |(number, _)| *number, |(_, uri)| json!(uri));
    Ok(collections::page(&headers, &id, &part, page))
}
