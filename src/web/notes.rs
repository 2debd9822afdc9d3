//! A note by its id: the ActivityPub object, or its page.

use super::{
    actors::vary,
    addresses,
    answer::{self, Form},
    app::{App, own_link},
    collections::{self, PAGE, Page, PageQuery, Part},
    guests, pages,
    pages::views::{Author, Avatar, Image, Link, Note as View, NotePage},
    problem::WebError,
};
use crate::{
    federation::objects::{articles::timestamp, documents, notes},
    node::local_actors::LocalActor,
    protocol,
    store::{self, Article, Conn, Note, StoreError},
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use serde_json::json;

/// `GET /notes/{uid}`.
pub async fn get(State(app): State<App>, Path(uid): Path<String>, headers: HeaderMap) -> Response {
    let served = async {
        let mut conn = app.node.store.read().await?;
        let is_activity = answer::preferred(&headers) == Form::Activity;
        if !is_activity && let Some(place) = place_of_guest(&app, &mut conn, &uid).await? {
            return Ok(vary(addresses::see_other(&place)));
        }
        let note = conn.note_by_uid(&uid).await?.ok_or(WebError::NotFound)?;
        if !note.is_visible() {
            return absent(&app, &headers, &note, is_activity);
        }
        let locals = &app.node.local_actors;
        let author = locals.by_id(&app.node.store, note.local_actor_id).await?;
        let written = notes::write(&app.node, &mut conn, &note, &author).await?;
        if is_activity {
            let document = serde_json::to_value(&written.document)
                .map_err(|error| WebError::Internal(error.into()))?;
            return Ok(answer::activity(
                &headers,
                documents::in_post_context(&document),
            ));
        }
        let mut view = view(&app, &note, &author, written);
        view.image = match view.image.take() {
            Some(image) => Some(pages::measured(&app, image).await),
            None => None,
        };
        let page = NotePage::new(&app.site, view);
        answer::page(
            &headers,
            page.render(),
            Some(&app.node.urls().note(&note.uid)),
        )
    };
    served
        .await
        .unwrap_or_else(|error: WebError| error.answer(&app, &headers))
}

/// `GET /notes/{uid}/replies`: the ids of the replies to a note that is stored as a comment, oldest first.
pub async fn replies(
    State(app): State<App>,
    Path(uid): Path<String>,
    Query(query): Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let note = conn.note_by_uid(&uid).await?.filter(Note::is_visible);
    note.ok_or(WebError::NotFound)?;
    let uri = app.node.urls().note(&uid);
    let id = format!("{uri}/replies");
    let comment = conn.comment_by_uri(&uri).await?;
    let comment = comment.map_or(0, |comment| comment.id);
    let part = query.part()?;
    let after = match part {
        Part::Whole => {
            let total = conn.count_answers(comment).await?;
            return Ok(collections::whole(&headers, &id, total, true));
        }
        Part::First => 0,
        Part::From(number) => number,
    };
    let mut rows = conn.answer_uris(comment, after, PAGE + 1).await?;
    let prev = match part {
        Part::From(_) => Some(conn.answer_page_before(comment, after, PAGE).await?),
        _ => None,
    };
    let page = Page {
        next: collections::cut(&mut rows, |(number, _)| *number),
        prev,
        items: rows.iter().map(|(_, uri)| json!(uri)).collect(),
    };
    Ok(collections::page(&headers, &id, &part, page))
}

/// Where a guest's comment with this id stands, for people: also one that never went to other servers.
async fn place_of_guest(
    app: &App,
    conn: &mut Conn,
    uid: &str,
) -> Result<Option<String>, StoreError> {
    let comment = conn.comment_by_uri(&app.node.urls().note(uid)).await?;
    let Some(comment) =
        comment.filter(|found| found.guest_id.is_some() && found.state == "visible")
    else {
        return Ok(None);
    };
    let article = conn.article_by_id(comment.article_id).await?;
    let article = article.filter(Article::is_visible);
    Ok(article.map(|article| guests::place_of(&article, comment.number)))
}

fn absent(
    app: &App,
    headers: &HeaderMap,
    note: &Note,
    is_activity: bool,
) -> Result<Response, WebError> {
    match (note.state.as_str(), is_activity) {
        ("waiting", _) => Err(WebError::NotFound),
        (_, false) => Err(WebError::Gone),
        (_, true) => {
            let id = app.node.urls().note(&note.uid);
            let deleted = timestamp(note.gone_at.unwrap_or_else(store::now));
            let tombstone = protocol::tombstone(&id, "Note", &deleted);
            Ok(answer::gone(headers, documents::plain(&tombstone)))
        }
    }
}

fn view(app: &App, note: &Note, author: &LocalActor, written: notes::Written) -> View {
    let urls = app.node.urls();
    let handle = app.node.handle(&author.row);
    let name = match &author.row.name {
        Some(name) => name.clone(),
        None => app.site.name.clone(),
    };
    let image = written.document.attachment.first().and_then(|image| {
        Some(Image {
            url: Link::parse(&image.url)?,
            alt: image.name.clone().unwrap_or_default(),
            size: None,
        })
    });
    View {
        author: Author {
            avatar: Avatar::initials(&name, &handle),
            name,
            url: Some(own_link(
                &urls.profile(author.row.kind, &author.row.username),
            )),
            handle: Some(handle),
        },
        published: store::moment(note.published_at).into(),
        language: note.language.clone(),
        in_reply_to: note.in_reply_to.as_deref().and_then(Link::parse),
        content_warning: note.content_warning.clone(),
        content: written.page,
        image,
        permalink: own_link(&urls.note(&note.uid)),
    }
}
