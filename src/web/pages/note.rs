//! The page of a note.

use crate::{
    federation::objects::notes::{self, NoteDocument},
    node::local_actors::LocalActor,
    store::{self, Article, CommentState, Conn, Note, NoteState, StoreError},
    web::{
        activitypub,
        app::{App, own_link},
        comments,
        response::{self, Format, WebError, preferred_format, see_other, vary_by_accept},
        texts::{self, TextPlace},
        views::{self, Author, Avatar, Image, Link, NotePage},
    },
};
use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

/// `GET /notes/{uid}`: the page of a note, or its ActivityPub object.
pub(crate) async fn show(
    State(app): State<App>,
    Path(uid): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let format = preferred_format(&headers);
    if format == Format::Html
        && let Some(address) = address_of_guest_comment(&app, &mut conn, &uid).await?
    {
        return Ok(vary_by_accept(see_other(&address)));
    }
    let note = conn.note_by_uid(&uid).await?.ok_or(WebError::NotFound)?;
    if !note.is_visible() {
        return match (note.state, format) {
            (NoteState::Waiting, _) => Err(WebError::NotFound),
            (_, Format::Html) => Err(note.gone_at.map_or(WebError::Gone, WebError::GoneSince)),
            (_, Format::Activity) => Ok(activitypub::note::tombstone(
                &app,
                &headers,
                &note,
                note.gone_at,
            )),
        };
    }
    let locals = &app.node.local_actors;
    let author = locals.find(&mut conn, note.local_actor_id).await?;
    let written = notes::document(&app.node, &mut conn, &note, &author).await?;
    if format == Format::Activity {
        if author.row.is_gone() {
            let gone_at = author.row.gone_at;
            return Ok(activitypub::note::tombstone(&app, &headers, &note, gone_at));
        }
        return activitypub::note::document(&headers, &note, &written);
    }
    let mut view = view(&app, &note, &author, written);
    if let Some(image) = &mut view.image
        && image.size.is_none()
    {
        image.size = super::article::size_of(&app, image.url.as_str()).await;
    }
    let id = app.node.urls().note(&note.uid);
    let page = NotePage::new(&app.site, view);
    // The document has the same address.
    response::page(&headers, app.render(&page), Some(&id)).map(response::private)
}

/// Returns the address of the guest's comment with this uid, if there is one. It need not be federated.
async fn address_of_guest_comment(
    app: &App,
    conn: &mut Conn,
    uid: &str,
) -> Result<Option<String>, StoreError> {
    let comment = conn.comment_by_uri(&app.node.urls().note(uid)).await?;
    let Some(comment) =
        comment.filter(|found| found.guest_id.is_some() && found.state == CommentState::Visible)
    else {
        return Ok(None);
    };
    let article = conn.article_by_id(comment.article_id).await?;
    let article = article.filter(Article::is_visible);
    Ok(article.map(|article| comments::address_of(&article, comment.number)))
}

/// Builds the view of a note.
pub(super) fn view(
    app: &App,
    note: &Note,
    author: &LocalActor,
    written: NoteDocument,
) -> views::Note {
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
            size: image.width.zip(image.height),
        })
    });
    let place = TextPlace {
        language: &note.language,
        locale: texts::locale_of(app, &note.language),
        top_heading: 2,
        is_main: true,
        follows_picture: true,
    };
    let files = texts::files_of(&written.linked.media, urls);
    views::Note {
        author: Author {
            avatar: Avatar::initials(&name, &handle)
                .with_picture(comments::picture_of(app, author)),
            name,
            url: Some(own_link(
                &urls.profile(author.row.kind, &author.row.username),
            )),
            handle: Some(handle),
        },
        published: store::moment(note.published_at).into(),
        edited: note.edited_at.map(|time| store::moment(time).into()),
        language: note.language.clone(),
        in_reply_to: note.in_reply_to.as_deref().and_then(Link::parse),
        content_warning: note.content_warning.clone(),
        content: texts::decorated_html(&written.page, &files, place),
        image,
        permalink: own_link(&urls.note(&note.uid)),
    }
}
